//! Reads a scenario's text and checks everything the world relies on, so that the world itself cannot fail. It must not know what the
//! world makes of it.

use std::ops::Range;

use toml::Spanned;

use super::flagfile::FlagFile;
use super::heavy::heavy;
use super::places::{self, Wrong};
use super::rules;
use super::told;
use super::wire::{self, Word};
use super::{
    Apart, Declare, Declares, Fields, Files, Flags, Kind, Member, Past, Plan, Probe, Route, Scenario, Slo, Switch,
    Traffic, Truth, Wants, When,
};
use crate::drill::rules::Rules;
use crate::incident::roster::Role;
use crate::incident::severity::Severity;
use crate::incident::time::{HOUR, MINUTE, SECOND, Span, Time};

/// What was read, or what is wrong with it.
pub type Checked<T> = Result<T, Wrong>;

/// Reads a scenario.
pub fn scenario(text: &str) -> Checked<Scenario> {
    let raw: wire::Scenario = toml::from_str(text).map_err(|error| places::of_toml(&error))?;
    let start = start(&raw.start)?;
    let lasts = *within("lasts_min", &raw.lasts_min, 1..=1440)?;
    let files = files(&raw.files)?;
    let flags = FlagFile::read(&raw.flags)?;
    let cast = raw.cast.iter().map(member).collect::<Checked<Vec<_>>>()?;
    let fields = Fields { customer: raw.fields.customer.clone(), status: raw.fields.status.clone() };
    let rules = rules::rules(raw.rules.get_ref(), start, (&raw.fields, &flags))?;
    let slo = slo(&raw.slo, &files)?;
    let names: Vec<&str> = raw.probes.iter().map(|probe| probe.get_ref().name.get_ref().as_str()).collect();
    let named = told::Named { switches: &raw.switches, probes: &names };
    let probes = raw.probes.iter().map(|one| probe(one, &raw)).collect::<Checked<Vec<_>>>()?;
    let past_days = match &raw.past_days {
        Some(days) => *within("past_days", days, slo.window_days..=100)?,
        None => slo.window_days,
    };
    let traffic = traffic(&raw.traffic)?;
    let switches = raw.switches.iter().map(|one| switch(one, &flags)).collect::<Checked<Vec<_>>>()?;
    Ok(Scenario {
        name: raw.name,
        title: raw.title,
        told: raw.told,
        start,
        ends: start.plus(Span::minutes(i64::from(lasts))),
        seed: raw.seed,
        declare: declare(&raw.declare)?,
        past_days,
        slo,
        files,
        fields,
        heavy: raw.heavy.as_ref().map(|one| heavy(one, start, (&traffic, &switches, &flags))).transpose()?,
        traffic,
        past: raw.past.iter().map(|one| past(one, start, &rules)).collect::<Checked<Vec<_>>>()?,
        apart: raw.apart.iter().map(|one| apart(one, start)).collect::<Checked<Vec<_>>>()?,
        switches,
        plans: raw.plans.iter().map(|one| plan(one, &raw.switches)).collect::<Checked<Vec<_>>>()?,
        probes,
        flags: Flags { file: file_name(&raw.flags.file)?, text: raw.flags.text.get_ref().clone() },
        moments: raw.moments.iter().map(|one| told::moment(one, start)).collect::<Checked<Vec<_>>>()?,
        said: raw.said.iter().map(|one| told::report(one, start, &cast)).collect::<Checked<Vec<_>>>()?,
        guide: told::guide(&raw.guide, &raw.guide_done, start, named)?,
        truth: raw.truth.iter().map(|one| truth(one, start)).collect::<Checked<Vec<_>>>()?,
        cast,
        rules,
    })
}

/// Something is wrong at this place.
pub fn wrong<T>(place: Range<usize>, what: impl Into<String>) -> Checked<T> {
    Err(Wrong { place: place.start, what: what.into() })
}

/// A number of a known range.
pub fn within<'a>(what: &str, value: &'a Spanned<u32>, range: std::ops::RangeInclusive<u32>) -> Checked<&'a u32> {
    if range.contains(value.get_ref()) {
        return Ok(value.get_ref());
    }
    wrong(value.span(), format!("{what} is {}, but must be from {} to {}", value.get_ref(), range.start(), range.end()))
}

/// One of a closed list of words.
pub fn one_of<T: Copy>(kind: &str, word: &Word, table: &[(T, &'static str)]) -> Checked<T> {
    match table.iter().find(|(_, known)| known == word.get_ref()) {
        Some((value, _)) => Ok(*value),
        None => wrong(word.span(), places::unknown(kind, word.get_ref(), table.iter().map(|(_, known)| *known))),
    }
}

fn start(word: &Word) -> Checked<Time> {
    match Time::parse_iso(word.get_ref()) {
        Some(time) if time.0.rem_euclid(MINUTE) == 0 => Ok(time),
        Some(_) => wrong(word.span(), "the start must be a whole minute"),
        None => wrong(word.span(), "the start must be a time like 2019-07-09T22:48:00Z"),
    }
}

/// `22:48` or `22:48:30`, in µs since midnight.
fn of_day(word: &Word) -> Checked<i64> {
    let digits = |text: &str, below: i64| {
        let two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<i64>().ok().filter(|value| two && *value < below)
    };
    let parts: Vec<&str> = word.get_ref().split(':').collect();
    let read = match parts.as_slice() {
        [hour, minute] => digits(hour, 24).zip(digits(minute, 60)).map(|(h, m)| h * HOUR + m * MINUTE),
        [hour, minute, second] => digits(hour, 24)
            .zip(digits(minute, 60))
            .zip(digits(second, 60))
            .map(|((h, m), s)| h * HOUR + m * MINUTE + s * SECOND),
        _ => None,
    };
    let what = || format!("`{}` is no time of day like 22:50 or 22:50:30", word.get_ref().escape_debug());
    read.ok_or_else(|| Wrong { place: word.span().start, what: what() })
}

/// The first such time of day from the start on, or a time with its date.
pub fn time(word: &Word, start: Time) -> Checked<Time> {
    if let Some(time) = Time::parse_iso(word.get_ref()) {
        return Ok(time);
    }
    let day = 24 * HOUR;
    let into_day = start.0.rem_euclid(day);
    let ahead = (of_day(word)? - into_day).rem_euclid(day);
    Ok(start.plus(Span(ahead)))
}

/// A file's name that stays in its directory.
fn file_name(word: &Word) -> Checked<String> {
    let name = word.get_ref();
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if plain && !name.is_empty() && !name.starts_with('.') {
        return Ok(name.clone());
    }
    wrong(word.span(), "a file's name has letters, digits, dots, dashes and underscores, and begins with no dot")
}

fn files(raw: &wire::Files) -> Checked<Files> {
    let files = Files { balancer: file_name(&raw.balancer)?, servers: file_name(&raw.servers)? };
    if files.balancer == files.servers {
        return wrong(raw.servers.span(), "balancer and servers write to the same file");
    }
    Ok(files)
}

fn declare(raw: &wire::Declare) -> Checked<Declare> {
    let severities = Severity::ALL.map(|severity| (severity, severity.word()));
    Ok(Declare {
        by: one_of("way to declare", &raw.by, &Declares::ALL)?,
        title: raw.title.clone(),
        severity: one_of("severity", &raw.severity, &severities)?,
    })
}

fn slo(raw: &wire::Slo, files: &Files) -> Checked<Slo> {
    let known = [files.balancer.as_str(), files.servers.as_str()];
    if !known.contains(&raw.events.get_ref().as_str()) {
        return wrong(raw.events.span(), places::unknown("event file", raw.events.get_ref(), known));
    }
    Ok(Slo {
        name: raw.name.clone(),
        target_ppm: *within("target_ppm", &raw.target_ppm, 1..=999_999)?,
        window_days: *within("window_days", &raw.window_days, 1..=90)?,
        bad: raw.bad.clone(),
        called: raw.called.clone(),
        events: raw.events.get_ref().clone(),
    })
}

fn switch(raw: &wire::Switch, flags: &FlagFile) -> Checked<Switch> {
    let names = flags.flag(&raw.flag)?.variants.iter().map(|variant| variant.name.as_str());
    if !names.clone().any(|variant| variant == raw.stop.get_ref()) {
        return wrong(raw.stop.span(), places::unknown("variant", raw.stop.get_ref(), names));
    }
    Ok(Switch {
        flag: raw.flag.get_ref().clone(),
        kind: one_of("kind", &raw.kind, &Kind::ALL)?,
        stop: raw.stop.get_ref().clone(),
        exclude_by: raw.exclude_by.clone(),
        field: raw.field.clone(),
        what: raw.what.clone(),
    })
}

fn plan(raw: &wire::Plan, switches: &[wire::Switch]) -> Checked<Plan> {
    let flags = raw.switches.iter().map(|word| switched(word, switches)).collect::<Checked<Vec<_>>>()?;
    Ok(Plan { name: word(&raw.name)?, switches: flags, what: raw.what.clone() })
}

/// The flag of one of the switches.
fn switched(word: &Word, switches: &[wire::Switch]) -> Checked<String> {
    let known = switches.iter().map(|switch| switch.flag.get_ref().as_str());
    match known.clone().find(|flag| flag == word.get_ref()) {
        Some(flag) => Ok(flag.to_owned()),
        None => wrong(word.span(), places::unknown("switch", word.get_ref(), known)),
    }
}

fn probe(raw: &Spanned<wire::Probe>, all: &wire::Scenario) -> Checked<Probe> {
    let place = raw.span();
    let raw = raw.get_ref();
    let files = [all.slo.events.get_ref().as_str(), all.files.servers.get_ref().as_str()];
    if !files.contains(&raw.events.get_ref().as_str()) {
        return wrong(raw.events.span(), places::unknown("event file of an objective", raw.events.get_ref(), files));
    }
    let length = |what, s| Ok(Span::seconds(i64::from(*within(what, s, 60..=86_400)?)));
    let span = length("within_s", &raw.within_s)?;
    let wants = match (raw.bad_at_most, &raw.field, raw.at_most) {
        (Some(most), None, None) => Wants::Bad { most, within: span },
        (None, Some(field), Some(most)) => Wants::Distinct { field: field.get_ref().clone(), most, within: span },
        _ => return wrong(place, "a probe needs either `bad_at_most`, or `field` and `at_most`"),
    };
    if raw.trips.is_some() && raw.soak_s.is_none() {
        return wrong(place, "a probe that trips a switch needs `soak_s`");
    }
    Ok(Probe {
        name: word(&raw.name)?,
        subject: raw.subject.clone(),
        says: raw.says.clone(),
        events: raw.events.get_ref().clone(),
        wants,
        soak: raw.soak_s.as_ref().map(|s| length("soak_s", s)).transpose()?,
        trips: raw.trips.as_ref().map(|flag| switched(flag, &all.switches)).transpose()?,
    })
}

/// A name of small letters, digits and dashes.
fn word(word: &Word) -> Checked<String> {
    let name = word.get_ref();
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if plain && !name.is_empty() {
        return Ok(name.clone());
    }
    wrong(word.span(), "a name has small letters, digits and dashes")
}

fn traffic(raw: &Spanned<wire::Traffic>) -> Checked<Traffic> {
    let place = raw.span();
    let raw = raw.get_ref();
    let rates: Option<[u32; 24]> = raw.per_minute.get_ref().as_slice().try_into().ok();
    let Some(per_minute) = rates.filter(|rates| rates.iter().all(|rate| (60..=60_000).contains(rate))) else {
        return wrong(raw.per_minute.span(), "per_minute must have 24 numbers, each from 60 to 60,000");
    };
    if raw.unauthorized_ppm.saturating_add(raw.not_found_ppm) > 500_000 {
        return wrong(place, "more than half of the answers would be the caller's own fault");
    }
    if raw.customers.is_empty() || raw.customers.len() > 1000 {
        return wrong(place, "there must be from 1 to 1,000 customers");
    }
    let weights: u64 = raw.routes.iter().map(|route| u64::from(route.weight)).sum();
    if weights == 0 || weights > 1_000_000 || raw.routes.iter().any(|route| route.median_us > 60_000_000) {
        return wrong(
            place,
            "the routes' weights must add up to from 1 to 1,000,000, with medians of a minute at most",
        );
    }
    let route = |one: &wire::Route| Route {
        method: one.method.clone(),
        route: one.route.clone(),
        weight: one.weight,
        median_us: one.median_us,
    };
    Ok(Traffic {
        per_minute,
        spread_permille: raw.spread_permille.min(500),
        customers: raw.customers.clone(),
        routes: raw.routes.iter().map(route).collect(),
        unauthorized_ppm: raw.unauthorized_ppm,
        not_found_ppm: raw.not_found_ppm,
    })
}

/// A whole minute before the start.
fn before(at: &Word, start: Time) -> Checked<Time> {
    match Time::parse_iso(at.get_ref()) {
        Some(time) if time < start && time.0.rem_euclid(MINUTE) == 0 => Ok(time),
        _ => wrong(at.span(), "`at` must be a whole minute before the start, like 2019-06-14T09:12:00Z"),
    }
}

fn apart(raw: &Spanned<wire::Apart>, start: Time) -> Checked<Apart> {
    let place = raw.span();
    let raw = raw.get_ref();
    let from = before(&raw.at, start)?;
    let to = from.plus(Span::minutes(i64::from(raw.minutes)));
    if !(1..=1440).contains(&raw.minutes) || to > start.minus(Span(HOUR)) {
        return wrong(
            place,
            "hosts are told apart for 1 to 1,440 minutes that end an hour before the start or earlier",
        );
    }
    Ok(Apart { from, to })
}

fn past(raw: &Spanned<wire::Past>, start: Time, rules: &Rules) -> Checked<Past> {
    let place = raw.span();
    let raw = raw.get_ref();
    let when = match (&raw.at, &raw.daily) {
        (None, Some(daily)) => When::Daily(u32::try_from(of_day(daily)? / MINUTE).unwrap_or(0)),
        (Some(at), None) => When::Once(before(at, start)?),
        _ => return wrong(place, "something past has either `at` or `daily`"),
    };
    if !(1..=1440).contains(&raw.minutes) || raw.bad_per_minute > 60_000 || !(100..600).contains(&raw.status) {
        return wrong(place, "something past lasts from 1 to 1,440 minutes, with a status from 100 to 599");
    }
    let one = |kind: &str, word: &Word, known: &[String]| match known.contains(word.get_ref()) {
        true => Ok(word.get_ref().clone()),
        false => wrong(word.span(), places::unknown(kind, word.get_ref(), known.iter().map(String::as_str))),
    };
    Ok(Past {
        hosts: raw.hosts.iter().map(|host| one("host", host, &rules.hosts)).collect::<Checked<Vec<_>>>()?,
        build: raw.build.as_ref().map(|build| one("build", build, &rules.build.values)).transpose()?,
        what: raw.what.clone(),
        when,
        minutes: raw.minutes,
        bad_per_minute: raw.bad_per_minute,
        status: raw.status,
    })
}

fn member(raw: &wire::Member) -> Checked<Member> {
    let roles = Role::ALL.map(|role| (role, role.word()));
    let role = raw.role.as_ref().map(|word| one_of("role", word, &roles)).transpose()?;
    Ok(Member { name: raw.name.clone(), role })
}

fn truth(raw: &wire::Truth, start: Time) -> Checked<Truth> {
    let at = time(&raw.at, start)?;
    if at.0.rem_euclid(MINUTE) != 0 {
        return wrong(raw.at.span(), "the truth is told to the minute");
    }
    Ok(Truth { at, says: raw.says.clone() })
}
