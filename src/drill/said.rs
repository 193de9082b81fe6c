//! What other people write during a drill, and the moments worth jumping to: each waits for a time of day or for the world. It must not
//! know who plays, nor how words become entries.

use super::hosts::Course;
use super::load::Load;
use crate::incident::time::{Span, Time};

/// What a report or a moment waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// A time of day.
    At(Time),
    /// The first host is out.
    FirstOut,
    /// Every host is out.
    AllOut,
    /// The first host is back, after one was out.
    FirstBack,
    /// No host is out any more, after one was.
    AllBack,
    /// The first slow query is asked.
    Slow,
    /// The slow queries have ended, for whatever reason.
    Eased,
    /// The feature was taken from everybody.
    Shut,
    /// The first host holds what it cannot bear.
    FirstIll,
    /// No host holds that any more, after one did.
    AllWell,
}

impl Anchor {
    /// What can be waited for in the world, and its word.
    pub const WORLD: [(Anchor, &'static str); 9] = [
        (Anchor::FirstOut, "first-out"),
        (Anchor::AllOut, "all-out"),
        (Anchor::FirstBack, "first-back"),
        (Anchor::AllBack, "all-back"),
        (Anchor::Slow, "slow"),
        (Anchor::Eased, "eased"),
        (Anchor::Shut, "shut"),
        (Anchor::FirstIll, "first-ill"),
        (Anchor::AllWell, "all-well"),
    ];
}

/// What must be so at that moment; otherwise nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// Nothing.
    Always,
    /// A host is out.
    Out,
    /// Every host is out.
    Down,
    /// No host is out.
    Back,
    /// Slow queries are asked.
    Slow,
    /// None are.
    Eased,
    /// Nobody has the feature.
    Shut,
    /// Somebody has it, and no slow queries are asked.
    Spared,
    /// A host holds what it cannot bear, whether or not it serves.
    Ill,
    /// No host does.
    Well,
    /// A host holds what it cannot bear, and a deploy waits at its gate.
    Held,
    /// A host holds what it cannot bear, and no deploy waits.
    Goes,
}

impl Only {
    /// What can be asked of the world, and its word.
    pub const WORDS: [(Only, &'static str); 11] = [
        (Only::Out, "out"),
        (Only::Down, "down"),
        (Only::Back, "back"),
        (Only::Ill, "ill"),
        (Only::Well, "well"),
        (Only::Held, "held"),
        (Only::Goes, "goes-on"),
        (Only::Slow, "slow"),
        (Only::Eased, "eased"),
        (Only::Shut, "shut"),
        (Only::Spared, "spared"),
    ];
}

/// When something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cue {
    /// What it waits for.
    pub anchor: Anchor,
    /// How long after that.
    pub plus: Span,
    /// What must be so then.
    pub only: Only,
}

/// A moment worth jumping to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub cue: Cue,
    /// What happens, in a few words.
    pub what: String,
}

/// Something that somebody other than the commander writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// When it happens.
    pub cue: Cue,
    /// How long after that it is written down.
    pub late: Span,
    /// Who writes; one of the cast.
    pub who: String,
    /// What.
    pub what: Words,
}

/// What is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// A note.
    Note {
        /// What was seen.
        text: String,
        /// Kept in view.
        pinned: bool,
    },
    /// Something changed in the world.
    Changed {
        /// What kind of change ("deploy").
        what: String,
        /// What was changed ("api").
        subject: String,
        /// What it was before.
        from: Option<String>,
        /// What it is now.
        to: Option<String>,
        /// How that is known.
        source: Option<String>,
    },
    /// A machine calls for people.
    Alert {
        /// What it says.
        text: String,
    },
    /// Somebody wants to know.
    Question {
        /// What.
        text: String,
        /// The rank of the goal it belongs to.
        goal: Option<u8>,
    },
}

/// A report that was made: `at` is when it happened, `recorded` when it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// When it happened.
    pub at: Time,
    /// When it was written down; never before `at`.
    pub recorded: Time,
    /// Who wrote it.
    pub who: String,
    /// What.
    pub what: Words,
}

/// What happens in a world over time, as far as anybody waits for it.
#[derive(Clone, Copy, Debug)]
pub struct Story<'a> {
    /// What the hosts do.
    pub hosts: &'a Course,
    /// How the heavy feature is used.
    pub load: &'a Load,
}

impl Cue {
    /// When this happens in such a world; `None` when it does not.
    pub fn when(self, story: Story<'_>) -> Option<Time> {
        let Story { hosts: course, load } = story;
        let anchored = match self.anchor {
            Anchor::At(at) => at,
            Anchor::FirstOut => course.first_out()?,
            Anchor::AllOut => course.all_out()?,
            Anchor::FirstBack => course.first_back()?,
            Anchor::AllBack => course.all_back()?,
            Anchor::Slow => load.began()?,
            Anchor::Eased => load.eased()?,
            Anchor::Shut => load.shut()?,
            Anchor::FirstIll => course.first_ill()?,
            Anchor::AllWell => course.all_well()?,
        };
        let at = anchored.plus(self.plus);
        let (out, hosts) = (course.out_at(at), course.hosts());
        let so = match self.only {
            Only::Always => true,
            Only::Out => out > 0,
            Only::Down => out == hosts,
            Only::Back => out == 0,
            Only::Slow => load.hurts(at),
            Only::Eased => !load.hurts(at),
            Only::Shut => load.is_shut(at),
            Only::Spared => !load.hurts(at) && !load.is_shut(at),
            Only::Ill => course.ill_at(at) > 0,
            Only::Well => course.ill_at(at) == 0,
            Only::Held => course.ill_at(at) > 0 && course.is_held_at(at),
            Only::Goes => course.ill_at(at) > 0 && !course.is_held_at(at),
        };
        so.then_some(at)
    }
}

/// What is written down in `[from, to)`, in that order.
pub fn between(reports: &[Report], story: Story<'_>, from: Time, to: Time) -> Vec<Said> {
    let mut said: Vec<Said> = reports
        .iter()
        .filter_map(|report| {
            let at = report.cue.when(story)?;
            let recorded = at.plus(report.late);
            let due = from <= recorded && recorded < to;
            due.then(|| Said { at, recorded, who: report.who.clone(), what: report.what.clone() })
        })
        .collect();
    // stable: what the file tells first comes first
    said.sort_by_key(|one| one.recorded);
    said
}

/// The first moment after `after`.
pub fn next<'a>(moments: &'a [Moment], story: Story<'_>, after: Time) -> Option<(Time, &'a str)> {
    moments
        .iter()
        .filter_map(|moment| Some((moment.cue.when(story)?, moment.what.as_str())))
        .filter(|(at, _)| *at > after)
        .min_by_key(|(at, _)| *at)
}
