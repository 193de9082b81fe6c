//! From planned acts to done ones: previewed, confirmed as far as they deserve it, written down, carried once each. It must not know which
//! command wants them.

use super::super::against::{self, Against};
use super::super::args::switch::SwitchChange;
use super::super::desk::{Desk, Io};
use super::super::fault::{Fault, Kind};
use super::super::stream::{self, Stream};
use super::super::{acts, marks, paper, words};
use super::anew::{Anew, anew, command};
use super::looking::busy;
use super::preview::{self, Beside};
use super::second::void;
use super::seeing::see;
use super::{back, fault};
use crate::app::confirm::expectation;
use crate::config::trouble::shown;
use crate::incident::command::Command;
use crate::incident::entry::{Entry, Number, STANDING};
use crate::incident::intent::{Act, Intended, Intent, Outcome, Settled};
use crate::incident::risk::Risk;
use crate::incident::said;
use crate::incident::second::{self, Asking};
use crate::incident::switch::Plan;
use crate::incident::time::Time;
use crate::incident::trouble::sentence;
use serde_json::{Value, json};

/// An act on what was planned, what it would do, the state that is to be put back, and whether it is critical, by whosever word.
pub(super) type Planned = (Intended, Plan, Option<String>, bool);

/// Acts that were decided on and not yet planned.
pub struct Going {
    /// What must be given to confirm: environment and name, or the plan's name.
    pub exact: String,
    /// The plan that they are, by name.
    pub plan: Option<String>,
    /// The stream they belong to.
    pub number: Number,
    /// The switches, what is wanted of each, and the state that is to be put back.
    pub acts: Vec<(usize, Intended, Option<String>)>,
}

/// Plans, asks for as much as the acts deserve, and does them.
///
/// # Errors
/// They cannot be planned, are not confirmed, a rule refuses, or one failed.
pub fn go(desk: &mut Desk, io: &mut Io<'_>, change: &SwitchChange, going: Going) -> Result<(), Fault> {
    let Going { exact, plan: of, number, acts } = going;
    let (until, expected) = asked(desk, change)?;
    if change.if_serves.is_some() && acts.len() > 1 {
        let what = format!("--if-serves says one value, and {exact} has {} switches.", acts.len());
        return Err(Fault::usage(what, "Leave it out, or name one switch."));
    }
    // an act that goes shows no preview, and waits for nothing that only stands in one
    let is_shown = change.dry_run || change.confirm.as_deref().is_some_and(|given| given != exact);
    let weighing = if is_shown { preview::weigh(desk, &acts) } else { None };
    let hands = desk.hands();
    let mut planned = Vec::new();
    for (switch, mut draft, put) in acts {
        draft.until = until.or(draft.until);
        if let Some((most, by)) = expected {
            (draft.expect_max, draft.expect_by) = (Some(most), Some(by));
            // the objective that a screen opens with
            draft.expect_of = draft.expect_of.or_else(|| desk.config.slos.first().map(|slo| slo.name.clone()));
        }
        let before = busy(desk, &draft.target);
        let plan = hands.plan(switch, &draft.wanted(put.as_deref())).map_err(|trouble| fault(&trouble))?;
        if plan.idle {
            // what is under way changes it in a moment, or has since it was looked at: nothing is so already
            before.and_then(|()| busy(desk, &draft.target))?;
        }
        let critical = desk.config.switches.get(switch).is_some_and(|switch| switch.critical);
        let critical = critical || plan.critical.is_some();
        planned.push((draft.on(&plan), plan, put, critical));
    }
    let let_in = planned.iter().filter(|(draft, plan, ..)| draft.lets_in() && !plan.idle);
    let let_in: Vec<&str> = let_in.map(|(draft, ..)| draft.target.as_str()).collect();
    let against = if let_in.is_empty() { Against::default() } else { against::a_restore(desk, io, &let_in)? };
    if let Some(expected) = &change.if_serves
        && let Some((draft, plan, ..)) = planned.iter().find(|(_, plan, ..)| plan.from != *expected)
    {
        let serves = paper::line(&plan.from, 200);
        let why = format!("{} serves {serves}, not {}.", draft.target, shown(expected));
        if change.dry_run || planned.iter().all(|(_, plan, ..)| plan.idle) {
            return refused(why, "Look at it again and decide anew.".into());
        }
        let preview = Beside::of(desk, number, weighing).told(&planned);
        return refused(
            format!("{why} {preview}"),
            format!("To do that: {}", command(&desk.globals, &exact, &planned, change)),
        );
    }
    if let Some(no) = void(desk, number, &planned)? {
        return Err(no.told(desk, number, change.dry_run));
    }
    if !change.dry_run {
        back::given(desk, io, &planned)?;
    }
    let idle = planned.iter().all(|(_, plan, ..)| plan.idle);
    if idle || change.dry_run {
        let beside = Beside::of(desk, number, weighing.filter(|_| !idle));
        preview::nothing_sent(desk, io, &exact, &planned, (&beside, change.dry_run))?;
        let targets: Vec<&str> = planned.iter().map(|(draft, ..)| draft.target.as_str()).collect();
        return if change.dry_run || change.no_wait { Ok(()) } else { arrived(desk, io, number, &targets) };
    }
    planned.retain(|(_, plan, ..)| !plan.idle);
    let mut journal = desk.writing(true)?;
    let mut stream = Stream::read(&journal, number)?;
    let (me, now) = (desk.config.person.value.clone(), desk.now());
    let elsewhere = stream::elsewhere(&journal, number)?;
    let known = stream.incident.acts(&elsewhere).into_owned();
    let intents = &known;
    let risk = planned.iter().map(|(act, _, _, critical)| Risk::of(act, *critical, intents, &me, now)).max();
    // who took it away, and when, counts for nothing against a red probe
    let risk = risk.unwrap_or_default().max(if against.red.is_some() { Risk::Widening } else { Risk::Low });
    let preview = |weighing| Beside::of(desk, number, weighing).told(&planned);
    match change.confirm.as_deref() {
        Some(given) if given != exact => {
            let preview = preview(weighing);
            let why = format!("{preview} --confirm says {}.", shown(given));
            return refused(why, format!("Write it exactly: --confirm {exact}."));
        }
        None if risk.wants_name() => {
            let wish = planned.iter().find_map(|(_, plan, ..)| plan.critical.as_deref());
            let why = match risk {
                Risk::Widening => "It gives people again what was taken from them",
                _ => wish.unwrap_or("It is critical"),
            };
            let preview = preview(weighing);
            let preview = against.red.map_or(preview.clone(), |red| format!("{preview}{}", sentence(&red)));
            return refused(preview, format!("{why}: confirm the exact target with --confirm {exact}."));
        }
        _ => {}
    }
    let asked = planned.iter().find_map(|(draft, ..)| stream.incident.seconds().find(draft.confirms?));
    let why = asked.map(|asked| asked.what.why.clone());
    // whoever agrees and says no more agrees for the reason that was given
    let reason = words::short(change.reason.as_deref()).or(why).unwrap_or_default();
    let glass = words::short(change.break_glass.as_deref());
    let why = [Some(reason), glass.clone()].into_iter().flatten().filter(|words| !words.is_empty());
    let why = why.collect::<Vec<_>>().join("; ");
    if let Err(none) = risk.check_reason(&why) {
        return refused(format!("{} {}", preview(None), none.why), format!("{} Write --reason WHY.", none.instead));
    }
    let (mut all, mut puts) = (Vec::new(), Vec::new());
    for (act, _, put, _) in planned {
        all.push(Intended { why: why.clone(), glass: glass.is_some(), ..act });
        puts.push(put);
    }
    let rules = &desk.config.rules;
    let needs = all.iter().any(|act| {
        let two = rules.ways.get(&act.target).map(|ways| ways.two).unwrap_or_default();
        act.confirms.is_none() && !act.glass && second::needed(two, act, &known, &me, now)
    });
    if needs {
        return ask_second(desk, io, (&mut journal, &mut stream), &exact, Asking { plan: of, acts: all });
    }
    // what was read before it belongs to what is done, and to nothing that is refused
    acts::check(desk, &journal, &stream, &Command::ActAll(all.clone()))?;
    against.write_down(desk, io, &mut journal, &mut stream)?;
    let (settled, mut new) = acts::act(desk, io, &mut journal, &mut stream, (all, puts.clone()))?;
    let mut anews = Vec::new();
    for (settled, put) in settled.iter().zip(puts) {
        let act = stream.incident.intents().find(settled.intent).filter(|_| settled.conflict);
        anews.push(act.map(|act| anew(desk, number, change, (&act.what, put))).transpose()?);
    }
    new.extend(scheduled(desk, io, (&mut journal, &mut stream), &settled)?);
    let as_data = desk.globals.json;
    if !as_data {
        // nobody waits for the answer because clients are waited for
        let answered = paper::recorded(io, false, &stream.incident, &new);
        paper::told(io, answered)?;
        marks::follow(desk, io, &mut journal, &mut stream, &new);
    }
    let mut vain = None;
    if !change.no_wait {
        let done = settled.iter().filter_map(|settled| stream.incident.intents().find(settled.intent).cloned());
        let done = done.collect();
        let (seen, unseen) = see(desk, io, (&mut journal, &mut stream), done)?;
        vain = unseen;
        if !as_data {
            let told = seen.iter().try_for_each(|entry| paper::entry(io.out, &stream.incident, entry, None));
            paper::told(io, told.map_err(Fault::from))?;
        }
        new.extend(seen);
    }
    if as_data {
        let answered = answer(io, &stream, &new, (&exact, &settled, &anews));
        paper::told(io, answered)?;
        marks::follow(desk, io, &mut journal, &mut stream, &new);
    }
    let judged = settled.iter().zip(anews).try_for_each(|(settled, anew)| match anew {
        Some(anew) => Err(anew.fault),
        None => acts::judged(settled),
    });
    judged?;
    vain.map_or(Ok(()), Err)
}

/// What was done before and not seen yet is looked for: whoever asks for it again wants to know whether it is there.
fn arrived(desk: &mut Desk, io: &mut Io<'_>, number: Number, targets: &[&str]) -> Result<(), Fault> {
    let Some(journal) = desk.reading()? else { return Ok(()) };
    let mut stream = Stream::read(journal, number)?;
    let last = targets.iter().filter_map(|target| stream.incident.intents().last_on(target).cloned());
    let last: Vec<Intent> = last.filter(Intent::is_arriving).collect();
    if last.is_empty() {
        return Ok(());
    }
    let mut journal = desk.writing(false)?;
    let (seen, vain) = see(desk, io, (&mut journal, &mut stream), last)?;
    if !desk.globals.json {
        let told = seen.iter().try_for_each(|entry| paper::entry(io.out, &stream.incident, entry, None));
        paper::told(io, told.map_err(Fault::from))?;
    }
    vain.map_or(Ok(()), Err)
}

/// When it is to end, and the most bad events a minute that are expected from when on.
type Besides = (Option<Time>, Option<(u64, Time)>);

/// When it is to end and what is expected of it, as it was asked for.
fn asked(desk: &Desk, change: &SwitchChange) -> Result<Besides, Fault> {
    let now = desk.now();
    let until = change.until.as_deref().map(|text| {
        said::ahead(text, now)
            .ok_or_else(|| Fault::usage(format!("{} is not a time to come.", shown(text)), "Write 23:30, or 30m."))
    });
    let expected = change.expect.as_deref().map(|text| {
        expectation(text, now).ok_or_else(|| {
            let what = format!("{} is not a number of bad events a minute and a time to come.", shown(text));
            Fault::usage(what, "Write --expect 'bad under 40/min by 23:02', or 'under 40 in 5m'.")
        })
    });
    Ok((until.transpose()?, expected.transpose()?))
}

fn refused(why: String, next: String) -> Result<(), Fault> {
    let stands = "Nothing was sent and nothing was recorded.".into();
    Err(Fault { kind: Kind::Refused, happened: why, stands, next })
}

/// Writes down that somebody else has to agree. It ends as what a policy refuses (3): the act was not done, and that is certain.
fn ask_second(
    desk: &mut Desk,
    io: &mut Io<'_>,
    (journal, stream): (&mut crate::journal::Journal, &mut Stream),
    exact: &str,
    asking: Asking,
) -> Result<(), Fault> {
    let next = match (&asking.plan, asking.acts.first()) {
        (Some(plan), _) => format!("quarterdeck switch confirm {plan} --confirm {exact}"),
        (None, act) => {
            format!("quarterdeck switch confirm {}", act.map(|act| act.target.as_str()).unwrap_or_default())
        }
    };
    let new = acts::write(desk, journal, stream, &Command::AskSecond(asking))?;
    if desk.globals.json {
        let entries: Vec<Value> = new.iter().map(|entry| paper::entry_data(&stream.incident, entry)).collect();
        paper::data(io.out, &json!({"target": exact, "outcome": "asked", "entries": entries}))?;
    } else {
        paper::recorded(io, false, &stream.incident, &new)?;
    }
    // a script that goes on only after a 0 must not take what was asked for what was done
    let minutes = second::WAITS.as_minutes();
    Err(Fault {
        kind: Kind::Refused,
        happened: format!("{exact} needs a second person: it was asked for."),
        stands: "Nothing was sent.".into(),
        next: format!("Somebody else confirms it within {minutes} min: {next}."),
    })
}

/// What becomes of an end that no provider takes on.
const REMINDED: &str = "does not end by itself: whoever has a screen open is reminded of it then.";

/// Asks a provider that can to end what was done, whatever becomes of this program.
fn scheduled(
    desk: &mut Desk,
    io: &mut Io<'_>,
    (journal, stream): (&mut crate::journal::Journal, &mut Stream),
    settled: &[Settled],
) -> Result<Vec<Entry>, Fault> {
    let mut new = Vec::new();
    for done in settled.iter().filter(|settled| settled.outcome == Outcome::Done && !settled.idle) {
        let act = stream.incident.intents().find(done.intent).filter(|act| act.what.leaves()).cloned();
        let Some((act, until)) = act.and_then(|act| act.what.until.map(|until| (act, until))) else { continue };
        let target = paper::line(&act.what.target, 40);
        let can = desk.config.switches.iter().any(|switch| switch.name == act.what.target && switch.schedules());
        if !can {
            writeln!(io.err, "{target} {REMINDED}")?;
            continue;
        }
        let draft = Intended {
            act: Act::Schedule,
            target: act.what.target.clone(),
            until: Some(until),
            reverts: Some(done.intent),
            why: act.what.why.clone(),
            ..Intended::default()
        };
        let (ended, entries) = acts::act(desk, io, journal, stream, (vec![draft], vec![act.what.before.clone()]))?;
        new.extend(entries);
        for no in ended.iter().filter(|ended| ended.outcome != Outcome::Done) {
            let detail = paper::line(&no.detail, 400);
            writeln!(io.err, "{target} does not end by itself there: {detail} {target} {REMINDED}")?;
        }
    }
    Ok(new)
}

/// What is meant, how each act ended, and what it would do now where somebody else came first.
type Ended<'a> = (&'a str, &'a [Settled], &'a [Option<Anew>]);

fn answer(io: &mut Io<'_>, stream: &Stream, new: &[Entry], (exact, settled, anews): Ended<'_>) -> Result<(), Fault> {
    let incident = &stream.incident;
    let entries: Vec<Value> = new.iter().map(|entry| paper::entry_data(incident, entry)).collect();
    let number = (incident.number() != STANDING).then_some(incident.number());
    let one = |(settled, anew): (&Settled, &Option<Anew>)| {
        let seen = incident.intents().find(settled.intent).and_then(|act| act.seen.as_ref());
        json!({"outcome": settled.outcome.word(), "value": settled.value, "detail": settled.detail,
            "observed": seen.map(|(_, value, _)| value),
            "approval": settled.approval, "conflict": settled.conflict, "idle": settled.idle, "anew": anew.as_ref().map(|anew| &anew.data),
            "reference": settled.reference})
    };
    let mut all: Vec<Value> = settled.iter().zip(anews).map(one).collect();
    let mut value = match (all.len(), all.pop()) {
        (1, Some(only)) => only,
        (_, last) => json!({"acts": all.into_iter().chain(last).collect::<Vec<_>>()}),
    };
    if let Some(object) = value.as_object_mut() {
        object.insert("target".into(), json!(exact));
        object.insert("incident".into(), json!(number));
        object.insert("entries".into(), Value::Array(entries));
    }
    Ok(paper::data(io.out, &value)?)
}
