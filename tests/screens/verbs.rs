//! What each verb of a `.screen` file does. It must not know what is right: the lines say it.

use super::script::{Line, typed, words};
use super::stage::{Mood, NUMBER, Stage, Terminals, nowhere};
use quarterdeck::app::PlanDesk;
use quarterdeck::app::key::{Key, parse_run};
use quarterdeck::app::msg::Msg;
use quarterdeck::drill::scenario::Scenario;
use quarterdeck::drill::world::World as Rehearsed;
use quarterdeck::incident::change::Changed;
use quarterdeck::incident::command::Command;
use quarterdeck::incident::declare::Declared;
use quarterdeck::incident::entry::{Entry, EntryId, Number, STANDING, Session, Stamp};
use quarterdeck::incident::fact::Fact;
use quarterdeck::incident::hold::{Cause, HoldPlaced, PassGranted};
use quarterdeck::incident::intent::{Act, Intended, Intents, Outcome, Settled};
use quarterdeck::incident::lifting::Lifting;
use quarterdeck::incident::phase::Phase;
use quarterdeck::incident::question::Asked;
use quarterdeck::incident::record::{Decided, Noted};
use quarterdeck::incident::roster::Role;
use quarterdeck::incident::said::{self, Lean};
use quarterdeck::incident::second::{ActWithdrawn, Asking, Two};
use quarterdeck::incident::severity::{Severity, SeverityChanged};
use quarterdeck::incident::soak::ProbeAsked;
use quarterdeck::incident::standing::{Standing, Wish};
use quarterdeck::incident::switch::Whom;
use quarterdeck::incident::task::TaskOpened;
use quarterdeck::incident::time::{Span, Time};
use quarterdeck::incident::ways::Ways;
use quarterdeck::incident::{Incident, decide};
use quarterdeck::journal::trouble::{Doing, JournalTrouble};
use std::collections::BTreeMap;

/// What passes between two keys of a person.
const STROKE: Span = Span(100_000);
/// How long `wait TEXT` waits.
const PATIENCE: Span = Span::seconds(120);
/// Lines that only set the stage; with any other the screen opens.
const SETTINGS: [&str; 17] = [
    "incident",
    "terminals",
    "drill",
    "size",
    "clock",
    "person",
    "zone",
    "rules",
    "slo",
    "flags",
    "plan",
    "changes",
    "channels",
    "gate",
    "history",
    "other",
    "world",
];

/// Does what a line says.
///
/// # Errors
/// What was wanted and is not so, or why the line cannot be read.
pub fn perform(stage: &mut Stage, line: &Line) -> Result<(), String> {
    let rest = line.rest.as_str();
    let is_open = stage.app.is_some();
    let verb = line.verb.as_str();
    if !is_open && !SETTINGS.contains(&verb) {
        stage.open()?;
    }
    if is_open
        && [
            "drill", "person", "zone", "rules", "slo", "flags", "plan", "changes", "channels", "gate", "history",
            "incident",
        ]
        .contains(&verb)
    {
        return Err(format!("`{verb}` belongs above the first line that opens the screen"));
    }
    match verb {
        "terminals" => terminals(stage, rest),
        "drill" | "size" | "person" | "zone" | "rules" | "slo" | "flags" | "plan" | "changes" | "channels" | "gate"
        | "history" | "incident" => set(stage, verb, rest),
        "clock" => clock(stage, rest, is_open),
        "quiet" => stage.go(stage.now().plus(Span::seconds(1))),
        "keys" => press(stage, &parse_run(rest).map_err(|e| e.to_string())?, STROKE),
        "type" => press(stage, &typed(rest)?, STROKE),
        "burst" => press(stage, &typed(rest)?, Span(0)),
        "paste" => stage.arrive(Msg::Paste(words(rest)?.concat())),
        "focus" => stage.arrive(Msg::Focus(rest == "in")),
        "resize" => {
            stage.size = size(rest)?;
            stage.arrive(Msg::Resized)
        }
        "crash" => stage.crash(),
        "leave" => stage.arrive(Msg::Leave),
        "read" => read(stage, rest),
        "wait" => wait(stage, rest),
        "world" => world(stage, rest),
        "journal" => journal(stage, rest),
        "other" => other(stage, rest),
        "expect" => holds(shows(&stage.rows, rest), format!("wanted on the screen: {rest}")),
        "absent" => holds(!shows(&stage.rows, rest), format!("not wanted on the screen: {rest}")),
        "effects" => count(stage.effects.iter().map(String::as_str), rest, "effects"),
        "entries" => {
            let (number, rest) = match rest.strip_prefix('@').and_then(|rest| rest.split_once(' ')) {
                Some((number, rest)) => (number.parse().map_err(|_| format!("`{number}` is no number"))?, rest),
                None => (stage.number(), rest),
            };
            let entries = entries(stage, number);
            count(entries.iter().map(String::as_str), rest, "entries")
        }
        "ended" => holds(stage.has_ended, "the program should have ended".into()),
        _ => Err(format!("`{verb}` is no verb")),
    }
}

fn holds(is_so: bool, otherwise: String) -> Result<(), String> {
    if is_so { Ok(()) } else { Err(otherwise) }
}

fn press(stage: &mut Stage, keys: &[Key], apart: Span) -> Result<(), String> {
    for key in keys {
        stage.go(stage.now().plus(apart))?;
        stage.arrive(Msg::Key(*key))?;
    }
    Ok(())
}

fn size(text: &str) -> Result<(u16, u16), String> {
    let sides = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    sides.ok_or(format!("`{text}` is no size; 100x30 is one"))
}

fn set(stage: &mut Stage, verb: &str, rest: &str) -> Result<(), String> {
    let said = words(rest)?;
    let some: Vec<&str> = said.iter().map(String::as_str).collect();
    match (verb, some.as_slice()) {
        ("size", [size_of, more @ ..]) => {
            stage.size = size(size_of)?;
            // "size 100x30   clock 14:02:00   person ana" on one line
            for pair in more.chunks(2) {
                match pair {
                    ["clock", at] => clock(stage, at, false)?,
                    [verb, rest] => set(stage, verb, rest)?,
                    _ => return Err(format!("`{}` needs a word behind it", pair.concat())),
                }
            }
        }
        ("incident", ["any"]) => stage.setting.picks = true,
        ("incident", [number]) => {
            stage.setting.number = number.parse().map_err(|_| format!("`{number}` is no number"))?;
        }
        ("person", [name]) => stage.setting.person = (*name).to_string(),
        ("zone", [name]) => stage.setting.zone = Some(name.parse().map_err(|_| format!("`{name}` is no zone"))?),
        ("channels", names) => stage.setting.channels = names.iter().map(ToString::to_string).collect(),
        ("slo", [name, target, proposes @ ..]) => {
            let ppm = target.replace('.', "");
            let ppm: u32 = format!("{ppm:0<6}").parse().map_err(|_| format!("`{target}` is no target"))?;
            stage.setting.slos.push((
                (*name).to_string(),
                ppm,
                proposes.first().and_then(|word| Severity::parse(word)),
            ));
        }
        ("gate", ["two-people"]) => stage.setting.lifts = Two::Widening,
        ("gate", _) => stage.setting.gate = true,
        ("changes", names) => {
            stage.world.changes.extend(names.iter().map(|name| ((*name).to_string(), Ok(Vec::new()))));
        }
        ("flags", _) => {
            let desk = stage.world.flag(&said)?;
            if desk.offers.two != Two::Never {
                stage.setting.rules.ways.insert(desk.name.clone(), Ways { two: desk.offers.two, lasts: None });
            }
            if desk.offers.audited {
                let flag = said.iter().skip_while(|word| *word != "called").nth(1).unwrap_or(&desk.name);
                stage.setting.rules.audits.insert(desk.name.clone(), format!("{flag} in {}", desk.environment));
            }
            stage.setting.switches.push(desk);
        }
        ("plan", [name, switches @ ..]) => {
            let switches = switches.iter().map(ToString::to_string).collect();
            stage.setting.plans.push(PlanDesk { name: (*name).into(), switches, note: None });
        }
        ("rules", ["good-for", length]) => {
            stage.setting.rules.good_for = said::span(length).ok_or(format!("`{length}` is no length"))?;
        }
        ("rules", ["markers", targets @ ..]) => {
            stage.setting.rules.markers = targets.iter().map(ToString::to_string).collect();
        }
        ("rules", [severity, what, minutes @ ..]) => {
            let severity = Severity::parse(severity).ok_or(format!("`{severity}` is no severity"))?;
            let minutes: Result<Vec<u8>, _> = minutes.iter().map(|m| m.parse::<u8>()).collect();
            let minutes = minutes.map_err(|e| e.to_string())?;
            let rhythm = stage.setting.rules.rhythms.get_mut(severity as usize).ok_or("no such rhythm")?;
            match *what {
                "check-in" => rhythm.check_in = minutes,
                "public" => rhythm.public = minutes,
                "internal" => rhythm.internal = minutes,
                "first-public" => rhythm.first_public = minutes.first().copied(),
                _ => return Err(format!("`{what}` is no rhythm")),
            }
        }
        ("history", [count]) => {
            let count: u64 = count.parse().map_err(|_| format!("`{count}` is no number"))?;
            let at = stage.now();
            let note = |n: u64| {
                let fact = Noted { text: format!("note {n}"), pinned: false }.into();
                let (session, id) = (Session(9_999), EntryId::of(Session(9_999), n));
                let author = "ben".into();
                Entry { incident: NUMBER, seq: n, id, at, recorded: at, when: None, author, session, fact }
            };
            let head = stage.since(NUMBER, 0).len() as u64;
            stage.others((head + 1..=head + count).map(note).collect())?;
        }
        ("drill", [name]) => {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("assets/drills/{name}.toml"));
            let text = std::fs::read_to_string(path).map_err(|e| format!("{name}: {e}"))?;
            let scenario = Scenario::parse(name, &text).map_err(|e| e.to_string())?;
            stage.real = scenario.start;
            let world = Rehearsed::new(&scenario, scenario.seed);
            stage.setting.drill = Some((scenario, world));
        }
        _ => return Err(format!("`{verb} {rest}` says nothing")),
    }
    Ok(())
}

/// `2`, `unknown` or `silent`; with the screen open, what was not said yet is said.
fn terminals(stage: &mut Stage, rest: &str) -> Result<(), String> {
    let said = match rest {
        "unknown" => Terminals::Unknown,
        "silent" => Terminals::Silent,
        count => Terminals::Others(count.parse().map_err(|_| format!("`{count}` is no number"))?),
    };
    stage.setting.terminals = Some(said);
    match said {
        Terminals::Others(count) if stage.app.is_some() => stage.arrive(Msg::Others(Some(count))),
        Terminals::Unknown if stage.app.is_some() => stage.arrive(Msg::Others(None)),
        _ => Ok(()),
    }
}

/// `14:02:00` sets the clock before the screen opens, and goes there afterwards; `+30s` always goes.
fn clock(stage: &mut Stage, rest: &str, is_open: bool) -> Result<(), String> {
    let wrong = || format!("`{rest}` is no time");
    if let Some(jump) = rest.strip_prefix("jumps ") {
        let length = said::span(jump.trim_start_matches(['+', '-'])).ok_or_else(wrong)?;
        stage.real = Time(stage.real.0 + if jump.starts_with('-') { -length.0 } else { length.0 });
        stage.arrive(Msg::Tick)?;
        return stage.go(stage.now());
    }
    if let Some(length) = rest.strip_prefix('+') {
        if !is_open {
            stage.open()?;
        }
        let length = said::span(length).ok_or_else(wrong)?;
        return stage.go(stage.now().plus(length));
    }
    let at = said::moment(rest, stage.now(), Lean::Future).ok_or_else(wrong)?;
    if is_open {
        return stage.go(at);
    }
    stage.real = Time::parse_iso(&format!("{}T{rest}Z", stage.real.date())).ok_or_else(wrong)?;
    Ok(())
}

fn wait(stage: &mut Stage, rest: &str) -> Result<(), String> {
    if rest == "settled" {
        return stage.settle();
    }
    let until = stage.now().plus(PATIENCE);
    while !shows(&stage.rows, rest) {
        if stage.now() >= until {
            return Err(format!("waited {} s for: {rest}", PATIENCE.as_seconds()));
        }
        stage.go(stage.now().plus(Span::seconds(1)))?;
    }
    Ok(())
}

/// Hands over entries of a long journal until so many are read.
fn read(stage: &mut Stage, rest: &str) -> Result<(), String> {
    let until = if rest == "all" { u64::MAX } else { rest.parse().map_err(|_| format!("`{rest}` is no number"))? };
    while stage.app.as_ref().is_some_and(|app| app.incident.head() < until) {
        let Some(batch) = stage.unread.pop_front() else { break };
        stage.arrive(batch)?;
    }
    Ok(())
}

fn world(stage: &mut Stage, rest: &str) -> Result<(), String> {
    let now = stage.now();
    match rest {
        "plans wait" => stage.plans_held = true,
        "probes wait" => stage.probes_held = true,
        "probes answer" => return stage.probes_answer(),
        "probes go" => {
            stage.probes_held = false;
            return stage.probes_answer();
        }
        "plans go" => {
            stage.plans_held = false;
            return stage.let_go();
        }
        _ => {
            stage.world.told(&words(rest)?, now)?;
            return stage.ask_again();
        }
    }
    Ok(())
}

fn journal(stage: &mut Stage, rest: &str) -> Result<(), String> {
    match rest {
        "holds" => stage.mood = Mood::Held,
        "full" => stage.mood = Mood::Failing(JournalTrouble::full(nowhere(), Doing::Writing, "no space left")),
        "locked" => stage.mood = Mood::Failing(JournalTrouble::locked(nowhere(), Doing::Writing)),
        "well" => stage.mood = Mood::Well,
        _ => return Err("a journal is well, full or locked, or holds its answers".into()),
    }
    if stage.mood == Mood::Held { Ok(()) } else { stage.let_go() }
}

/// `ben: note "…"` now, `ben@413: …` in another incident; `ben first: …` right before our next append lands; `ben unseen: …` without a hint.
fn other(stage: &mut Stage, rest: &str) -> Result<(), String> {
    let (who, said) = rest.split_once(':').ok_or("`other NAME: COMMAND`")?;
    let (name, how) = who.trim().split_once(' ').unwrap_or((who.trim(), ""));
    let (name, number) = match name.split_once('@') {
        Some((name, number)) => (name, number.parse().map_err(|_| format!("`{number}` is no number"))?),
        None => (name, stage.number()),
    };
    let said = words(said)?;
    // holds and passes are everybody's
    let is_standing = said.first().is_some_and(|verb| {
        matches!(verb.as_str(), "freeze" | "freeze-budget" | "lift" | "lift-glass" | "confirm-lift" | "pass")
    });
    let is_standing = is_standing || number == STANDING;
    let number = if is_standing { STANDING } else { number };
    let (mut incident, mut standing) = (Incident::new(number), Standing::default());
    let entries = stage.since(number, 0);
    for entry in &entries {
        incident.apply(entry);
        standing.apply(entry);
    }
    let session = Session(1_000 + name.bytes().map(u64::from).sum::<u64>());
    let count = entries.iter().filter(|e| e.session == session).count()
        + 100 * stage.before_ours.len()
        + if is_standing { 10_000 } else { 0 };
    let stamp = Stamp {
        now: stage.now(),
        author: name.into(),
        session,
        first: EntryId::of(session, count as u64 + 1),
        at: None,
        when: None,
    };
    let all = stage.since(number, 0);
    let changed = all.iter().rev().find(|entry| matches!(entry.fact, Fact::Changed(_))).map(|entry| entry.id);
    let drafts = match is_standing {
        true => {
            let during = Some(stage.number()).filter(|number| !stage.since(*number, 0).is_empty());
            let wish = wished(&standing, &said, (stage.now(), stage.setting.lifts))?;
            standing.decide(&wish.during(during), &stamp)
        }
        false => decide(&incident, &stage.setting.rules, &commanded(&incident, changed, &said, stage.now())?, &stamp),
    };
    let drafts = drafts.map_err(|refusal| refusal.words())?;
    let head = incident.head();
    let entry = |(index, draft): (u64, quarterdeck::incident::entry::Draft)| {
        draft.entry(&stamp, number, head + 1 + index, index)
    };
    let entries = (0..).zip(drafts).map(entry).collect();
    match how {
        "first" => stage.before_ours.push(entries),
        "unseen" => stage.others(entries)?,
        "" => {
            stage.others(entries)?;
            if is_standing || stage.is_told(number) { stage.hint(number)? } else { stage.grown()? }
        }
        _ => return Err(format!("`{how}` is neither first nor unseen")),
    }
    Ok(())
}

/// What somebody else does about releases: `freeze prod WHY [LENGTH]`, `lift prod WHY`, `pass prod BUILD WHY`; and with switches, with no incident open.
fn wished(standing: &Standing, said: &[String], (now, two): (Time, Two)) -> Result<Wish, String> {
    let some: Vec<&str> = said.iter().map(String::as_str).collect();
    let ahead = |length: &str| said::span(length).map(|span| now.plus(span)).ok_or(format!("`{length}` is no length"));
    Ok(match some.as_slice() {
        [how @ ("freeze" | "freeze-budget"), scope, why, until @ ..] => Wish::Place(HoldPlaced {
            scope: (*scope).into(),
            why: (*why).into(),
            until: until.first().map(|length| ahead(length)).transpose()?,
            name: None,
            cause: (*how == "freeze-budget").then_some(Cause::Budget),
            slo: None,
            left_ppm: None,
            incident: None,
        }),
        [how @ ("lift" | "lift-glass" | "confirm-lift"), scope, why @ ..] => {
            let hold = standing.holds().standing(now).find(|hold| hold.what.scope == *scope);
            let hold = hold.ok_or(format!("nothing holds {scope}"))?.id;
            let asked = standing.lifts().open(now).find(|asked| asked.what.hold == hold);
            let why = why.first().copied().unwrap_or_default();
            Wish::Lift(Lifting {
                hold,
                two,
                confirms: asked.filter(|_| *how == "confirm-lift").map(|asked| asked.id),
                why: why.into(),
                review: None,
                glass: (*how == "lift-glass").then(|| why.into()),
                typed: Some((*scope).into()),
                red: None,
                incident: None,
            })
        }
        [how @ ("stop" | "restore"), rest @ ..] => {
            Wish::Act { acts: vec![acted(how, rest, now)?], ways: BTreeMap::new(), elsewhere: Intents::default() }
        }
        ["done", target] => Wish::Settle(done(standing.intents(), target)?),
        ["pass", scope, reference, why] => Wish::Grant(PassGranted {
            scope: (*scope).into(),
            reference: (*reference).into(),
            why: (*why).into(),
            until: None,
            incident: None,
        }),
        _ => return Err(format!("nobody can say `{}`", some.join(" "))),
    })
}

/// What somebody else wants recorded.
fn commanded(incident: &Incident, changed: Option<EntryId>, said: &[String], now: Time) -> Result<Command, String> {
    let some: Vec<&str> = said.iter().map(String::as_str).collect();
    let task = |number: &str| {
        let task = number.parse().ok().and_then(|number| incident.tasks().numbered(number));
        task.map(|task| task.id).ok_or(format!("there is no task {number}"))
    };
    Ok(match some.as_slice() {
        [how @ ("declare" | "restricted"), title, severity] => Command::Declare(Declared {
            title: (*title).into(),
            severity: Severity::parse(severity).ok_or(format!("`{severity}` is no severity"))?,
            began: None,
            began_about: false,
            ended: None,
            ended_about: false,
            detected_by: None,
            restricted: *how == "restricted",
        }),
        // asks for the restore of what somebody stopped
        ["asks-restore", target, from, to] => {
            let stop = incident.intents().undoable(target).ok_or(format!("{target} is not stopped"))?;
            let act = Intended {
                act: Act::Restore,
                target: (*target).into(),
                from: Some((*from).into()),
                to: Some((*to).into()),
                before: Some((*from).into()),
                reverts: Some(stop.id),
                ..Intended::default()
            };
            Command::AskSecond(Asking { plan: None, acts: vec![act] })
        }
        // asks to stop it for one, with an end and what is expected
        ["asks-exclude", target, whom, from, to, until, within] => {
            let ahead = |length: &str| said::span(length).map(|span| now.plus(span));
            let ahead = |length: &str| ahead(length).ok_or(format!("`{length}` is no length"));
            let act = Intended {
                act: Act::Exclude,
                target: (*target).into(),
                whom: Whom::parse(whom, "customer"),
                from: Some((*from).into()),
                to: Some((*to).into()),
                before: Some((*from).into()),
                until: Some(ahead(until)?),
                expect_max: Some(40),
                expect_by: Some(ahead(within)?),
                ..Intended::default()
            };
            Command::AskSecond(Asking { plan: None, acts: vec![act] })
        }
        // would agree to the last that waits, and finds a switch of it otherwise
        ["finds-void", target] => {
            let asked = incident.seconds().open(now).last().ok_or("nothing waits")?.id;
            let changed = Some((*target).into());
            Command::WithdrawSecond(ActWithdrawn { asked, why: String::new(), changed })
        }
        // asks to stop all of a plan
        ["asks-plan", plan, from, to, targets @ ..] => {
            let act = |target: &&str| Intended {
                target: (*target).into(),
                from: Some((*from).into()),
                to: Some((*to).into()),
                before: Some((*from).into()),
                ..Intended::default()
            };
            Command::AskSecond(Asking { plan: Some((*plan).into()), acts: targets.iter().map(act).collect() })
        }
        ["note", text] => Command::Note(Noted { text: (*text).into(), pinned: false }),
        ["changed", what, subject] => Command::Change(Changed {
            what: (*what).into(),
            subject: (*subject).into(),
            from: None,
            to: None,
            by: None,
            source: None,
        }),
        // another run of the program asks a probe after what changed last
        ["asks-probe", probe] => Command::AskProbe(ProbeAsked {
            probe: (*probe).into(),
            after: changed.ok_or("nothing has changed")?,
            since: now,
            due: now,
            until: now.plus(Span::minutes(1)),
        }),
        ["decide", text] => Command::Decide(Decided { text: (*text).into(), serves: None }),
        ["ask", text] => Command::Ask(Asked { text: (*text).into(), of: None, goal: None }),
        ["task", text, owner, within] => Command::OpenTask(TaskOpened {
            text: (*text).into(),
            owner: Some((*owner).into()),
            due: Some(now.plus(said::span(within).ok_or(format!("`{within}` is no length"))?)),
            goal: Some(3),
            undo: false,
        }),
        ["finish", number] => Command::FinishTask { task: task(number)?, result: String::new() },
        ["check-in", note] => Command::CheckIn { answered: Vec::new(), note: (*note).into() },
        ["take", role] => {
            let role = Role::parse(role).ok_or(format!("`{role}` is no role"))?;
            Command::TakeRole { role, person: "ben".into() }
        }
        ["severity", severity] => {
            let severity = Severity::parse(severity).ok_or(format!("`{severity}` is no severity"))?;
            Command::ChangeSeverity(SeverityChanged { severity, why: String::new() })
        }
        ["phase", phase] => {
            let phase = Phase::parse(phase).ok_or(format!("`{phase}` is no phase"))?;
            Command::ChangePhase { phase, why: String::new(), anyway: false }
        }
        ["close-anyway", why] => Command::ChangePhase { phase: Phase::Closed, why: (*why).into(), anyway: true },
        ["done", target] => Command::Settle(done(incident.intents(), target)?),
        [how @ ("stop" | "restore"), rest @ ..] => Command::Act(acted(how, rest, now)?),
        _ => return Err(format!("nobody can say `{}`", some.join(" "))),
    })
}

/// An act of somebody else: `stop exports on off [until 5m]`, `restore exports off on`; what the world serves then is said apart.
fn acted(how: &str, rest: &[&str], now: Time) -> Result<Intended, String> {
    let [target, from, to, until @ ..] = rest else { return Err(format!("`{how} SWITCH FROM TO [until LENGTH]`")) };
    let until = match until {
        ["until", length] => Some(now.plus(said::span(length).ok_or_else(|| format!("`{length}` is no length"))?)),
        _ => None,
    };
    Ok(Intended {
        act: if how == "stop" { Act::Stop } else { Act::Restore },
        target: (*target).into(),
        from: Some((*from).into()),
        to: Some((*to).into()),
        before: Some((*from).into()),
        until,
        ..Intended::default()
    })
}

/// Their act on a switch ended well.
fn done(intents: &Intents, target: &str) -> Result<Settled, String> {
    let act = intents.pending().find(|act| act.what.target == target);
    let intent = act.ok_or_else(|| format!("nothing is under way on {target}"))?.id;
    Ok(Settled { intent, outcome: Outcome::Done, ..Settled::default() })
}

/// Each entry of the incident as `entries` counts them: kind, author, time, and what people read.
fn entries(stage: &Stage, number: Number) -> Vec<String> {
    let mut incident = Incident::new(number);
    let all = stage.since(number, 0);
    for entry in &all {
        incident.apply(entry);
    }
    let words = all.iter().map(|entry| {
        let line = incident.line(entry);
        let (kind, at) = (entry.fact.kind(), incident.happened(entry).clock());
        format!("{kind} {} {at} {} {} {}", entry.author, line.label, line.text, line.aside)
    });
    words.collect()
}

/// `2 carry stop release`: so many contain these words, in this order.
fn count<'a>(all: impl Iterator<Item = &'a str>, rest: &str, what: &str) -> Result<(), String> {
    let (number, words) = rest.split_once(' ').ok_or("`NUMBER WORDS`")?;
    let wanted: usize = number.parse().map_err(|_| format!("`{number}` is no number"))?;
    let all: Vec<&str> = all.collect();
    let found = all.iter().filter(|line| line.contains(words.trim())).count();
    let tail = all.get(all.len().saturating_sub(30)..).unwrap_or_default().join("\n    ");
    holds(
        found == wanted,
        format!("{found} {what} say `{words}`, not {wanted}; the last of {}:\n    {tail}", all.len()),
    )
}

/// A text stands in one row, or runs on from row to row; blanks count once.
pub fn shows(rows: &[String], text: &str) -> bool {
    let one = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = one(text);
    rows.iter().any(|row| one(row).contains(&text)) || one(&rows.join(" ")).contains(&text)
}
