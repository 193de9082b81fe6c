//! Who is affected by a change, what stands in its way and what depends on it, one short sentence each. Pure. It must not know how it was asked for.

use super::super::flagd::CODE_DEFAULT;
use super::beside::{Beside, PAGE};
use super::state::{Flag, Rule, Serve, State, short};
use super::steps::{Stop, kind};
use crate::incident::switch::{Share, Wanted, Whom};
use crate::incident::time::{Span, Time};

/// How many of a kind are named.
const MOST: usize = 3;
/// How long ago something was done that may still be under way.
const LATELY: Span = Span::minutes(60);

/// What would be served by the one who is asked about: everybody without a rule of their own, or the one who is excluded.
pub(super) fn to(flag: &Flag, after: &State, wanted: &Wanted) -> String {
    let Wanted::Exclude(whom) = wanted else { return flag.value(after) };
    let whom = kind(whom);
    let value = after.target(&whom).filter(|_| after.on).map_or_else(|| flag.value(after), |one| flag.shown(one));
    format!("{value} for {} {}", short(&whom.kind), short(&whom.key))
}

/// A rule as people find it there.
fn rule(flag: &Flag, one: &Rule) -> String {
    let place = flag.state.rules.iter().position(|other| other.id == one.id).unwrap_or_default() + 1;
    one.words.as_ref().map_or_else(|| format!("rule {place}"), |words| format!("rule {place} ({words})"))
}

fn count(number: usize, one: &str, more: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {more}") }
}

/// Rules and contexts by name of a state, in words; none where there are none.
fn beside(state: &State) -> Option<String> {
    let (rules, names) = targeted(state);
    let rules = (rules > 0).then(|| count(rules, "rule", "rules"));
    let names = (names > 0).then(|| count(names, "context by name", "contexts by name"));
    let parts: Vec<String> = rules.into_iter().chain(names).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Rules that hold, and contexts by name.
fn targeted(state: &State) -> (usize, usize) {
    (state.active().count(), state.targets.values().map(std::collections::BTreeSet::len).sum())
}

/// Who gets what instead of what.
pub(super) fn cohorts(flag: &Flag, after: &State) -> Vec<String> {
    let now = &flag.state;
    let (was, is) = (flag.value(now), flag.value(after));
    let mut said = Vec::new();
    match (now.on, after.on) {
        (_, false) => {
            let also = beside(now).filter(|_| now.on);
            let also = also.map_or_else(String::new, |also| format!(", also behind {also}"));
            if was != is || now.on {
                said.push(format!("everybody{also}: {was} → {is}"));
            }
            if after.off.is_none() {
                said.push(
                    "what off serves is unset there: each application's own default, which may be what runs now".into(),
                );
            }
        }
        (false, true) => {
            said.push(format!("everybody: {was} → {is}"));
            if let Some(also) = beside(after) {
                said.push(format!("{also} hold again"));
            }
        }
        (true, true) => {
            said.extend(by_name(flag, after, (&was, &is)));
            if !after.fallthrough.is_like(&now.fallthrough) {
                said.push(format!("all without a rule of their own: {was} → {is}"));
            }
            for (before, rule_after) in now.rules.iter().zip(&after.rules) {
                if !before.serve.is_like(&rule_after.serve) {
                    let (was, is) = (flag.serves(&before.serve), flag.serves(&rule_after.serve));
                    said.push(format!("{}: {was} → {is}", rule(flag, before)));
                }
            }
        }
    }
    said
}

/// Who is served something else by name, and who is no more; and that nobody else is, where that is so.
fn by_name(flag: &Flag, after: &State, (was, is): (&str, &str)) -> Vec<String> {
    let now = &flag.state;
    let mut said = Vec::new();
    for ((kind, one), values) in after.named() {
        let had = now.targets.get(&(kind.clone(), *one));
        let new: Vec<&String> = values.iter().filter(|key| had.is_none_or(|had| !had.contains(*key))).collect();
        for key in new.iter().take(MOST) {
            let whom = Whom { kind: kind.clone(), key: (*key).clone() };
            let was = now.target(&whom).map_or_else(|| was.to_owned(), |one| format!("{} by name", flag.shown(one)));
            said.push(format!("{} {}: {was} → {}", short(kind), short(key), flag.shown(*one)));
        }
        if new.len() > MOST {
            said.push(format!("{} more of kind {}: → {}", new.len() - MOST, short(kind), flag.shown(*one)));
        }
    }
    let still = |kind: &String, key: &String| {
        after.targets.iter().any(|((other, _), keys)| other == kind && keys.contains(key))
    };
    let named = now.targets.iter().flat_map(|((kind, one), keys)| keys.iter().map(move |key| (kind, key, *one)));
    let gone: Vec<_> = named.filter(|(kind, key, _)| !still(kind, key)).collect();
    // a rule may reach one that is named no more
    let then = if after.rules.is_empty() { is } else { "what the rules say" };
    for (kind, key, one) in gone.iter().take(MOST) {
        said.push(format!("{} {}: {} by name → {then}", short(kind), short(key), flag.shown(*one)));
    }
    if let Some(more) = gone.len().checked_sub(MOST).filter(|more| *more > 0) {
        said.push(format!("{} served by name no more", count(more, "other is", "others are")));
    }
    let is_like = |(before, after): (&Rule, &Rule)| before.serve.is_like(&after.serve);
    let is_same = after.fallthrough.is_like(&now.fallthrough) && now.rules.iter().zip(&after.rules).all(is_like);
    if let Some(last) = said.last_mut().filter(|_| is_same) {
        last.push_str(", all others as before");
    }
    said
}

/// What stands in the way of what is wanted.
pub(super) fn against(flag: &Flag, after: &State, wanted: &Wanted, stop: &Stop, stopped: Option<usize>) -> Vec<String> {
    let now = &flag.state;
    let mut said = Vec::new();
    if let Some(denied) = flag.denied.as_ref().filter(|denied| !denied.is_empty()) {
        said.push(format!(
            "this login may not {} here",
            denied.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ")
        ));
    }
    // those whom it does not reach
    let (beyond, words): (Box<dyn Fn(usize) -> bool>, &str) = match (wanted, stopped) {
        (Wanted::Stop, Some(stopped)) if *stop == Stop::On => (Box::new(move |one| one != stopped), "not stopped"),
        (Wanted::Percent(share) | Wanted::Step(share, _), Some(stopped)) if *share < Share::EVERYBODY => {
            (Box::new(move |one| one != stopped), "not lowered")
        }
        (Wanted::Restore | Wanted::Percent(_) | Wanted::Step(..), Some(stopped)) => {
            (Box::new(move |one| one == stopped), "still stopped")
        }
        _ => (Box::new(|_| false), ""),
    };
    if after.on {
        for one in after.active().filter(|one| one.serve.served().into_iter().any(&beyond)).take(MOST) {
            said.push(format!("{} serves {} to whom it matches: {words}", rule(flag, one), flag.serves(&one.serve)));
        }
        for ((kind, one), values) in after.named().into_iter().filter(|((_, one), _)| beyond(*one)).take(MOST) {
            said.push(format!("{} of kind {} get {} by name: {words}", values.len(), short(kind), flag.shown(*one)));
        }
        if let Some((key, _)) = after.needs.first() {
            let off = after.off.map_or_else(|| CODE_DEFAULT.to_owned(), |off| flag.shown(off));
            said.push(format!("it needs {} first: who fails that gets {off}", short(key)));
        }
        if *wanted == Wanted::Restore && matches!(after.fallthrough, Serve::Split(_)) {
            said.push(format!("the default rule serves {}, as it is set there", flag.serves(&after.fallthrough)));
        }
    }
    let serves = || now.rules.iter().map(|rule| &rule.serve).chain([&now.fallthrough]);
    if now.on && !after.on && serves().any(|serve| matches!(serve, Serve::Split(split) if split.experiment)) {
        said.push("an experiment runs on it and counts nothing while it is off".into());
    }
    if let (Serve::Split(split), Serve::Split(new)) = (&now.fallthrough, &after.fallthrough)
        && !now.fallthrough.is_like(&after.fallthrough)
        && (split.seed.is_some() || new.experiment)
    {
        said.push("its buckets are seeded, and the seed may be lost: who is in may change".into());
    }
    if now.off.is_none() && after.off.is_some() {
        let off = flag.value(&State { on: false, ..after.clone() });
        said.push(format!("what off serves was unset and stays {off} after a revert: it cannot be unset from here"));
    }
    if wanted.share().is_some()
        && let Serve::Split(split) = &after.fallthrough
    {
        let (kind, by) = (split.kind.as_deref().unwrap_or("user"), split.by.as_deref().unwrap_or("key"));
        said.push(format!("who is in is decided by the {} of each {}", short(by), short(kind)));
    }
    if flag.deprecated {
        said.push("it is deprecated there".into());
    }
    said
}

impl Beside {
    /// What must be said of the environment, the flag's past and what waits, the gravest first.
    pub fn notes(&self, environment: &str, now: Time) -> Vec<String> {
        let mut said = Vec::new();
        for one in self.requests.iter().flatten().filter(|one| one.pending) {
            said.push(format!("a request is {} there, which this may void: {}", one.review, one.words));
        }
        for one in self.schedules.iter().flatten() {
            let at = one.at.map_or_else(String::new, |at| format!(" for {}", when(at, now)));
            said.push(format!("scheduled there{at}: {}", one.words));
        }
        match self.dependents.as_deref() {
            Some([]) => {}
            Some(all) => {
                let named = all.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
                let more = if all.len() > MOST { format!(" and {} more", all.len() - MOST) } else { String::new() };
                let depend = count(all.len(), "flag depends", "flags depend");
                said.push(format!("{depend} on it: {named}{more}"));
            }
            None => said.push("which flags depend on it is not told".into()),
        }
        let shown = short(environment);
        match &self.rules {
            Some(rules) => {
                // what else it asks is said as its wish
                let asks = if rules.comments { ": wants a reason" } else { "" };
                said.push(format!("environment {shown}{asks}"));
            }
            None => said.push(format!("environment {shown}, whose rules are not told")),
        }
        if let Some(log) = &self.log {
            let lately = log.iter().filter(|one| one.at >= now.minus(LATELY) && !one.is_ours());
            for one in lately.take(MOST) {
                let by = one.by.as_deref().unwrap_or("somebody");
                said.push(format!("{by} {} at {}", one.did, one.at.clock_minutes()));
            }
            if !log.iter().any(|one| one.flips) {
                said.push(match log.len() < PAGE {
                    true => "never exercised: it was not turned on or off before".into(),
                    false => format!("not turned on or off in its last {} changes", log.len()),
                });
            }
        }
        match &self.status {
            Some((word, Some(at))) => {
                said.push(format!("last asked for by an application {} ({word})", when(*at, now)))
            }
            Some((word, None)) => said.push(format!("no application asked for it lately ({word})")),
            None => {}
        }
        said
    }
}

/// A moment near enough to be said by the clock, or with its day.
pub(super) fn when(at: Time, now: Time) -> String {
    let near = Span::minutes(12 * 60);
    match at.since(now).max(now.since(at)) < near {
        true => at.clock_minutes(),
        false => format!("{} {}", at.date(), at.clock_minutes()),
    }
}
