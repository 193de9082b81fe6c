//! How an error budget stands and burns, once, from event files. It must not know how they are read.

use super::args::Burn as Args;
use super::desk::{Desk, Io, no_moment};
use super::fault::{Fault, Kind};
use super::paper;
use super::past::{self, Question};
use super::shares::Shares;
use crate::app::feed::{Burn, BurnAsk};
use crate::config::amount;
use crate::config::asks::{Asks, Which};
use crate::config::blocks::Slo;
use crate::config::read::Written;
use crate::config::trouble::{Place, known_instead, shown};
use crate::incident::impact::{counted, thousands};
use crate::incident::said::{self, Lean};
use crate::incident::time::{HOUR, MINUTE, Span, Time};
use crate::incident::timeline::{percent, rate};
use crate::incident::trouble::Trouble;
use crate::query::breakdown::{Breakdown, Percentile};
use crate::query::filter::Expr;
use crate::query::projection::Exhaustion;
use crate::query::series::Sum;
use crate::query::state::State;
use crate::shell::asker::{self, Source};
use serde_json::{Value, json};

/// The percentile of a number that `--p99` asks for.
const P99: u32 = 990_000;
/// A source whose newest event is older than this is a record, not a live one.
const RECORD: Span = Span(HOUR);

/// `burn`.
pub fn run(desk: &Desk, io: &mut Io<'_>, args: &Args) -> Result<(), Fault> {
    let slos = chosen(desk, args)?;
    let said = |text: &Option<String>| -> Result<Option<Time>, Fault> {
        let read = |text: &String| said::moment(text, desk.now(), Lean::Past).ok_or_else(|| no_moment(text));
        text.as_ref().map(read).transpose()
    };
    let (now, since, until) = (said(&args.now)?, said(&args.since)?, said(&args.until)?);
    let question = Question::of(args, since, until);
    let by = args.by.as_deref().map(|fields| By { fields, number: args.p99.as_deref(), since, until });
    let (mut answers, mut failed) = (Vec::new(), None);
    for slo in &slos {
        match ask(desk, slo, now, args.events.is_some(), question.as_ref(), by.as_ref()) {
            Ok((as_of, burn, past, shares)) => {
                if burn.state == State::NoData {
                    failed = Some(Fault {
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
                        data["by"] = shares.data();
                    }
                    answers.push(data);
                } else {
                    print(desk, io, slo, as_of, &burn)?;
                    past.map_or(Ok(()), |past| past.print(io))?;
                    shares.map_or(Ok(()), |shares| shares.print(io))?;
                }
            }
            Err(fault) => {
                if desk.globals.json {
                    answers.push(json!({"slo": slo.name, "trouble": fault.to_string()}));
                }
                failed = Some(fault);
            }
        }
    }
    if desk.globals.json {
        paper::data(io.out, &json!({"drill": desk.drill.is_some(), "slos": answers}))?;
    }
    failed.map_or(Ok(()), Err)
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
        let missing = || nothing(Fault::usage("--events needs --bad and --target.", "See quarterdeck burn --help."));
        let target = args.target.as_deref().ok_or_else(missing)?;
        let window = args.window.as_deref().unwrap_or("30d");
        return Ok(vec![Slo {
            service: None,
            minimum: None,
            called: None,
            name: paper::line(&events.display().to_string(), 80),
            asks: Asks::Events {
                path: events.clone(),
                which: Which {
                    bad: read(&args.bad, "--bad")?.ok_or_else(missing)?,
                    valid: read(&args.valid, "--valid")?,
                },
            },
            target_ppm: amount::percent(target).ok_or_else(|| {
                let what = format!("--target: \"{}\" is not a percentage between 0 and 100.", shown(target));
                nothing(Fault::usage(what, "Write 99.95."))
            })?,
            window: amount::length(window).filter(|window| window.0 >= MINUTE).ok_or_else(|| {
                let what = format!("--window: \"{}\" is not a length of at least a minute.", shown(window));
                nothing(Fault::usage(what, "Write 30d, 6h or 90m."))
            })?,
            group: None,
        }]);
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

/// Asks as of a moment: the one given, else now, else for files given by hand their newest event when that is long past.
fn ask(
    desk: &Desk,
    slo: &Slo,
    now: Option<Time>,
    by_hand: bool,
    question: Option<&Question>,
    by: Option<&By<'_>>,
) -> Result<(Time, Burn, Option<past::Answer>, Option<Shares>), Fault> {
    let backends = &desk.config.backends;
    let open = |slo: &Slo| {
        Source::new(slo, backends).map_err(|words| {
            let rest = "Nothing was counted. Correct it in the configuration.";
            Fault::of(Kind::Usage, asker::finished(&words, rest))
        })
    };
    let unsure = |trouble: Trouble| Fault::of(Kind::Unsure, trouble.words());
    let step = Span(MINUTE);
    let at = |now: Time| {
        let from = now.minus(Span(HOUR)).floor(step);
        BurnAsk { slo: 0, ticket: 0, now, from, step, columns: 60, act: None, shown: true }
    };
    let other = question.map(|question| question.other(slo)).transpose()?.flatten();
    let mut source = open(slo)?;
    let mut as_of = now.unwrap_or(desk.now());
    let mut burn = source.answer(&at(as_of)).map_err(unsure)?;
    if let Some(newest) = burn.newest.filter(|newest| now.is_none() && by_hand && as_of.since(*newest) > RECORD) {
        // the first moment at which the newest event is past
        as_of = newest.plus(Span(1));
        burn = source.answer(&at(as_of)).map_err(unsure)?;
    }
    let shares = match by {
        None => None,
        Some(by) => Some(match &other {
            None => by.shares(slo, &mut source, as_of)?,
            Some(other) => {
                let mut source = open(other)?;
                source.answer(&at(as_of)).map_err(unsure)?;
                by.shares(other, &mut source, as_of)?
            }
        }),
    };
    let Some(question) = question else { return Ok((as_of, burn, None, shares)) };
    let was = source.series(as_of).map_err(unsure)?;
    let would = match other {
        None => None,
        Some(other) => {
            let mut source = open(&other)?;
            source.answer(&at(as_of)).map_err(unsure)?;
            Some(source.series(as_of).map_err(unsure)?)
        }
    };
    Ok((as_of, burn, Some(question.answer(&asker::goal(slo), &was, would.as_ref(), as_of)), shares))
}

/// What `--by` asks.
struct By<'a> {
    fields: &'a str,
    number: Option<&'a str>,
    since: Option<Time>,
    until: Option<Time>,
}

impl By<'_> {
    fn shares(&self, slo: &Slo, source: &mut Source, as_of: Time) -> Result<Shares, Fault> {
        let since = self.since.unwrap_or(as_of.minus(Span(HOUR)));
        let breakdown = |from: Time, to: Time| Breakdown {
            fields: self.fields.split(',').map(|field| field.trim().to_owned()).collect(),
            from: from.0,
            to: to.0,
            percentile: self.number.map(|field| Percentile { field: field.to_owned(), per_million: P99 }),
        };
        let by = breakdown(since, self.until.unwrap_or(as_of).min(as_of));
        let mut ask = |by: &Breakdown| source.breakdown(by).map_err(|trouble| Fault::of(Kind::Unsure, trouble.words()));
        let (now, notes) = ask(&by)?;
        let (quiet, _) = ask(&Breakdown { percentile: None, ..breakdown(as_of.minus(slo.window), since) })?;
        Ok(Shares::of(by, (&now, &quiet), notes))
    }
}

/// The spent part as a quotient, without rounding to a million.
fn consumed(slo: &Slo, burn: &Burn) -> Option<f64> {
    let goal = asker::goal(slo);
    goal.budget_of(Sum { total: burn.total, bad: burn.bad, known: 1 }).consumed()
}

fn data(slo: &Slo, as_of: Time, burn: &Burn) -> Value {
    let [one, five, hour] = burn.burn_milli;
    json!({
        "slo": slo.name,
        "as_of": as_of.iso(),
        "state": burn.state.word(),
        "since": paper::iso_or_null(burn.since),
        "newest": paper::iso_or_null(burn.newest),
        "target_ppm": slo.target_ppm,
        "window_s": slo.window.as_seconds(),
        "total": burn.total,
        "bad": burn.bad,
        "consumed": consumed(slo, burn),
        "consumed_ppm": burn.remaining_ppm.map(|left| 1_000_000 - left),
        "remaining_ppm": burn.remaining_ppm,
        "burn_1m_milli": one,
        "burn_5m_milli": five,
        "burn_1h_milli": hour,
        "lasts_s": burn.lasts.map(Span::as_seconds),
        "lasts_rate_s": burn.lasts.map(|_| burn.lasts_rate.as_seconds()),
        "lasts_until": paper::iso_or_null(burn.lasts.map(|length| as_of.plus(length))),
        "lasts_ageing_s": match burn.lasts_ageing {
            Exhaustion::Already => Some(0),
            Exhaustion::In(length) => Some(Span(length).as_seconds()),
            Exhaustion::Never | Exhaustion::Unknown => None,
        },
        "lasts_ageing": match burn.lasts_ageing {
            Exhaustion::Already => "spent",
            Exhaustion::In(_) => "until then",
            Exhaustion::Never => "not within its window",
            Exhaustion::Unknown => "unknown",
        },
        "traffic_ppm": burn.traffic_ppm,
        "firing": burn.firing().collect::<Vec<_>>(),
        "good_since": paper::iso_or_null(burn.good_since),
        "known_s": Span(burn.known.known).as_seconds(),
        "doubts": burn.doubts,
        "source": burn.source,
        "link": burn.link,
        "opinion": burn.opinion.as_ref().map(|opinion| json!({
            "remaining_ppm": opinion.remaining_ppm,
            "burn_milli": opinion.burn_milli,
            "status": opinion.status,
            "at": Time(opinion.at).iso(),
        })),
    })
}

fn print(desk: &Desk, io: &mut Io<'_>, slo: &Slo, as_of: Time, burn: &Burn) -> Result<(), Fault> {
    let out = &mut io.out;
    let drill = if desk.drill.is_some() { "DRILL " } else { "" };
    let since = burn.since.map(|since| format!(" since {}", since.iso())).unwrap_or_default();
    let days = paper::length(slo.window);
    let target = percent_exact(slo.target_ppm);
    writeln!(out, "{drill}{}  {target} of {days}, as of {}", paper::line(&slo.name, 80), as_of.iso())?;
    writeln!(out, "  state     {}{since}", burn.state.word().to_uppercase())?;
    writeln!(out, "  counted   {}, {} bad", counted(burn.total, "event", "events"), thousands(burn.bad))?;
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
    let lasts = match burn.lasts {
        Some(Span(0)) => "nothing is left".to_string(),
        Some(length) => format!("{} at the rate of the last {}", paper::length(length), paper::length(burn.lasts_rate)),
        None => format!(
            "it does not run out at the rate of the last {}, or that is not known",
            paper::length(burn.lasts_rate)
        ),
    };
    writeln!(out, "  lasts     {lasts}")?;
    match burn.lasts_ageing {
        Exhaustion::In(length) => {
            let until = as_of.plus(Span(length)).iso();
            let length = paper::length(Span(length));
            writeln!(out, "  or        {length}, until {until}, while old failures leave the window")?;
        }
        Exhaustion::Never if burn.lasts.is_some() => {
            writeln!(out, "  or        it is not spent within its window, since old failures leave it")?;
        }
        Exhaustion::Already | Exhaustion::Never | Exhaustion::Unknown => {}
    }
    if let Some(traffic) = burn.traffic_ppm {
        writeln!(out, "  traffic   {} of usual", percent(i64::try_from(traffic).unwrap_or(i64::MAX)))?;
    }
    let firing: Vec<String> = burn.firing().collect();
    match firing.as_slice() {
        [] => writeln!(out, "  alerts    none holds")?,
        firing => firing.iter().try_for_each(|one| writeln!(out, "  alert     {}", paper::line(one, 200)))?,
    }
    let newest = burn.newest.map_or("none".into(), Time::iso);
    writeln!(out, "  window    {}, newest event {newest}", burn.known)?;
    for doubt in &burn.doubts {
        writeln!(out, "  doubt     {}", paper::line(doubt, 240))?;
    }
    if let Some(opinion) = &burn.opinion {
        writeln!(out, "  says      {}, at {}", paper::line(&opinion.words(), 200), Time(opinion.at).iso())?;
    }
    writeln!(out, "  source    {}", paper::line(&burn.source, 400))?;
    if let Some(link) = &burn.link {
        writeln!(out, "  browser   {}", paper::line(link, 400))?;
    }
    Ok(())
}

/// A target with the digits it has: 999500 is `99.95 %`.
fn percent_exact(ppm: u32) -> String {
    let digits = format!("{:04}", ppm % 10_000);
    let decimals = digits.trim_end_matches('0');
    if decimals.is_empty() { format!("{} %", ppm / 10_000) } else { format!("{}.{decimals} %", ppm / 10_000) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_target_when_shown_then_no_digit_is_lost() {
        assert_eq!(percent_exact(999_500), "99.95 %");
        assert_eq!(percent_exact(990_000), "99 %");
        assert_eq!(percent_exact(999_999), "99.9999 %");
    }
}
