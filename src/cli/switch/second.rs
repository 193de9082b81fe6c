//! What waits for a second person, at the command line: by which name it goes, how it is listed, and what becomes of it once it is found void. It must
//! not know how an act is carried.

use super::super::desk::{Desk, Io};
use super::super::fault::{Fault, Kind};
use super::super::stream::Stream;
use super::super::{acts, paper, show};
use super::find;
use super::going::Planned;
use crate::incident::Incident;
use crate::incident::command::{Command, Refusal};
use crate::incident::entry::{Number, STANDING};
use crate::incident::second::{ActWithdrawn, Asked};
use crate::incident::time::Time;
use serde_json::Value;

/// What is meant by a name: a switch, or a plan with the word before it, where one is asked for or no switch is called so.
///
/// # Errors
/// There is neither.
pub(super) fn named(desk: &Desk, streams: &[Incident], name: &str) -> Result<String, Fault> {
    let plan = name.strip_prefix("plan/").unwrap_or(name);
    let now = desk.now();
    let is_asked = |asked: &Asked| asked.what.plan.as_deref() == Some(plan);
    if streams.iter().flat_map(|incident| incident.seconds().open(now)).any(is_asked) {
        return Ok(format!("plan/{plan}"));
    }
    let known = desk.config.plans.iter().any(|one| one.name == plan);
    let known = known || streams.iter().flat_map(|incident| incident.seconds().all()).any(is_asked);
    match find(desk, name) {
        Ok((_, switch)) => Ok(switch.name),
        Err(_) if known => Ok(format!("plan/{plan}")),
        Err(fault) => Err(fault),
    }
}

/// The newest plan that waits as one and has an act on the switch of this name.
pub(super) fn as_one<'a>(streams: &'a [Incident], name: &str, now: Time) -> Option<&'a Asked> {
    let all = streams.iter().filter_map(|incident| incident.seconds().with_others(name, now));
    all.max_by_key(|asked| asked.at)
}

/// Says which plans are asked for, a line each; or as data.
///
/// # Errors
/// Nothing can be written.
pub(super) fn plans(io: &mut Io<'_>, as_data: bool, streams: &[Incident], now: Time) -> Result<Vec<Value>, Fault> {
    let asked = streams.iter().flat_map(|incident| incident.seconds().open(now));
    let mut rows = Vec::new();
    for (asked, plan) in asked.filter_map(|asked| Some((asked, asked.what.plan.as_ref()?))) {
        if as_data {
            rows.push(show::asked_data(asked));
            continue;
        }
        let (draft, until) = (asked.what.draft(), asked.what.expires.beside(now));
        let (by, wish, besides) = (paper::line(&asked.by, 40), draft.wish(), draft.besides(now));
        let (plan, called) = (paper::line(plan, 40), paper::line(&asked.what.called(), 400));
        writeln!(io.out, "{plan:<12} {by} asks {wish} {called}{besides}: it needs a second person, until {until}")?;
    }
    Ok(rows)
}

/// Why these acts may not confirm what somebody asked for.
pub(super) struct No {
    pub refusal: Refusal,
    /// What is to be written down, where it was found void.
    found: Option<ActWithdrawn>,
}

/// What somebody asked for and these acts would confirm may not be confirmed: known before anything else is asked for.
///
/// # Errors
/// The journal cannot be read.
pub(super) fn void(desk: &Desk, number: Number, planned: &[Planned]) -> Result<Option<No>, Fault> {
    if planned.iter().all(|(act, ..)| act.confirms.is_none()) {
        return Ok(None);
    }
    let Some(journal) = desk.reading()? else { return Ok(None) };
    let stream = Stream::read(journal, number)?;
    let who = (desk.config.person.value.as_str(), desk.session(), desk.now());
    let seconds = match number {
        STANDING => stream.standing.seconds(),
        _ => stream.incident.seconds(),
    };
    if let Some((found, refusal)) = seconds.found_void(planned.iter().map(|(act, ..)| act), who) {
        return Ok(Some(No { refusal, found: Some(found) }));
    }
    let refusal = planned.iter().find_map(|(act, ..)| seconds.agrees(act.confirms?, act, who).err());
    Ok(refusal.map(|refusal| No { refusal, found: None }))
}

impl No {
    /// What is said of it. What was found void is written down first, so that it stays void: not by whoever only looks.
    pub fn told(self, desk: &mut Desk, number: Number, only_looks: bool) -> Fault {
        let No { refusal, found } = self;
        let stands = match found.filter(|_| !only_looks).map(|found| write(desk, number, found)) {
            None => "Nothing was sent and nothing was recorded.".into(),
            Some(Ok(())) => "Nothing was sent. It is recorded as void.".into(),
            Some(Err(fault)) => format!("Nothing was sent. That it is void is not recorded: {}", fault.happened),
        };
        Fault { kind: Kind::Refused, happened: refusal.why, stands, next: refusal.instead }
    }
}

fn write(desk: &mut Desk, number: Number, found: ActWithdrawn) -> Result<(), Fault> {
    let mut journal = desk.writing(false)?;
    let mut stream = Stream::read(&journal, number)?;
    acts::write(desk, &mut journal, &mut stream, &Command::WithdrawSecond(found)).map(|_| ())
}

/// What was asked for waited for a second person in vain.
pub(super) fn too_late(asked: &Asked, now: Time) -> Fault {
    let draft = asked.what.draft();
    let (by, wish) = (paper::line(&asked.by, 40), draft.wish());
    let name = paper::line(asked.what.plan.as_deref().unwrap_or(&draft.target), 40);
    let (at, until) = (asked.at.exactly_beside(now), asked.what.expires.beside(now));
    let why =
        format!("{by} asked {wish} {name} at {at} UTC, and that expired at {until}: nobody confirmed it in time.");
    let line = match (&draft.whom, draft.share) {
        _ if asked.what.plan.is_some() => format!("plan {} {name}", draft.act.word()),
        (Some(whom), _) => format!("exclude {name} {}:{}", whom.kind, whom.key),
        (None, Some(share)) if draft.reverts.is_some() => {
            format!("restore {name} --percent {}", share.to_string().trim_end_matches(" %"))
        }
        (None, Some(share)) => format!("percent {name} {}", share.to_string().trim_end_matches(" %")),
        (None, None) => format!("{} {name}", draft.act.word()),
    };
    let next = format!("Whoever needs it still asks anew: quarterdeck switch {}.", paper::line(&line, 200));
    Fault { stands: "Nothing was sent.".into(), ..Fault::refused(why, next) }
}
