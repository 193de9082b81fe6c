//! Markers on the graphs that colleagues look at: which turns of a response get one, where it stands and what it says. It must not know
//! who shows it.
//!
//! A marker is decided with what it is about, in one breath: only the run of the program that writes the one writes the other.

use super::Incident;
use super::cadence::Rules;
use super::command::Command;
use super::entry::{Draft, EntryId, Stamp};
use super::intent::{Act, Outcome};
use super::phase::Phase;
use super::promise::Audience;
use super::time::Time;
use super::tried::{Awaited, Tried, Tries};
use serde::{Deserialize, Serialize};

/// The longest marker, in characters: it is read in a small box over a graph. Nobody's contract says a limit.
const LONGEST: usize = 300;
/// The longest reason in the row of a marker that was not set, in characters: the details have all of it.
const LONGEST_WHY: usize = 72;
/// The longest title in a marker that says more than the title, in characters.
const LONGEST_TITLE: usize = 120;

/// A marker, written down before it is set. Where a backend is asked for one, that is an entry of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkerIntended {
    /// The backend that is to show it, by its configured name.
    pub target: String,
    /// Its words, exactly as they are sent: one line.
    pub words: String,
    /// Where it stands: when what it is about happened.
    pub moment: Time,
    /// The entry that it is about: a declaration, an act, an update, a phase.
    pub about: EntryId,
}

/// A marker as it stands.
pub type Marker = Tried<MarkerIntended>;

/// All markers of a stream, in the order in which they were asked for.
pub type Markers = Tries<MarkerIntended>;

impl Awaited for MarkerIntended {}

impl Marker {
    /// It was set and read back, or its outcome was lost and it was seen there. Whoever looked and saw nothing recorded no words.
    pub fn is_there(&self) -> bool {
        self.is_done() || self.seen.as_ref().is_some_and(|(_, words, _)| !words.is_empty())
    }

    /// How it failed and what happened, in a line: the first sentence, without the backend's name and address, which stand beside it. None
    /// while it has no outcome, and when it is there.
    pub fn failed(&self) -> Option<String> {
        let end = self.end.as_ref().filter(|_| !self.is_there())?;
        let first = end.detail.split_inclusive(". ").next().unwrap_or_default().trim();
        let named = first.strip_prefix(self.what.target.as_str()).and_then(|rest| rest.strip_prefix(" ("));
        let plain = named.and_then(|rest| rest.split_once(") ")).map_or(first, |(_, what)| what);
        let why = if plain.is_empty() { String::new() } else { format!(": {}", line(plain, LONGEST_WHY)) };
        Some(format!("{} at {}{why}", end.outcome.word(), self.what.target))
    }
}

/// What a marker says about a turn of the response.
struct Turn {
    about: EntryId,
    moment: Time,
    /// What happened, in words that may be read outside whatever the incident is.
    plainly: String,
    /// The same where nothing has to be kept back.
    fully: String,
    /// Words that stand behind the title.
    words: Option<String>,
}

/// The markers that go with what was decided, one for each backend that shows them.
pub(super) fn wanted(incident: &Incident, rules: &Rules, command: &Command, stamp: &Stamp) -> Vec<Draft> {
    if rules.markers.is_empty() {
        return Vec::new();
    }
    let Some(turn) = turn(incident, command, stamp) else { return Vec::new() };
    let (title, is_restricted) = match command {
        Command::Declare(declared) => (declared.title.as_str(), declared.restricted),
        _ => (incident.title(), incident.is_restricted()),
    };
    let words = words(incident, &turn, title, is_restricted);
    let set = |target: &&String| {
        !incident.markers().all().iter().any(|m| m.what.about == turn.about && m.what.target == **target)
    };
    let draft = |target: &String| Draft {
        fact: MarkerIntended { target: target.clone(), words: words.clone(), moment: turn.moment, about: turn.about }
            .into(),
        // asked for now, wherever it stands
        at: stamp.now,
        when: None,
    };
    rules.markers.iter().filter(set).map(draft).collect()
}

/// What colleagues are told of: a declaration, a switch that was flipped, words for the public, the end.
fn turn(incident: &Incident, command: &Command, stamp: &Stamp) -> Option<Turn> {
    let said = |what: &str| Turn {
        about: stamp.first,
        moment: stamp.happened(),
        plainly: what.into(),
        fully: what.into(),
        words: None,
    };
    match command {
        Command::Declare(_) => Some(said("declared")),
        Command::Update { update, .. } if update.audience == Audience::Public => {
            Some(Turn { words: Some(update.text.clone()), ..said("update") })
        }
        Command::ChangePhase { phase, .. } if *phase >= Phase::Resolved && incident.phase() < Phase::Resolved => {
            Some(said(phase.word()))
        }
        Command::Settle(settled) if settled.outcome == Outcome::Done => {
            flip(incident, settled.intent).map(|turn| Turn { moment: stamp.happened(), ..turn })
        }
        // its outcome was lost, and it is seen to have happened after all: at the time at which it was asked
        Command::See(seen) => {
            let intent = seen.intent.and_then(|id| incident.intents().find(id))?;
            let lost = intent.end.as_ref().is_none_or(|end| end.outcome == Outcome::Unsure);
            if lost && intent.what.to.as_ref() == Some(&seen.value) { flip(incident, intent.id) } else { None }
        }
        _ => None,
    }
}

/// A switch was flipped.
fn flip(incident: &Incident, intent: EntryId) -> Option<Turn> {
    let intent = incident.intents().find(intent)?;
    let done = match (intent.what.act, &intent.what.whom, intent.what.share) {
        (Act::Stop, ..) => "stopped".to_owned(),
        (Act::Exclude, Some(whom), _) => format!("stopped for {}", line(&whom.to_string(), 60)),
        (Act::Percent, _, Some(share)) => format!("at {share}"),
        (Act::Restore, ..) => "restored".to_owned(),
        (Act::Revert, ..) => "reverted".to_owned(),
        (Act::Exclude | Act::Percent | Act::Request | Act::Schedule | Act::Extend | Act::Publish, ..) => return None,
    };
    // whom it is about may be a person: graphs are read by many
    let plainly = match intent.what.act {
        Act::Exclude => "switch stopped for one".to_owned(),
        _ => format!("switch {done}"),
    };
    let serves = intent.what.to.as_ref().map(|to| format!(", serves {}", line(to, 60))).unwrap_or_default();
    Some(Turn {
        about: intent.id,
        moment: intent.at,
        plainly,
        fully: format!("{} {done}{serves}", intent.what.target),
        words: None,
    })
}

/// "412 declared: API refuses all traffic"; of a restricted incident its number and what kind of turn it was, and nothing that was written.
fn words(incident: &Incident, turn: &Turn, title: &str, is_restricted: bool) -> String {
    let number = incident.number();
    if is_restricted {
        return format!("{number} {}", turn.plainly);
    }
    let whole = match &turn.words {
        None => format!("{number} {}: {title}", turn.fully),
        Some(words) => format!("{number} {}: {} \u{2013} {words}", turn.fully, line(title, LONGEST_TITLE)),
    };
    line(&whole, LONGEST)
}

/// A text as one line of at most so many characters.
fn line(text: &str, most: usize) -> String {
    let blank = text.replace(char::is_control, " ");
    let line = blank.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let cut: String = line.chars().take(most.saturating_sub(1)).collect();
    format!("{}\u{2026}", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_long_text_of_many_lines_when_put_in_a_marker_then_it_is_one_line_that_ends_in_an_ellipsis() {
        assert_eq!(line(" a\n\u{1b}[2J\tb ", 20), "a [2J b");
        assert_eq!(line("four words are here", 11), "four words\u{2026}");
        assert_eq!(line(&"é".repeat(400), LONGEST).chars().count(), LONGEST);
    }
}
