//! Reads what is told during a drill: moments, reports and the guide. It must not know hosts, traffic or flags.

use std::ops::Range;

use toml::Spanned;

use super::Member;
use super::places;
use super::read::{Checked, one_of, time, wrong};
use super::wire::{self, Word};
use crate::drill::guide::{self, Guide, Step};
use crate::drill::said::{Anchor, Cue, Moment, Only, Report, Words};
use crate::incident::phase::Phase;
use crate::incident::rehearsal::Until;
use crate::incident::time::{Span, Time};

fn cue(
    place: Range<usize>,
    (at, when): (&Option<Word>, &Option<Word>),
    plus_s: u32,
    only: &Option<Word>,
    start: Time,
) -> Checked<Cue> {
    let anchor = match (at, when) {
        (Some(at), None) => Anchor::At(time(at, start)?),
        (None, Some(when)) => one_of("moment", when, &Anchor::WORLD)?,
        _ => return wrong(place, "this needs either `at` or `when`"),
    };
    let only = only.as_ref().map(|word| one_of("condition", word, &Only::WORDS)).transpose()?;
    Ok(Cue { anchor, plus: Span::seconds(i64::from(plus_s)), only: only.unwrap_or(Only::Always) })
}

/// A moment worth jumping to.
pub fn moment(raw: &Spanned<wire::Moment>, start: Time) -> Checked<Moment> {
    let one = raw.get_ref();
    let cue = cue(raw.span(), (&one.at, &one.when), one.plus_s, &one.only, start)?;
    Ok(Moment { cue, what: one.what.clone() })
}

/// A report; who writes it must be one of the cast.
pub fn report(raw: &Spanned<wire::Report>, start: Time, cast: &[Member]) -> Checked<Report> {
    let one = raw.get_ref();
    if !cast.iter().any(|member| member.name == *one.who.get_ref()) {
        let known = cast.iter().map(|member| member.name.as_str());
        return wrong(one.who.span(), places::unknown("person", one.who.get_ref(), known));
    }
    let what = match (&one.note, &one.changed, &one.alert, &one.question) {
        (Some(text), None, None, None) => Words::Note { text: text.clone(), pinned: one.pinned },
        (None, Some(change), None, None) => Words::Changed {
            what: change.what.clone(),
            subject: change.subject.clone(),
            from: change.from.clone(),
            to: change.to.clone(),
            source: change.source.clone(),
        },
        (None, None, Some(text), None) => Words::Alert { text: text.clone() },
        (None, None, None, Some(text)) => Words::Question { text: text.clone(), goal: one.goal },
        _ => return wrong(raw.span(), "this needs exactly one of note, changed, alert and question"),
    };
    let cue = cue(raw.span(), (&one.at, &one.when), one.plus_s, &one.only, start)?;
    Ok(Report { cue, late: Span::seconds(i64::from(one.late_s)), who: one.who.get_ref().clone(), what })
}

/// What a guide may name.
#[derive(Clone, Copy)]
pub struct Named<'a> {
    /// The switches.
    pub switches: &'a [wire::Switch],
    /// The probes.
    pub probes: &'a [&'a str],
}

/// The guide; the flags it names must be switches, and the probes be there.
pub fn guide(raw: &[wire::Step], done: &Word, start: Time, named: Named<'_>) -> Checked<Guide> {
    let mut steps = Vec::new();
    for step in raw {
        steps.push(Step { until: until(&step.until, start, named)?, say: say(&step.say)? });
    }
    Ok(Guide { steps, done: say(done)? })
}

fn say(word: &Word) -> Checked<String> {
    for piece in guide::pieces(word.get_ref()) {
        if let guide::Piece::Act(act) = piece
            && !guide::ACTS.contains(&act)
        {
            return wrong(word.span(), places::unknown("act", act, guide::ACTS));
        }
    }
    Ok(word.get_ref().clone())
}

fn until(word: &Word, start: Time, named: Named<'_>) -> Checked<Until> {
    let several: Checked<Vec<Until>> =
        word.get_ref().split(" or ").map(|text| condition(word, text.trim(), start, named)).collect();
    let mut several = several?;
    Ok(if several.len() == 1 { several.remove(0) } else { Until::Any(several) })
}

fn condition(word: &Word, text: &str, start: Time, named: Named<'_>) -> Checked<Until> {
    let Named { switches, probes } = named;
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let part = Spanned::new(word.span(), rest.to_owned());
    let alone = |condition| match rest {
        "" => Ok(condition),
        _ => wrong(word.span(), format!("`{first}` stands alone")),
    };
    match first {
        "declared" => alone(Until::Declared),
        "noted" => alone(Until::Noted),
        "updated" => alone(Until::Told),
        "checked-in" => alone(Until::CheckedIn),
        "impact" => alone(Until::Impact),
        "held" => alone(Until::Held),
        "passed" => alone(Until::Passed),
        "lifted" => alone(Until::Lifted),
        "exported" => alone(Until::Exported),
        "phase" => Ok(Until::Reached(one_of("phase", &part, &Phase::ALL.map(|phase| (phase, phase.word())))?)),
        "after" => Ok(Until::After(time(&part, start)?)),
        "green" if probes.contains(&rest) => Ok(Until::Green(rest.to_owned())),
        "green" => wrong(word.span(), places::unknown("probe", rest, probes.iter().copied())),
        "stopped" if switches.iter().any(|switch| switch.flag.get_ref() == rest) => Ok(Until::Stopped(rest.to_owned())),
        "stopped" => wrong(
            word.span(),
            places::unknown("switch", rest, switches.iter().map(|switch| switch.flag.get_ref().as_str())),
        ),
        _ => wrong(word.span(), places::unknown("condition", first, guide::CONDITIONS)),
    }
}
