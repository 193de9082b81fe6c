//! Reads how hosts behave: what they hold, how it reaches them, and what they cannot bear. It must not know traffic or people.

use toml::Spanned;

use super::flagfile::FlagFile;
use super::places;
use super::read::{Checked, time, within, wrong};
use super::wire::{self, Word};
use crate::drill::rules::{Again, Batch, Fault, Harm, Part, Rules, Sending};
use crate::incident::scope;
use crate::incident::time::{Span, Time};

/// Fields that events have in every scenario, whatever the others are called.
const TAKEN: [&str; 6] = ["time", "service", "host", "batch", "route", "error"];

/// `[rules]`.
pub fn rules(raw: &wire::Rules, start: Time, (fields, flags): (&wire::Fields, &FlagFile)) -> Checked<Rules> {
    let mut hosts: Vec<String> = Vec::new();
    for host in &raw.hosts {
        if hosts.contains(host.get_ref()) {
            return wrong(host.span(), format!("host `{}` is named twice", host.get_ref().escape_debug()));
        }
        hosts.push(host.get_ref().clone());
    }
    if !(1..=64).contains(&hosts.len()) {
        return wrong(raw.flag.span(), "there must be from 1 to 64 hosts");
    }
    let mut batches = Vec::new();
    for one in &raw.batches {
        let members = one.hosts.iter().map(|host| named("host", host, &hosts)).collect::<Checked<Vec<_>>>()?;
        batches.push(Batch { name: one.name.get_ref().clone(), hosts: members });
    }
    let room = Room { start, flags, batches: &batches, hosts: hosts.len() };
    let build = room.part(&Sent {
        field: &fields.build,
        flag: &raw.flag,
        at: &raw.deployed,
        to: &raw.to,
        later: &raw.later,
        before: &raw.before,
        takes: &raw.back_after_s,
        again: None,
        gate: raw.gate.as_ref(),
    })?;
    let called = [fields.build.as_str(), &fields.customer, &fields.status];
    let mut parts: Vec<Part> = Vec::new();
    for one in &raw.parts {
        let field = one.field.get_ref().as_str();
        if TAKEN.contains(&field) || called.contains(&field) || parts.iter().any(|part| part.field == field) {
            return wrong(one.field.span(), format!("events have a field `{}` already", field.escape_debug()));
        }
        parts.push(room.part(&Sent {
            field,
            flag: &one.flag,
            at: &one.sent,
            to: &one.to,
            later: &one.later,
            before: &one.before,
            takes: &one.takes_s,
            again: one.again.as_ref(),
            gate: None,
        })?);
    }
    let broken = raw.broken.iter().map(|word| Ok(build.values[named("build", word, &build.values)?].clone()));
    let broken = broken.collect::<Checked<Vec<_>>>()?;
    let held: Vec<&Part> = std::iter::once(&build).chain(&parts).collect();
    let faults = raw.faults.iter().map(|one| fault(one, &held)).collect::<Checked<Vec<_>>>()?;
    Ok(Rules { out_after: delay(&raw.out_after_s)?, hosts, batches, build, broken, parts, faults })
}

/// What a part is read with.
struct Room<'a> {
    start: Time,
    flags: &'a FlagFile,
    batches: &'a [Batch],
    hosts: usize,
}

/// A part as written, whichever table it stands in.
struct Sent<'a> {
    field: &'a str,
    flag: &'a Word,
    at: &'a Word,
    to: &'a [Word],
    later: &'a [wire::Later],
    before: &'a Word,
    takes: &'a Spanned<(u32, u32)>,
    again: Option<&'a wire::Again>,
    gate: Option<&'a Word>,
}

impl Room<'_> {
    fn part(&self, raw: &Sent<'_>) -> Checked<Part> {
        let flag = self.flags.flag(raw.flag)?;
        let first = self.served(raw.flag)?;
        let values: Vec<String> = flag.variants.iter().map(|variant| variant.value.clone()).collect();
        named(raw.field, raw.before, &values)?;
        let mut sends = vec![Sending { at: time(raw.at, self.start)?, hosts: self.reached(raw.to)? }];
        for later in raw.later {
            let at = time(&later.at, self.start)?;
            if sends.last().is_some_and(|last| at <= last.at) {
                return wrong(later.at.span(), "what is sent later must be sent later");
            }
            sends.push(Sending { at, hosts: self.reached(&later.to)? });
        }
        let again = raw.again.map(|again| {
            Ok(Again {
                flag: again.flag.get_ref().clone(),
                on: self.served(&again.flag)?,
                every: Span::seconds(i64::from(*within("every_s", &again.every_s, 60..=86_400)?)),
            })
        });
        let gate = raw.gate.map(|place| match scope::check(place.get_ref(), false) {
            Ok(()) => Ok(place.get_ref().clone()),
            Err(refusal) => wrong(place.span(), refusal.why.trim_end_matches('.').to_owned()),
        });
        Ok(Part {
            gate: gate.transpose()?,
            field: raw.field.to_owned(),
            flag: raw.flag.get_ref().clone(),
            before: raw.before.get_ref().clone(),
            takes: delay(raw.takes)?,
            again: again.transpose()?,
            values,
            first,
            sends,
        })
    }

    /// What a flag serves when the drill opens.
    fn served(&self, flag: &Word) -> Checked<String> {
        match self.flags.flag(flag)?.served() {
            Some(value) => Ok(value.to_owned()),
            None => wrong(flag.span(), "this flag serves none of its variants in the flag file"),
        }
    }

    /// The hosts of these batches; all hosts without any.
    fn reached(&self, to: &[Word]) -> Checked<Vec<usize>> {
        if to.is_empty() {
            return Ok((0..self.hosts).collect());
        }
        let names: Vec<String> = self.batches.iter().map(|batch| batch.name.clone()).collect();
        let mut hosts = Vec::new();
        for word in to {
            let batch = named("batch", word, &names)?;
            hosts.extend(self.batches.get(batch).into_iter().flat_map(|batch| &batch.hosts));
        }
        Ok(hosts)
    }
}

fn fault(raw: &Spanned<wire::Fault>, held: &[&Part]) -> Checked<Fault> {
    let place = raw.span();
    let raw = raw.get_ref();
    let fields: Vec<String> = held.iter().map(|part| part.field.clone()).collect();
    let mut with = Vec::new();
    for (field, value) in &raw.with {
        let part = named("field", field, &fields)?;
        with.push((part, named(field.get_ref(), value, &held[part].values)?));
    }
    let harm = match (raw.answers, &raw.serves_s, &raw.out_s) {
        (Some(status @ 500..=599), None, None) => Harm::Answers(status),
        (None, Some(serves), Some(out)) => Harm::Crashes { serves: delay(serves)?, out: delay(out)? },
        _ => return wrong(place, "a fault has either `answers` from 500 to 599, or `serves_s` and `out_s`"),
    };
    if with.is_empty() {
        return wrong(place, "a fault says `with` what it comes");
    }
    Ok(Fault { with, harm })
}

/// The place of a word among known ones.
fn named(kind: &str, word: &Word, known: &[String]) -> Checked<usize> {
    match known.iter().position(|name| name == word.get_ref()) {
        Some(place) => Ok(place),
        None => wrong(word.span(), places::unknown(kind, word.get_ref(), known.iter().map(String::as_str))),
    }
}

/// How long the first host takes and the last.
fn delay(range: &Spanned<(u32, u32)>) -> Checked<(u32, u32)> {
    match *range.get_ref() {
        (first, last) if first >= 1 && first <= last && last <= 3600 => Ok((first, last)),
        _ => wrong(range.span(), "the first and the last host must take from 1 to 3600 seconds, the last not less"),
    }
}
