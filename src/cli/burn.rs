//! How error budgets stand and burn, once. It must not know how anything is counted.

use super::args::Burn as Args;
use super::by::{self, At, By, Piece};
use super::desk::{Desk, Io, no_moment};
use super::fault::{Fault, Kind};
use super::paper;
use super::past::{self, Question};
use super::promised;
use super::shares;
use crate::app::alarms::Dispute;
use crate::app::feed::{Burn, BurnAsk, Held};
use crate::config::amount;
use crate::config::asks::{Asks, Part, Which};
use crate::config::blocks::Slo;
use crate::config::read::Written;
use crate::config::trouble::{Place, known_instead, shown};
use crate::incident::said::{self, Lean};
use crate::incident::time::{HOUR, MINUTE, Span, Time};
use crate::incident::timeline::{percent, rate};
use crate::incident::trouble::Trouble;
use crate::query::alert::Verdict;
use crate::query::breakdown::Breakdown;
use crate::query::calendar::{Calendar, Unit, Window};
use crate::query::filter::Expr;
use crate::query::paging::Figures;
use crate::query::projection::Exhaustion;
use crate::query::series::Sum;
use crate::query::state::State;
use crate::shell::asker::{self, Source};
use crate::shell::beside;
use serde_json::{Value, json};

/// A source whose newest event is older than this is a record, not a live one.
const RECORD: Span = Span(HOUR);

/// What others say of themselves so long after the moment that was asked about is not said of it.
const ASKED: Span = Span(5 * MINUTE);

/// `burn`.
pub fn run(desk: &Desk, io: &mut Io<'_>, args: &Args) -> Result<(), Fault> {
    let slos = chosen(desk, args)?;
    let said = |text: &Option<String>| -> Result<Option<Time>, Fault> {
        let read = |text: &String| said::moment(text, desk.now(), Lean::Past).ok_or_else(|| no_moment(text));
        text.as_ref().map(read).transpose()
    };
    let (now, since, until) = (said(&args.now)?, said(&args.since)?, said(&args.until)?);
    let question = Question::of(args, since, until);
    let fields = args.by.as_deref().map(Breakdown::fields_of).transpose().map_err(|words| Fault {
        stands: "Nothing was counted.".into(),
        ..Fault::usage(format!("--by: {words}"), "Write http.response.status_code, or host,build.")
    })?;
    let by = fields.map(|fields| By { fields, number: args.p99.clone(), since, until });
    let by = by.as_ref();
    let (mut answers, mut failed, mut known) = (Vec::new(), Vec::new(), Vec::new());
    // one that does not answer keeps no other waiting
    let by_hand = args.events.is_some();
    let (config, limits) = (&desk.config, asker::waiting(&desk.config.runs));
    let opens = |slo: &Slo| Source::within(slo, &config.backends, &limits);
    let at = At { config, present: desk.now(), opens: &opens };
    let told = beside::all(&slos, |slo| ask(&at, slo, now, by_hand, question.as_ref(), by));
    // others on the same events say what they count of them
    let pieces = slos.iter().zip(&told).filter_map(|(slo, told)| Some((slo, told.as_ref().ok()?.3.as_ref()?)));
    let mut shares = by::merged(&at, &pieces.collect::<Vec<_>>()).into_iter();
    for (slo, told) in slos.iter().zip(told) {
        match told {
            Ok((as_of, burn, past, piece)) => {
                let shares = piece.and_then(|_| shares.next());
                if burn.state == State::NoData {
                    failed.push(Fault {
                        kind: Kind::Unsure,
                        happened: format!(
                            "{}: nothing is known about {} UTC.",
                            paper::line(&slo.name, 80),
                            as_of.iso()
                        ),
                        stands: "No data is never good news.".into(),
                        next: "Look at the source, or ask about another time with --now.".into(),
                    });
                }
                if desk.globals.json {
                    let mut data = data(slo, as_of, &burn);
                    if let Some(past) = past {
                        data["past"] = past.data();
                    }
                    if let Some(shares) = shares {
                        data["by"] = shares::data(&shares);
                    }
                    answers.push(data);
                } else {
                    print(desk, io, slo, as_of, &burn)?;
                    past.map_or(Ok(()), |past| past.print(io))?;
                    shares.map_or(Ok(()), |shares| shares::print(io, &shares))?;
                }
                known.push((slo, burn));
            }
            Err(fault) => {
                if desk.globals.json {
                    answers.push(json!({"slo": slo.name, "trouble": fault.to_string()}));
                }
                // whose trouble it is stands before it
                let name = paper::line(&slo.name, 80);
                let is_named = slos.len() == 1 || fault.happened.contains(&*name);
                let happened = if is_named { fault.happened } else { format!("{name}: {}", fault.happened) };
                failed.push(Fault { happened, ..fault });
            }
        }
    }
    let disputes = disputes(&known);
    if desk.globals.json {
        let disputes: Vec<String> = disputes.iter().map(Dispute::words).collect();
        paper::data(io.out, &json!({"drill": desk.drill.is_some(), "slos": answers, "disagree": disputes}))?;
    } else {
        disputes.iter().try_for_each(|dispute| writeln!(io.out, "{}", paper::line(&dispute.words(), 240)))?;
    }
    Fault::all(failed).map_or(Ok(()), Err)
}

/// The sources of one promise that do not say the same.
fn disputes(known: &[(&Slo, Burn)]) -> Vec<Dispute> {
    let dispute = |(slo, burn): &(&Slo, Burn)| {
        let name = slo.same_as.as_ref()?;
        let (other, theirs) = known.iter().find(|(other, _)| other.name == *name)?;
        Dispute::between((&slo.name, burn), (&other.name, theirs), slo.target_ppm, slo.window)
    };
    known.iter().filter_map(dispute).collect()
}

/// The objectives that are asked about.
fn chosen(desk: &Desk, args: &Args) -> Result<Vec<Slo>, Fault> {
    let nothing = |fault: Fault| Fault { stands: "Nothing was counted.".into(), ..fault };
    let configured = &desk.config.slos;
    if let Some(events) = &args.events {
        let read = |text: &Option<String>, flag: &'static str| -> Result<Option<Written>, Fault> {
            let Some(text) = text else { return Ok(None) };
            text.parse::<Expr>().map_err(|error| {
                let next = format!("A filter looks like status >= 500 or error = true.\n{}", error.place);
                nothing(Fault::usage(format!("{flag}: {}", error.sentences()), next))
            })?;
            Ok(Some(Written { text: text.clone(), place: Place::Flag(flag), key: String::new() }))
        };
        let missing = || {
            let what = "--events needs --bad or --good, and --target.";
            nothing(Fault::usage(what, "See quarterdeck burn --help."))
        };
        let target = args.target.as_deref().ok_or_else(missing)?;
        let good = read(&args.good, "--good")?.map(Part::Good);
        let part = read(&args.bad, "--bad")?.map(Part::Bad).or(good).ok_or_else(missing)?;
        let which = Which { part, valid: read(&args.valid, "--valid")? };
        let asks = Asks::Events { path: events.clone(), which, told: None };
        let target = amount::promise(target).map_err(|more| {
            let what = format!("--target: \"{}\" is not a percentage from 50 to below 100{more}.", shown(target));
            nothing(Fault::usage(what, "Write 99.95."))
        })?;
        let window = window(args.window.as_deref().unwrap_or("30d")).map_err(nothing)?;
        return Ok(vec![Slo::new(paper::line(&events.display().to_string(), 80), asks, target, window)]);
    }
    if let Some(name) = &args.slo {
        let found = configured.iter().find(|slo| slo.name == *name);
        let known = known_instead(name, configured.iter().map(|slo| slo.name.as_str()));
        return found.map(|slo| vec![slo.clone()]).ok_or_else(|| {
            nothing(Fault::usage(format!("There is no objective {}.", shown(name)), format!("{known}.")))
        });
    }
    if configured.is_empty() {
        let next = "Add an [[slo]] to the configuration, or ask with --events PATH --bad EXPR --target 99.95.";
        return Err(nothing(Fault::usage("No objective is configured.", next)));
    }
    Ok(configured.clone())
}

/// A window given by hand; a calendar's is in UTC.
fn window(text: &str) -> Result<Window, Fault> {
    let rolling = amount::length(text).filter(|window| window.0 >= MINUTE).map(|window| Window::Rolling(window.0));
    let period = |(count, unit)| Calendar::new(count, unit, Calendar::usual_start(), chrono_tz::Tz::UTC).ok();
    let window = rolling.or_else(|| Unit::read(text).and_then(period).map(Window::Calendar));
    window.ok_or_else(|| {
        let what =
            format!("--window: \"{}\" is no length of at least a minute and no period of a calendar.", shown(text));
        Fault::usage(what, "Write 30d, 6h or 90m, or day, week, month, quarter or year.")
    })
}

/// Asks as of a moment: the one given, else now, else for files given by hand their newest event when that is long past.
fn ask(
    place: &At<'_>,
    slo: &Slo,
    now: Option<Time>,
    by_hand: bool,
    question: Option<&Question>,
    by: Option<&By>,
) -> Result<(Time, Burn, Option<past::Answer>, Option<Piece>), Fault> {
    let open = |slo: &Slo| {
        // pages of the whole window are looked for: each minute of it is wanted
        let opened = (place.opens)(slo).map(|source| if question.is_some() { source.finely() } else { source });
        opened.map_err(|words| {
            let rest = "Nothing was counted. Correct it in the configuration.";
            Fault::of(Kind::Usage, asker::finished(&words, rest))
        })
    };
    let unsure = |trouble: Trouble| Fault::of(Kind::Unsure, trouble.words());
    let step = Span(MINUTE);
    let at = |now: Time| {
        // no chart is shown: one that looked back would ask for another window
        BurnAsk { slo: 0, ticket: 0, now, from: now.floor(step), step, columns: 1, act: None, shown: true }
    };
    let other = question.map(|question| question.other(slo)).transpose()?.flatten();
    let mut source = open(slo)?;
    let mut as_of = now.unwrap_or(place.present);
    let mut burn = source.answer(&at(as_of)).map_err(unsure)?;
    if let Some(newest) = burn.newest.filter(|newest| now.is_none() && by_hand && as_of.since(*newest) > RECORD) {
        // the first moment at which the newest event is past
        as_of = newest.plus(Span(1));
        burn = source.answer(&at(as_of)).map_err(unsure)?;
    }
    let shares = match (by, &other) {
        (None, _) => None,
        (Some(by), None) => Some(by.piece(place, slo, &mut source, as_of, true).map_err(unsure)?),
        (Some(by), Some(other)) => {
            let mut source = open(other)?;
            source.answer(&at(as_of)).map_err(unsure)?;
            Some(by.piece(place, other, &mut source, as_of, false).map_err(unsure)?)
        }
    };
    let Some(question) = question else { return Ok((as_of, burn, None, shares)) };
    let was = source.series(as_of).map_err(unsure)?;
    let would = match other {
        None => None,
        Some(other) => {
            let mut source = open(&other)?;
            let mut doubts = source.answer(&at(as_of)).map_err(unsure)?.doubts;
            doubts.retain(|doubt| !burn.doubts.contains(doubt));
            Some((source.series(as_of).map_err(unsure)?, doubts))
        }
    };
    Ok((as_of, burn, Some(question.answer(&asker::goal(slo), &was, would.as_ref(), as_of)), shares))
}

/// The spent part as a quotient, without rounding to a million.
fn consumed(slo: &Slo, burn: &Burn) -> Option<f64> {
    let goal = asker::goal(slo);
    goal.budget_of(Sum { total: burn.total, bad: burn.bad, known: 1 }).consumed()
}

fn data(slo: &Slo, as_of: Time, burn: &Burn) -> Value {
    let [one, five, hour] = burn.burn_milli;
    let mut data = json!({
        "slo": slo.name,
        "as_of": as_of.iso(),
        "state": burn.state.word(),
        "since": paper::iso_or_null(burn.since),
        "newest": paper::iso_or_null(burn.newest),
        "total": burn.total,
        "bad": burn.bad,
        "consumed": consumed(slo, burn),
        "consumed_ppm": burn.remaining_ppm.map(|left| 1_000_000 - left),
        "remaining_ppm": burn.remaining_ppm,
        "burn_1m_milli": one,
        "burn_5m_milli": five,
        "burn_1h_milli": hour,
        "lasts_s": burn.lasts.map(Span::as_seconds),
        "lasts": promised::lasts(burn).0,
        "lasts_rate_s": burn.lasts.map(|_| burn.lasts_rate.as_seconds()),
        "lasts_until": paper::iso_or_null(burn.lasts.map(|length| as_of.plus(length))),
        "lasts_ageing_s": match burn.lasts_ageing {
            Exhaustion::Already => Some(0),
            Exhaustion::In(length) => Some(Span(length).as_seconds()),
            Exhaustion::Never | Exhaustion::Unknown => None,
        },
        "lasts_ageing": promised::ageing_word(burn),
        "traffic_ppm": burn.traffic_ppm,
        "week_ppm": burn.week_ppm,
        "firing": burn.standing().collect::<Vec<_>>(),
        "conditions": burn.conditions.iter().map(condition).collect::<Vec<_>>(),
        "good_since": paper::iso_or_null(burn.good_since),
        "known_s": Span(burn.known.known).as_seconds(),
        "doubts": burn.doubts,
        "source": burn.source,
        "link": burn.link,
        "opinion": burn.opinion.as_ref().map(|opinion| json!({
            "remaining_ppm": opinion.remaining_ppm,
            "burn_milli": opinion.burn_milli,
            "status": opinion.status,
            "alerts": opinion.alerts.iter().map(|(words, triggered)| json!({"words": words, "triggered": triggered})).collect::<Vec<_>>(),
            "at": Time(opinion.at).iso(),
        })),
    });
    for (key, value) in promised::data(slo, as_of) {
        data[key] = value;
    }
    if let Some(sliced) = burn.sliced {
        data["slices"]["skipped"] = sliced.skipped.into();
        data["slices"]["events"] = json!({"total": sliced.events, "bad": sliced.bad});
    }
    data
}

/// A condition, as data: how it stands, its burn rates, and when it held last.
fn condition(held: &Held) -> Value {
    let stands = match held.verdict {
        Verdict::Firing => "holds",
        Verdict::Quiet => "quiet",
        Verdict::Unknown => "not known",
    };
    let figures = |figures: Figures| json!({"burn_long_milli": figures.long_milli, "burn_short_milli": figures.short_milli, "remaining_ppm": figures.left_ppm});
    let last = held.last().map(|last| {
        json!({
            "from": last.since.iso(),
            "to": paper::iso_or_null(last.until),
            "peak_milli": last.peak_milli,
            "at_start": figures(last.began),
            "at_end": last.ended.map(figures),
        })
    });
    json!({
        "urgency": held.urgency.word(),
        "words": held.words,
        "stands": stands,
        "burn_long_milli": held.burn_milli.0,
        "burn_short_milli": held.burn_milli.1.flatten(),
        "held": last,
        "holds_as_last_known": held.stands(),
    })
}

/// What is said where no condition stands: that is no good news where they are not known, or cannot stand.
fn calm(burn: &Burn) -> String {
    let unknown = burn.conditions.iter().filter(|held| held.verdict == Verdict::Unknown).count();
    match (Held::unwatched(&burn.conditions), unknown) {
        (Some(words), _) => words.into(),
        (None, 0) => "none holds".into(),
        (None, _) => format!("not known: {unknown} of {} conditions cannot be told", burn.conditions.len()),
    }
}

fn print(desk: &Desk, io: &mut Io<'_>, slo: &Slo, as_of: Time, burn: &Burn) -> Result<(), Fault> {
    let out = &mut io.out;
    let drill = if desk.drill.is_some() { "DRILL " } else { "" };
    let since = burn.since.map(|since| format!(" since {}", since.iso())).unwrap_or_default();
    writeln!(out, "{drill}{}  {}, as of {}", paper::line(&slo.name, 80), promised::words(slo), as_of.iso())?;
    writeln!(out, "  state     {}{since}", burn.state.word().to_uppercase())?;
    writeln!(out, "  counted   {}", promised::counts(slo, burn))?;
    match burn.remaining_ppm {
        // what is left is rounded down and what is consumed up, so that nothing is claimed
        Some(left) => {
            let consumed = (1_000_000 - left).saturating_add(999) / 1_000 * 1_000;
            writeln!(out, "  budget    {} left, {} consumed", percent(left), percent(consumed))?;
        }
        None => writeln!(out, "  budget    not known")?,
    }
    let rates = burn.burn_milli.map(|milli| milli.map_or("not known".to_string(), |milli| format!("{}x", rate(milli))));
    writeln!(out, "  burning   {} in 1 m, {} in 5 m, {} in 1 h", rates[0], rates[1], rates[2])?;
    writeln!(out, "  lasts     {}", promised::lasts(burn).1)?;
    if let Some(ageing) = promised::ageing(slo, burn, as_of) {
        writeln!(out, "  or        {ageing}")?;
    }
    if let Some(traffic) = burn.traffic_ppm {
        writeln!(out, "  traffic   {} of usual", percent(i64::try_from(traffic).unwrap_or(i64::MAX)))?;
    }
    let firing: Vec<String> = burn.standing().collect();
    match firing.as_slice() {
        [] => writeln!(out, "  alerts    {}", calm(burn))?,
        firing => firing.iter().try_for_each(|one| writeln!(out, "  alert     {}", paper::line(one, 200)))?,
    }
    let newest = burn.newest.map_or("none".into(), Time::iso);
    writeln!(out, "  window    {}{}, newest event {newest}", burn.known, promised::period(slo, as_of))?;
    for doubt in &burn.doubts {
        writeln!(out, "  doubt     {}", paper::line(doubt, 240))?;
    }
    if let Some(opinion) = &burn.opinion {
        // without a history it speaks of now, whatever was asked about
        let now = if opinion.at > as_of.plus(ASKED).0 { ": that is now, not then" } else { "" };
        writeln!(out, "  says      {}, at {}{now}", paper::line(&opinion.words(), 200), Time(opinion.at).iso())?;
    }
    writeln!(out, "  source    {}", paper::line(&burn.source, 400))?;
    if let Some(link) = &burn.link {
        writeln!(out, "  browser   {}", paper::line(link, 400))?;
    }
    Ok(())
}
