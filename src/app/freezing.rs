//! What is asked when releases are frozen, lifted or let pass, and what the answers mean. It must not know whether it is allowed.

use super::App;
use super::field::Field;
use super::prompt::{Kind, Prompt};
use crate::incident::entry::EntryId;
use crate::incident::hold::{Cause, HoldPlaced, PassGranted, PassWithdrawn};
use crate::incident::lifting::{LiftWithdrawn, Lifting};
use crate::incident::second::Two;
use crate::incident::time::Time;

/// What a budget is blamed for: taken back by emptying the field.
const BECAUSE: &str = "because";
/// What a budget's hold is lifted with.
const REVIEW: &str = "review";
/// The field into which a scope is typed to confirm what it is about.
const CONFIRM: &str = "type";

/// What is frozen and why; what the budget proposes is filled in.
pub(super) fn freeze(app: &App) -> Vec<Field> {
    let proposed = app.proposal().filter(|proposal| proposal.freeze);
    let why = proposed.as_ref().map_or("", |proposal| proposal.why.as_str());
    let mut fields = vec![
        Field::new("scope", "prod, prod/api or prod/*").suggested(&app.gate.scope),
        Field::new("why", "what must be understood first").suggested(why),
        until(),
    ];
    if proposed.is_some_and(|proposal| proposal.budget.is_some()) {
        let because = Field::new(BECAUSE, "empty when it is not the budget").optional();
        fields.push(because.suggested("budget: a review lifts it"));
    }
    fields
}

/// What lifting a hold takes: of one's own nothing but Enter, of a budget's a review, of somebody else's a reason and its scope.
pub(super) fn lift(app: &App, id: EntryId) -> Vec<Field> {
    let Some(hold) = app.standing.holds().find(id) else { return Vec::new() };
    let is_own = hold.by == *app.person.name;
    let why = Field::new("why", "");
    let mut fields = vec![if is_own || hold.asks_review() { why.optional() } else { why }];
    if hold.asks_review() {
        fields.push(Field::new(REVIEW, "an address or a line: what was learnt").optional());
        fields.push(Field::new("glass", "why without one; the review is owed then").optional());
    }
    if !is_own {
        fields.push(Field::new(CONFIRM, "the exact scope, by hand").by_hand());
    }
    fields
}

/// What agreeing to a lift takes: the same scope once more. Why, and with which review, was said by whoever asked.
pub(super) fn confirm() -> Vec<Field> {
    vec![Field::new(CONFIRM, "the exact scope, by hand").by_hand()]
}

/// What is lifted: what has to be typed stood in the list that the prompt lies over.
pub(super) fn title(app: &App, kind: Kind) -> Option<String> {
    let find = |id| app.standing.holds().find(id);
    let (verb, hold) = match kind {
        Kind::Lift(id) => find(id).map(|hold| (if app.lift_asks(hold) { "Ask to lift" } else { "Lift" }, hold))?,
        Kind::ConfirmLift { hold, .. } => ("Confirm: lift", find(hold)?),
        Kind::WithdrawLift(asked) => ("No longer ask to lift", find(app.standing.lifts().find(asked)?.what.hold)?),
        _ => return None,
    };
    Some(format!("{verb} {} of {} by {}", hold.called(), hold.what.scope, hold.by))
}

/// A red probe stands against the lift: a reason and the exact scope are asked for, of one's own hold too.
pub(super) fn raise(prompt: &mut Prompt) {
    if prompt.fields.iter().all(|field| field.label != CONFIRM) {
        prompt.fields.push(Field::new(CONFIRM, "the exact scope, by hand: a probe is red").by_hand());
    }
    let why = prompt.fields.iter_mut().filter(|field| field.label == "why");
    why.for_each(|field| field.optional = false);
}

/// Which build may pass.
pub(super) fn pass(app: &App) -> Vec<Field> {
    vec![
        Field::new("to", "prod, prod/api or prod/*").suggested(&app.gate.scope),
        Field::new("build", "a commit, 7 digits of it or more, or a tag"),
        Field::new("why", "the fix"),
        Field::new("until", "23:30 or 2h: every hold until then; without it those that stand now").optional(),
    ]
}

/// Where the cursor begins: what is typed at once is what nobody else can know. A scope is suggested, and a budget's hold wants its review.
pub(super) fn first(kind: Kind, fields: &[Field]) -> usize {
    let is_open = |field: &Field| !field.optional && field.text().is_empty();
    let first = match kind {
        Kind::Freeze | Kind::Pass => fields.iter().position(is_open),
        Kind::Lift(_) => fields.iter().position(|field| field.label == REVIEW),
        _ => None,
    };
    first.unwrap_or(0)
}

fn until() -> Field {
    Field::new("until", "23:30 or 2h; without it until it is lifted").optional()
}

impl Prompt {
    /// The hold that is asked for; what a budget proposed is its cause unless somebody took that out.
    pub(super) fn hold(&self, until: Option<Time>) -> HoldPlaced {
        let budget = self.budget.clone().filter(|_| self.labelled(BECAUSE).is_some());
        HoldPlaced {
            scope: self.text(0).into(),
            why: self.text(1).into(),
            until,
            name: None,
            cause: budget.as_ref().map(|_| Cause::Budget),
            left_ppm: budget.as_ref().and_then(|(_, left)| *left),
            slo: budget.map(|(slo, _)| slo),
            incident: None,
        }
    }

    /// The lift that is asked for.
    pub(super) fn lifting(&self, hold: EntryId) -> Lifting {
        Lifting {
            hold,
            why: self.labelled("why").unwrap_or_default(),
            review: self.labelled(REVIEW),
            glass: self.labelled("glass"),
            typed: self.labelled(CONFIRM),
            red: None,
            incident: None,
            two: Two::Never,
            confirms: None,
        }
    }

    /// The pass that is asked for.
    pub(super) fn granted(&self, until: Option<Time>) -> PassGranted {
        PassGranted {
            scope: self.text(0).into(),
            reference: self.text(1).into(),
            why: self.text(2).into(),
            until,
            incident: None,
        }
    }

    /// That a lift is not asked for any more.
    pub(super) fn not_asked(&self, asked: EntryId) -> LiftWithdrawn {
        LiftWithdrawn { asked, scope: String::new(), why: self.text(0).into(), incident: None }
    }

    /// The withdrawal that is asked for.
    pub(super) fn withdrawn(&self, pass: EntryId) -> PassWithdrawn {
        PassWithdrawn { pass, reference: String::new(), why: self.text(0).into(), incident: None }
    }
}
