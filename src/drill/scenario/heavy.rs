//! Reads what one customer asks too much of. It must not know what the world makes of it.

use toml::Spanned;

use super::flagfile::FlagFile;
use super::places;
use super::read::{Checked, time, within, wrong};
use super::wire::{self, Word};
use super::{Heavy, Switch, Traffic};
use crate::incident::time::Time;

/// The feature; its customer and route must be among what is asked, its flag among what can be stopped.
pub fn heavy(
    raw: &Spanned<wire::Heavy>,
    start: Time,
    (traffic, switches, flags): (&Traffic, &[Switch], &FlagFile),
) -> Checked<Heavy> {
    let place = raw.span();
    let raw = raw.get_ref();
    let customers = traffic.customers.iter().map(String::as_str);
    let routes = traffic.routes.iter().map(|route| route.route.as_str());
    let (from, until) = (time(&raw.from, start)?, time(&raw.until, start)?);
    if from < start || until <= from {
        return wrong(place, "the queries must become slow after the start, and fast again after that");
    }
    let Some(switch) = switches.iter().find(|switch| switch.flag == *raw.flag.get_ref()) else {
        let known = switches.iter().map(|switch| switch.flag.as_str());
        return wrong(raw.flag.span(), places::unknown("switch", raw.flag.get_ref(), known));
    };
    let stopped = flags.flag(&raw.flag)?.variants.iter().find(|variant| variant.name == switch.stop);
    Ok(Heavy {
        customer: one("customer", &raw.customer, customers)?,
        route: one("route", &raw.route, routes)?,
        share_ppm: *within("share_ppm", &raw.share_ppm, 0..=500_000)?,
        from,
        until,
        slow_ppm: *within("slow_ppm", &raw.slow_ppm, 0..=1_000_000)?,
        slow_us: *within("slow_us", &raw.slow_us, 1..=60_000_000)?,
        flag: switch.flag.clone(),
        off: stopped.map(|variant| variant.value.clone()).unwrap_or_default(),
    })
}

fn one<'a>(kind: &str, word: &Word, mut known: impl Iterator<Item = &'a str> + Clone) -> Checked<String> {
    let all = known.clone();
    match known.any(|known| known == word.get_ref()) {
        true => Ok(word.get_ref().clone()),
        false => wrong(word.span(), places::unknown(kind, word.get_ref(), all)),
    }
}
