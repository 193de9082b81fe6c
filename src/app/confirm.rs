//! An act that waits for the exact name of its target: armed by a preview, disarmed by drift, Esc, loss of focus, or a minute
//! without a key. It must not know how the act is carried.

use super::field::Field;
use super::key::{Code, Key};
use crate::incident::entry::EntryId;
use crate::incident::intent::{Act, Intended};
use crate::incident::switch::Plan;
use crate::incident::time::{SECOND, Span, Time};

/// How long an armed act waits without a key.
const PATIENCE: Span = Span(60 * SECOND);
/// A name whose letters all come within this time was not typed by a person.
const BURST: Span = Span(30_000);

/// An armed act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    /// The switch, by name.
    pub target: String,
    /// What must be typed: environment and name.
    pub exact: String,
    /// The act.
    pub act: Act,
    /// What it would do.
    pub plan: Plan,
    /// The name must be typed; else Enter is enough.
    pub typed_name: bool,
    /// The act that this one takes back.
    pub reverts: Option<EntryId>,
    /// The name as typed so far, and why.
    pub fields: [Field; 2],
    /// The field with the cursor.
    pub active: usize,
    /// What stood against the last try.
    pub refusal: Option<String>,
    /// Why it is disarmed. It stays where it is until a person answers it, so that what is being typed goes nowhere else.
    pub off: Option<String>,
    /// How many seconds of its clock pass in a thousand real ones: a drill's may run faster than hands.
    pub speed_milli: u32,
    /// When it was armed, and the last key.
    pub last_key: Time,
    first_letter: Option<Time>,
    last_letter: Option<Time>,
}

/// What a key did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It waits on.
    Waiting,
    /// It goes: write the intent down.
    Go(Box<Intended>),
    /// It was called off.
    Off,
    /// It was disarmed, and the person wants to look again.
    Again,
}

impl Confirm {
    /// Arms an act.
    pub fn new(target: String, exact: String, act: Act, plan: Plan, now: Time) -> Confirm {
        let name = Field::new("type", "the exact name, then Enter");
        let why = Field::new("why", "for the record").optional();
        Confirm {
            target,
            exact,
            act,
            plan,
            typed_name: true,
            reverts: None,
            fields: [name, why],
            active: 0,
            refusal: None,
            off: None,
            speed_milli: 1_000,
            last_key: now,
            first_letter: None,
            last_letter: None,
        }
    }

    /// It has waited too long.
    pub fn is_stale(&self, now: Time) -> bool {
        self.off.is_none() && self.left(now) == Span(0)
    }
    /// How long it waits on for a key, in real time.
    pub fn left(&self, now: Time) -> Span {
        Span(PATIENCE.0.saturating_sub(self.passed(self.last_key, now).0).max(0))
    }
    /// How much real time passes from one moment of its clock to another.
    fn passed(&self, from: Time, to: Time) -> Span {
        Span(to.since(from).0.saturating_mul(1_000) / i64::from(self.speed_milli.max(1)))
    }

    /// Disarms it: nothing that is typed now can send it.
    pub fn disarm(&mut self, why: String) {
        let [name, _] = &mut self.fields;
        *name = Field::new(name.label, name.hint);
        (self.first_letter, self.last_letter) = (None, None);
        self.refusal = None;
        self.off = Some(why);
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
        match key.code {
            Code::Esc => return Answer::Off,
            Code::Tab | Code::BackTab | Code::Down | Code::Up => self.active = 1 - self.active.min(1),
            Code::Enter => return self.enter(),
            _ => {
                let naming = self.active == 0;
                if let Some(field) = self.fields.get_mut(self.active) {
                    field.key(key);
                    if naming && key.typed().is_some() {
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

    fn enter(&mut self) -> Answer {
        let [name, why] = &self.fields;
        if self.typed_name {
            if name.text().trim() != self.exact {
                self.refusal = Some(format!("Type {} exactly; Esc leaves everything as it is.", self.exact));
                self.active = 0;
                return Answer::Waiting;
            }
            let took = self.first_letter.zip(self.last_letter).map(|(first, last)| self.passed(first, last));
            if took.is_none_or(|took| took < BURST) && self.exact.chars().count() > 3 {
                self.refusal = Some("Those letters came all at once. Type the name by hand.".into());
                let [name, _] = &mut self.fields;
                *name = Field::new(name.label, name.hint);
                (self.first_letter, self.last_letter) = (None, None);
                return Answer::Waiting;
            }
        }
        Answer::Go(Box::new(Intended {
            act: self.act,
            target: self.target.clone(),
            from: Some(self.plan.from.clone()),
            to: Some(self.plan.to.clone()),
            before: Some(self.plan.before.clone()),
            why: why.text().trim().into(),
            update: None,
            reverts: self.reverts,
            ..Intended::default()
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::key::parse_run;

    fn armed() -> Confirm {
        let plan = Plan { from: "1823".into(), to: "1822".into(), before: "{}".into(), ..Plan::default() };
        Confirm::new("release".into(), "production/release".into(), Act::Stop, plan, Time(0))
    }
    fn type_in(confirm: &mut Confirm, keys: &str, apart: i64) -> Answer {
        let mut answer = Answer::Waiting;
        for (i, key) in (0..).zip(parse_run(keys).expect("keys")) {
            answer = confirm.key(key, Time(1 + i * apart));
        }
        answer
    }
    const NAME: &str = "p r o d u c t i o n / r e l e a s e";

    #[test]
    fn the_exact_name_typed_by_hand_goes() {
        let answer = type_in(&mut armed(), &format!("{NAME} <enter>"), 90_000);
        assert!(matches!(answer, Answer::Go(act) if act.to.as_deref() == Some("1822")));
    }
    #[test]
    fn another_name_does_not_and_says_what_is_missing() {
        let mut confirm = armed();
        assert_eq!(type_in(&mut confirm, "r e l e a s e <enter>", 90_000), Answer::Waiting);
        assert!(confirm.refusal.is_some_and(|r| r.contains("production/release")));
    }
    #[test]
    fn a_burst_of_letters_does_not_go_even_when_it_is_right() {
        let mut confirm = armed();
        assert_eq!(type_in(&mut confirm, &format!("{NAME} <enter>"), 100), Answer::Waiting);
        assert!(confirm.refusal.is_some_and(|r| r.contains("all at once")));
    }
    #[test]
    fn it_goes_stale_without_a_key_never_while_typing() {
        let mut confirm = armed();
        assert!(!confirm.is_stale(Time(59 * SECOND)));
        assert!(confirm.is_stale(Time(60 * SECOND)));
        confirm.key(Key::plain(Code::Char('p')), Time(59 * SECOND));
        assert!(!confirm.is_stale(Time(118 * SECOND)));
    }
    #[test]
    fn a_clock_that_runs_faster_than_hands_disarms_nobody_and_lets_no_burst_through() {
        let mut confirm = Confirm { speed_milli: 60_000, ..armed() };
        assert!(!confirm.is_stale(Time(59 * 60 * SECOND)));
        assert!(confirm.is_stale(Time(60 * 60 * SECOND)));
        assert_eq!(type_in(&mut confirm, &format!("{NAME} <enter>"), 100 * 60), Answer::Waiting);
        assert!(matches!(type_in(&mut confirm, &format!("{NAME} <enter>"), 90_000 * 60), Answer::Go(_)));
    }
    #[test]
    fn disarmed_it_swallows_what_is_typed_and_sends_nothing() {
        let mut confirm = armed();
        type_in(&mut confirm, "p r o d", 90_000);
        confirm.disarm("nobody pressed a key".into());
        assert_eq!(type_in(&mut confirm, NAME, 90_000), Answer::Waiting);
        assert_eq!(confirm.fields[0].text(), "");
        assert_eq!(confirm.clone().key(Key::plain(Code::Esc), Time(0)), Answer::Off);
        assert_eq!(confirm.key(Key::plain(Code::Enter), Time(0)), Answer::Again);
        assert!(!confirm.is_stale(Time(1_000 * SECOND)));
    }
}
