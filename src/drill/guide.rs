//! What somebody who does this for the first time is told to do next: the first step that is not done yet. It must not know the screen;
//! whoever shows it fills in [`Progress`] and names the keys.

use crate::incident::phase::Phase;
use crate::incident::time::Time;

/// All steps, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guide {
    /// The steps.
    pub steps: Vec<Step>,
    /// What is said when all are done.
    pub done: String,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What ends it.
    pub until: Condition,
    /// What is said until then; `{declare}` stands for the key of that act, one of [`ACTS`].
    pub say: String,
}

/// What ends a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The incident is declared.
    Declared,
    /// The commander wrote a note.
    Noted,
    /// A public update is out.
    Updated,
    /// A check-in was answered.
    CheckedIn,
    /// Releases are frozen, or were.
    Frozen,
    /// This flag was stopped.
    Stopped(String),
    /// The response is in this phase or a later one.
    Phase(Phase),
    /// The record was exported.
    Exported,
    /// It is this late.
    After(Time),
}

/// The words of the conditions, as a scenario writes them; `stopped`, `phase` and `after` take one more word.
pub const CONDITIONS: [&str; 9] =
    ["declared", "noted", "updated", "checked-in", "frozen", "stopped", "phase", "exported", "after"];

/// The acts whose keys a step may name.
pub const ACTS: [&str; 13] = [
    "jump", "declare", "note", "decide", "update", "check-in", "freeze", "switch", "phase", "export", "task",
    "promise", "help",
];

/// What was done so far; the screen fills it from the incident.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The drill's time.
    pub now: Time,
    /// The incident is declared.
    pub declared: bool,
    /// The commander wrote at least one note.
    pub noted: bool,
    /// At least one public update was carried.
    pub updated: bool,
    /// At least one check-in was answered.
    pub checked_in: bool,
    /// A hold stands or stood.
    pub frozen: bool,
    /// The flags that were stopped, and settled as done.
    pub stopped: Vec<String>,
    /// Where the response stands.
    pub phase: Phase,
    /// The record was exported.
    pub exported: bool,
}

impl Condition {
    /// Whether this is done.
    pub fn met(&self, progress: &Progress) -> bool {
        match self {
            Condition::Declared => progress.declared,
            Condition::Noted => progress.noted,
            Condition::Updated => progress.updated,
            Condition::CheckedIn => progress.checked_in,
            Condition::Frozen => progress.frozen,
            Condition::Stopped(flag) => progress.stopped.contains(flag),
            Condition::Phase(phase) => progress.phase >= *phase,
            Condition::Exported => progress.exported,
            Condition::After(time) => progress.now >= *time,
        }
    }
}

impl Guide {
    /// The first step that is not done; `None` when all are.
    pub fn step(&self, progress: &Progress) -> Option<&Step> {
        self.steps.iter().find(|step| !step.until.met(progress))
    }

    /// What to say now, with the keys' names put in; an act without a key keeps its own word.
    pub fn words(&self, progress: &Progress, key: impl Fn(&str) -> Option<String>) -> String {
        let say = self.step(progress).map_or(self.done.as_str(), |step| step.say.as_str());
        let mut words = String::new();
        for piece in pieces(say) {
            match piece {
                Piece::Text(text) => words.push_str(text),
                Piece::Act(act) => words.push_str(&key(act).unwrap_or_else(|| act.to_owned())),
            }
        }
        words
    }
}

/// A piece of what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words.
    Text(&'a str),
    /// An act, for whose key it stands.
    Act(&'a str),
}

/// Takes `{act}` apart from the words around it; a brace without its partner is a word.
pub fn pieces(mut say: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some((before, (act, after))) =
        say.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        pieces.push(Piece::Text(before));
        pieces.push(Piece::Act(act));
        say = after;
    }
    pieces.push(Piece::Text(say));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guide() -> Guide {
        let step = |until, say: &str| Step { until, say: say.to_owned() };
        Guide {
            steps: vec![
                step(Condition::Declared, "press {declare}"),
                step(Condition::Stopped("release".into()), "press {switch}, then {nothing"),
                step(Condition::Phase(Phase::Mitigated), "wait"),
            ],
            done: "done".into(),
        }
    }

    #[test]
    fn the_first_step_not_done_is_shown_even_when_later_ones_are() {
        let key = |act: &str| (act == "declare").then(|| "i".to_owned());
        let mut progress = Progress { stopped: vec!["release".into()], ..Progress::default() };
        assert_eq!(guide().words(&progress, key), "press i");
        progress.declared = true;
        assert_eq!(guide().words(&progress, key), "wait");
        progress.phase = Phase::Resolved;
        assert_eq!(guide().words(&progress, key), "done");
    }

    #[test]
    fn an_act_without_a_key_keeps_its_word_and_a_lone_brace_stays() {
        let progress = Progress { declared: true, ..Progress::default() };
        assert_eq!(guide().words(&progress, |_| None), "press switch, then {nothing");
    }

    #[test]
    fn stopping_another_flag_ends_nothing() {
        let progress = Progress { stopped: vec!["signup".into()], ..Progress::default() };
        assert!(!Condition::Stopped("release".into()).met(&progress));
        assert!(Condition::After(Time(5)).met(&Progress { now: Time(5), ..Progress::default() }));
    }
}
