//! Acts that wait for a person's word: armed by a preview, disarmed by drift, Esc, loss of focus, or a minute without a key. How much must be
//! typed follows what it risks. It must not know how an act is carried.

use super::field::Field;
use super::key::{Code, Key};
use crate::incident::command::Refusal;
use crate::incident::intent::{Act, Intended};
use crate::incident::risk::Risk;
use crate::incident::said;
use crate::incident::switch::Plan;
use crate::incident::time::{SECOND, Span, Time};
use crate::incident::tried::SET_BACK;

/// How long an armed act waits without a key.
const PATIENCE: Span = Span(60 * SECOND);
/// An Enter that comes so soon after another, or after it was armed, is a key that is held down, or was meant for what stood there before.
pub(super) const HELD: Span = Span(700_000);
/// A name whose letters all come within this time was not typed by a person.
const BURST: Span = Span(30_000);

/// One act of those that are armed together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Armed {
    /// The act, without what only the confirmation knows.
    pub draft: Intended,
    /// What it would do.
    pub plan: Plan,
    /// The value that was seen last before it was armed: the plan's own words tell more, such as who is served something else.
    pub seen: Option<String>,
    /// What its provider called the state that was seen then.
    pub version: Option<String>,
    /// It was planned anew: the next look that is asked for says what was seen, because the last one is older than the plan.
    pub adopts: bool,
}

/// What a field of the confirmation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The exact name.
    Name,
    /// The reason.
    Why,
    /// When it is to be put back.
    Until,
    /// What is expected to follow.
    Expect,
    /// Why it cannot wait for a second person.
    Glass,
}

/// What is armed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// The acts, in the order in which they are sent.
    pub armed: Vec<Armed>,
    /// What of a plan is so already and is left out, by name.
    pub so_already: Vec<String>,
    /// What somebody changed since it was planned before, one sentence each.
    pub meanwhile: Vec<String>,
    /// What must be typed: environment and name, or the plan's name.
    pub exact: String,
    /// The plan that they are, by name.
    pub plan: Option<String>,
    /// What it risks.
    pub risk: Risk,
    /// Nothing is sent until somebody else agrees: this only asks for it.
    pub asks_second: bool,
    /// The fields, in the order of asking.
    pub fields: Vec<(Slot, Field)>,
    /// The field with the cursor.
    pub active: usize,
    /// What stood against the last try.
    pub refusal: Option<String>,
    /// Why it is disarmed. It stays where it is until a person answers it, so that what is being typed goes nowhere else.
    pub off: Option<String>,
    /// How many seconds of its clock pass in a thousand real ones: a drill's may run faster than hands.
    pub speed_milli: u32,
    /// When it was armed.
    pub since: Time,
    /// When it was armed, and the last key.
    pub last_key: Time,
    /// The last Enter, or when it was armed, while no other key came since.
    entered: Option<Time>,
    first_letter: Option<Time>,
    last_letter: Option<Time>,
}

/// What a key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It waits on.
    Waiting,
    /// It goes: write the intents down.
    Go(Vec<Intended>),
    /// It was called off.
    Off,
    /// It was disarmed, and the person wants to look again.
    Again,
}

impl Confirm {
    /// Arms acts. `asks_second`: somebody else has to agree, and nobody has yet.
    pub fn new(armed: Vec<Armed>, exact: String, risk: Risk, asks_second: bool, now: Time) -> Confirm {
        let mut fields = Vec::new();
        if risk.wants_name() {
            fields.push((Slot::Name, Field::new("type", "the exact name, then Enter")));
        }
        let why = match risk {
            Risk::Medium => Field::new("why", "in a few words, for the record"),
            _ => Field::new("why", "for the record").optional(),
        };
        fields.push((Slot::Why, why));
        let all = |is: fn(&Intended) -> bool| armed.iter().all(|one| is(&one.draft));
        // what somebody else asked for ends as they asked for it
        if all(|draft| draft.leaves() && draft.confirms.is_none()) {
            let until = Field::new("until", "23:30 or 30m: then put back, or asked about").optional();
            let expect = Field::new("expect", "40 by 23:02: at most so many bad a minute").optional();
            fields.extend([(Slot::Until, until), (Slot::Expect, expect)]);
        }
        if asks_second && all(Intended::narrows) {
            let glass = Field::new("alone", "sends it now without a second person: why").optional();
            fields.push((Slot::Glass, glass));
        }
        Confirm {
            armed,
            so_already: Vec::new(),
            meanwhile: Vec::new(),
            exact,
            plan: None,
            risk,
            asks_second,
            fields,
            active: 0,
            refusal: None,
            off: None,
            speed_milli: 1_000,
            since: now,
            last_key: now,
            entered: Some(now),
            first_letter: None,
            last_letter: None,
        }
    }

    /// Whoever asked for it gave this reason: Enter takes it, the first letter replaces it.
    pub fn suggest_why(&mut self, why: &str) {
        for (_, field) in self.fields.iter_mut().filter(|(slot, _)| *slot == Slot::Why && !why.is_empty()) {
            *field = std::mem::take(field).suggested(why);
        }
    }

    /// The first act, which stands for all where they are one.
    pub fn first(&self) -> Option<&Armed> {
        self.armed.first()
    }
    /// It is about this switch.
    pub fn is_about(&self, target: &str) -> bool {
        self.armed.iter().any(|one| one.draft.target == target)
    }
    /// The exact name must be typed.
    pub fn typed_name(&self) -> bool {
        self.fields.iter().any(|(slot, _)| *slot == Slot::Name)
    }
    /// What is done, for its title.
    pub fn deed(&self) -> String {
        self.first().map(|one| one.draft.deed()).unwrap_or_default()
    }
    /// Enter only asks for it: somebody else is needed, and nobody said why it cannot wait.
    pub fn only_asks(&self) -> bool {
        self.asks_second && self.text(Slot::Glass).is_empty()
    }
    /// The act that stands for all.
    pub fn act(&self) -> Act {
        self.first().map(|one| one.draft.act).unwrap_or_default()
    }

    /// Why it goes no more without a person's looking again: it has waited too long, or nobody can say how long.
    pub fn stale(&self, now: Time) -> Option<&'static str> {
        match () {
            () if self.off.is_some() => None,
            () if self.last_key.since(now) > SET_BACK => Some("The clock was set back."),
            () if self.left(now) == Span(0) => Some("Nobody pressed a key for a minute."),
            () => None,
        }
    }
    /// How long it waits on for a key, in real time.
    pub fn left(&self, now: Time) -> Span {
        Span(PATIENCE.0.saturating_sub(self.passed(self.last_key, now).0).max(0))
    }
    /// How much real time passes from one moment of its clock to another.
    fn passed(&self, from: Time, to: Time) -> Span {
        Span(to.since(from).0.saturating_mul(1_000) / i64::from(self.speed_milli.max(1)))
    }

    /// Something stands against letting people in again: the exact name must be typed, whoever took it away and when.
    pub fn raise(&mut self, why: &str) {
        if !self.typed_name() {
            self.risk = Risk::Widening;
            self.fields.insert(0, (Slot::Name, Field::new("type", "the exact name, then Enter")));
            self.active = 0;
            self.refusal = Some(format!("{}. Type {} to do it all the same.", why.trim_end_matches('.'), self.exact));
        }
    }

    /// Disarms it: nothing that is typed now can send it.
    pub fn disarm(&mut self, why: String) {
        self.forget_name();
        self.refusal = None;
        self.off = Some(why);
    }

    fn forget_name(&mut self) {
        for (_, name) in self.fields.iter_mut().filter(|(slot, _)| *slot == Slot::Name) {
            *name = Field::new(name.label, name.hint.clone());
        }
        (self.first_letter, self.last_letter) = (None, None);
    }

    /// Takes a key.
    pub fn key(&mut self, key: Key, now: Time) -> Answer {
        self.last_key = now;
        if self.off.is_some() {
            return match key.code {
                Code::Esc => Answer::Off,
                Code::Enter => Answer::Again,
                _ => Answer::Waiting,
            };
        }
        let fields = self.fields.len().max(1);
        let entered = self.entered.take();
        match key.code {
            Code::Esc => return Answer::Off,
            Code::Tab | Code::Down => self.active = (self.active + 1) % fields,
            Code::BackTab | Code::Up => self.active = (self.active + fields - 1) % fields,
            Code::Enter => {
                self.entered = Some(now);
                let answer = self.enter(now);
                if matches!(answer, Answer::Go(_)) && entered.is_some_and(|last| self.passed(last, now) < HELD) {
                    self.refusal =
                        Some("That Enter came too soon to be meant for this. Read it, then press Enter.".into());
                    return Answer::Waiting;
                }
                return answer;
            }
            _ => {
                if let Some((slot, field)) = self.fields.get_mut(self.active) {
                    field.key(key);
                    if *slot == Slot::Name && key.typed().is_some() {
                        let first = field.text().chars().count() <= 1;
                        self.first_letter = if first { Some(now) } else { self.first_letter.or(Some(now)) };
                        self.last_letter = Some(now);
                    }
                }
                self.refusal = None;
            }
        }
        Answer::Waiting
    }

    /// What a field says.
    pub fn text(&self, slot: Slot) -> &str {
        self.fields.iter().find(|(known, _)| *known == slot).map_or("", |(_, field)| field.text().trim())
    }

    /// Takes pasted text, as a field of a prompt does; the exact name is typed by hand.
    pub fn paste(&mut self, text: &str) {
        if self.off.is_some() {
            return;
        }
        self.refusal = match self.fields.get_mut(self.active) {
            Some((Slot::Name, _)) => Some("A name is typed by hand, not pasted.".into()),
            Some((_, field)) => {
                field.insert(text);
                None
            }
            None => None,
        };
        // whatever came with it is not an Enter that was pressed after reading
        self.entered = Some(self.last_key);
    }

    fn refuse(&mut self, slot: Slot, words: String) -> Answer {
        self.refusal = Some(words);
        if let Some(place) = self.fields.iter().position(|(known, _)| *known == slot) {
            self.active = place;
        }
        Answer::Waiting
    }

    fn enter(&mut self, now: Time) -> Answer {
        if self.typed_name() {
            if self.text(Slot::Name) != self.exact {
                let words = format!("Type {} exactly; Esc leaves everything as it is.", self.exact);
                return self.refuse(Slot::Name, words);
            }
            let took = self.first_letter.zip(self.last_letter).map(|(first, last)| self.passed(first, last));
            if took.is_none_or(|took| took < BURST) && self.exact.chars().count() > 3 {
                self.forget_name();
                return self.refuse(Slot::Name, "Those letters came all at once. Type the name by hand.".into());
            }
        }
        let (why, alone) = (self.text(Slot::Why), self.text(Slot::Glass));
        let why = [why, alone].into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; ");
        if let Err(Refusal { why, instead }) = self.risk.check_reason(&why) {
            return self.refuse(Slot::Why, format!("{why} {instead}"));
        }
        let until = match self.text(Slot::Until) {
            "" => None,
            text => match said::ahead(text, now) {
                Some(at) => Some(at),
                None => {
                    let words = format!("\"{text}\" is not a time to come.");
                    return self.refuse(Slot::Until, words);
                }
            },
        };
        let expected = match self.text(Slot::Expect) {
            "" => None,
            text => match expectation(text, now) {
                Some(expected) => Some(expected),
                None => {
                    let words = format!("\"{text}\" is not a number of bad events a minute and a time: 40 by 23:02.");
                    return self.refuse(Slot::Expect, words);
                }
            },
        };
        let done = |one: &Armed| Intended {
            from: Some(one.plan.from.clone()),
            to: Some(one.plan.to.clone()),
            before: Some(one.plan.before.clone()),
            why: why.clone(),
            until: until.or(one.draft.until),
            expect_max: expected.map(|(most, _)| most).or(one.draft.expect_max),
            expect_by: expected.map(|(_, by)| by).or(one.draft.expect_by),
            glass: !self.text(Slot::Glass).is_empty(),
            ..one.draft.clone()
        };
        Answer::Go(self.armed.iter().map(done).collect())
    }
}

/// Reads "40 by 23:02", "under 40 in 5m", "40/min by 23:02": the most bad events a minute, and by when.
pub fn expectation(text: &str, now: Time) -> Option<(u64, Time)> {
    let text = text.trim().strip_prefix("bad").unwrap_or(text.trim()).trim_start();
    let text = text.strip_prefix("under").unwrap_or(text).trim_start();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (most, rest) = text.split_at_checked(digits)?;
    let rest = rest.strip_prefix("/min").unwrap_or(rest).trim();
    let at = said::ahead(rest.strip_prefix("by ").unwrap_or(rest), now)?;
    Some((most.parse().ok()?, at))
}

#[cfg(test)]
mod tests;
