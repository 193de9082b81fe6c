//! What a flag means for a switch: whom the stopped value reaches, by which share, by which exclusions. Pure. It must not know where the
//! file is or what is wanted.

use super::document::{Definition, Document, Variant, show};
use super::scan;
use super::served::{CODE_DEFAULT, of};
use super::targeting::{self, Place, Split, Wrapped};
use crate::incident::switch::{Level, Share, Sight, by_rule};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use xxhash_rust::xxh3::xxh3_64;

/// How often one evaluator may refer to another.
const DEEPEST: usize = 16;

/// Everything that a flag can serve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Variants by their names.
    pub variants: BTreeSet<String>,
    /// The application's own default.
    pub code: bool,
    /// Something that cannot be told without a context.
    pub unknown: bool,
}

/// A flag as a switch.
pub struct Meaning {
    /// The targeting as written, when it says anything.
    pub rule: Option<String>,
    /// Who is excluded.
    pub wrapped: Option<Wrapped>,
    /// The place of a share, or why there is none.
    pub place: Result<Place, &'static str>,
    /// What can be served to whom is not excluded.
    pub reach: Reach,
    /// What a look at it says.
    pub sight: Sight,
}

/// What the file's shared evaluators are.
pub fn evaluators(document: &Document<'_>) -> Map<String, Value> {
    let text = document.text;
    let found = scan::whole(text).and_then(|range| scan::members(text, &range));
    let found = found.as_deref().and_then(|members| scan::last(members, "$evaluators"));
    let value = found.and_then(|m| serde_json::from_str(text.get(m.value.clone())?).ok());
    value.unwrap_or_default()
}

/// The rules of a definition as written; none when they say nothing.
pub fn rule<'t>(definition: &Definition, text: &'t str) -> Option<&'t str> {
    let member = scan::last(&definition.members, "targeting").filter(|_| definition.targeting)?;
    text.get(member.value.clone())
}

impl Meaning {
    /// Reads a definition that stands in `document`, of a switch that stops with the variant `stop`, or else by disabling it.
    pub fn of(document: &Document<'_>, definition: &Definition, body: &str, stop: Option<&Variant>) -> Meaning {
        let shared = evaluators(document);
        let rule = rule(definition, document.text).map(str::to_owned);
        let whole = rule.as_deref().and_then(|rule| Some((rule, scan::whole(rule)?)));
        let wrapped = whole.clone().zip(stop).map(|((rule, range), stop)| targeting::unwrap(rule, range, &stop.name));
        let place = match (&whole, stop) {
            (Some((rule, range)), Some(stop)) => targeting::place(rule, range.clone(), &stop.name),
            (Some(_), None) => Err("stands as it is while no variant stops"),
            (None, _) => Ok(Place::Empty(0..0)),
        };
        let default = definition.default.and_then(|place| definition.variants.get(place));
        let inner = match &wrapped {
            Some(wrapped) => rule.as_deref().and_then(|rule| rule.get(wrapped.rest.clone())),
            None => rule.as_deref(),
        };
        let read = |rule: &str| serde_json::from_str::<Value>(rule).unwrap_or(Value::Bool(true));
        let mut reach = Reach::default();
        if definition.enabled {
            reach.take(&inner.map_or(Value::Null, read), definition, default, &shared, 0);
        } else {
            reach.code = true;
        }
        let mut meaning = Meaning { rule, wrapped, place, reach, sight: Sight::default() };
        meaning.sight = meaning.seen(definition, body, stop, &shared);
        meaning.sight.whole = meaning.served(definition, stop);
        meaning
    }

    /// The division among two variants, where there is one.
    pub fn split(&self) -> Option<&Split> {
        match &self.place {
            Ok(Place::Split(_, split)) => Some(split),
            _ => None,
        }
    }

    /// All of the targeting are exclusions and a share.
    pub fn is_plain(&self) -> bool {
        let rest = self.wrapped.as_ref().map(|w| w.rest.clone());
        match (&self.place, rest) {
            (Ok(Place::Empty(range) | Place::Split(range, _)), Some(rest)) => *range == rest,
            (Ok(Place::Empty(_)), None) => true,
            _ => false,
        }
    }

    /// The share that is reached now, as far as it is known: all of it where only some by name get the stopped value.
    pub fn reached(&self, stop: Option<&Variant>) -> Option<Share> {
        let Reach { variants, code, unknown } = &self.reach;
        let stops = stop.is_some_and(|stop| variants.contains(&stop.name));
        let is_all = !variants.is_empty() && !stops && !code && !unknown;
        self.sight.reach().or((self.sight.level == Level::Partly && is_all).then_some(Share::EVERYBODY))
    }

    fn seen(&self, definition: &Definition, body: &str, stop: Option<&Variant>, shared: &Map<String, Value>) -> Sight {
        let served = of(definition);
        let excluded = match &self.wrapped {
            Some(wrapped) if definition.enabled => wrapped.excluded(),
            _ => Vec::new(),
        };
        let Reach { variants, code, unknown } = &self.reach;
        let (code, unknown) = (*code, *unknown);
        let is_stop = |name: &String| stop.is_some_and(|stop| *name == stop.name);
        let (off, on) = (variants.iter().any(is_stop), variants.iter().any(|name| !is_stop(name)));
        let level = match (off, on || unknown) {
            // the application's own default is what stops
            _ if stop.is_none() => match (code, on || unknown) {
                (true, false) => Level::Off,
                (true, true) => Level::Partly,
                (false, true) => Level::On,
                (false, false) => Level::Other,
            },
            (true, false) if !code => Level::Off,
            (false, true) if !unknown && !code && excluded.is_empty() => Level::On,
            (false, _) if !unknown && excluded.is_empty() => Level::Other,
            _ => Level::Partly,
        };
        let share = self.split().filter(|_| definition.enabled).and_then(|split| split.share);
        let others = self.others(definition, stop, &served.value);
        let mut words = served.plain;
        if definition.enabled {
            if let Some((share, split)) = share.zip(self.split()) {
                words.push_str(&format!("; {share} get {}", value_of(definition, &split.on)));
            }
            if let Some(names) = named(&excluded) {
                words.push_str(&format!("; {names} gets {}", stopped(stop)));
            }
            let some =
                if self.spares_nobody(definition) { "everybody gets" } else { "some contexts, perhaps all, get" };
            match &others {
                Some(others) => words.push_str(&format!("; by a rule {some} {others}")),
                None if self.is_plain() => {}
                None => words.push_str("; its rules serve nothing else"),
            }
        }
        Sight {
            value: served.value,
            variant: served.variant,
            // exclusions and a share are told by themselves
            targeting: served.targeting && !self.is_plain(),
            by_rule: others,
            words,
            level,
            share,
            excluded,
            version: Some(digest(body, self.rule.as_deref(), shared)),
            ..Sight::default()
        }
    }

    /// What is served, in a few words that two different states do not share: `true`, `true for 5 %, else false`.
    pub fn served(&self, definition: &Definition, stop: Option<&Variant>) -> String {
        let mut words = self.sight.value.clone();
        if let (Some(share), Some(split)) = (self.sight.share, self.split())
            && self.sight.level != Level::Off
            && share != Share::EVERYBODY
        {
            words = format!("{} for {share}, else {}", value_of(definition, &split.on), stopped(stop));
        }
        if self.sight.level != Level::Off
            && let Some(names) = named(&self.sight.excluded)
        {
            words.push_str(&format!(", {} for {names}", stopped(stop)));
        }
        if let Some(others) = &self.sight.by_rule {
            words.push_str(&by_rule(others));
        }
        words
    }

    /// What rules serve beside the default value and a share, as values; none where all that they serve is told by these.
    fn others(&self, definition: &Definition, stop: Option<&Variant>, value: &str) -> Option<String> {
        if !definition.enabled || self.is_plain() {
            return None;
        }
        let mut told = vec![value.to_owned()];
        if let Some(split) = self.split().filter(|split| split.share.is_some()) {
            told.extend([value_of(definition, &split.on), stopped(stop)]);
        }
        let code = self.reach.code.then(|| CODE_DEFAULT.to_owned());
        let mut others = Vec::new();
        for one in self.reach.variants.iter().map(|name| value_of(definition, name)).chain(code) {
            if !told.contains(&one) {
                told.push(one.clone());
                others.push(one);
            }
        }
        others.extend(self.reach.unknown.then(|| "something else".to_owned()));
        (!others.is_empty()).then(|| others.join(" or "))
    }

    /// Its rules answer for everybody: nobody gets the default value.
    fn spares_nobody(&self, definition: &Definition) -> bool {
        let Reach { variants, code, unknown } = &self.reach;
        let default = definition.default.and_then(|place| definition.variants.get(place));
        !unknown && default.map_or(!code, |variant| !variants.contains(&variant.name))
    }

    /// What can be served to whom is not excluded, as values: `true`, `true or false`.
    pub fn values(&self, definition: &Definition) -> String {
        let mut all: Vec<String> = self.reach.variants.iter().map(|name| value_of(definition, name)).collect();
        if self.reach.code {
            all.push(CODE_DEFAULT.to_owned());
        }
        if self.reach.unknown {
            all.push("what a rule works out".to_owned());
        }
        all.join(" or ")
    }
}

/// The value that is served after a stop.
pub fn stopped(stop: Option<&Variant>) -> String {
    stop.map_or_else(|| CODE_DEFAULT.to_owned(), Variant::shown)
}

/// Names of contexts, the first few.
pub fn named(all: &[crate::incident::switch::Whom]) -> Option<String> {
    let shown: Vec<_> = all.iter().take(3).map(|whom| show(&whom.to_string())).collect();
    let more = all.len().saturating_sub(shown.len());
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!shown.is_empty()).then(|| format!("{}{more}", shown.join(", ")))
}

/// The value of the variant of that name, as shown.
pub fn value_of(definition: &Definition, name: &str) -> String {
    definition.variants.iter().rev().find(|v| v.name == name).map_or_else(|| show(name), Variant::shown)
}

impl Reach {
    fn take(
        &mut self,
        rule: &Value,
        definition: &Definition,
        default: Option<&Variant>,
        shared: &Map<String, Value>,
        depth: usize,
    ) {
        let next = |reach: &mut Reach, rule: &Value, depth| reach.take(rule, definition, default, shared, depth);
        match rule {
            Value::Null => match default {
                Some(variant) => _ = self.variants.insert(variant.name.clone()),
                None => self.code = true,
            },
            Value::String(name) if definition.variants.iter().any(|v| v.name == *name) => {
                self.variants.insert(name.clone());
            }
            Value::Object(members) if members.len() == 1 => {
                let (operator, value) = members.iter().next().unwrap_or((const { &String::new() }, &Value::Null));
                let parts = value.as_array().map(Vec::as_slice).unwrap_or_default();
                match operator.as_str() {
                    "$ref" => match value.as_str().and_then(|name| shared.get(name)) {
                        Some(rule) if depth < DEEPEST => next(self, rule, depth + 1),
                        _ => self.unknown = true,
                    },
                    "if" if parts.len() > 1 => {
                        for (at, part) in parts.iter().enumerate() {
                            if at % 2 == 1 || at + 1 == parts.len() {
                                next(self, part, depth);
                            }
                        }
                        if parts.len() % 2 == 0 {
                            next(self, &Value::Null, depth);
                        }
                    }
                    "fractional" => {
                        let nothing = Value::from(0);
                        let arms = parts.iter().filter_map(Value::as_array);
                        for arm in arms.filter(|arm| arm.get(1) != Some(&nothing)) {
                            next(self, arm.first().unwrap_or(&Value::Null), depth);
                        }
                        // whoever cannot be told apart
                        next(self, &Value::Null, depth);
                    }
                    _ => self.unknown = true,
                }
            }
            Value::Object(members) if members.is_empty() => next(self, &Value::Null, depth),
            _ => self.unknown = true,
        }
    }
}

/// Sixteen digits that change when the definition or an evaluator that it refers to changes, and not with its layout.
fn digest(body: &str, rule: Option<&str>, shared: &Map<String, Value>) -> String {
    let compact = |text: &str| serde_json::from_str::<Value>(text).map_or_else(|_| text.to_owned(), |v| v.to_string());
    let mut all = compact(body);
    let rule = rule.and_then(|rule| serde_json::from_str::<Value>(rule).ok()).unwrap_or_default();
    let mut open = super::schema::references(&rule);
    let mut done = BTreeSet::new();
    while let Some(name) = open.pop() {
        if let Some(evaluator) = shared.get(&name).filter(|_| done.insert(name.clone())) {
            all.push_str(&format!("\n{name}: {evaluator}"));
            open.extend(super::schema::references(evaluator));
        }
    }
    format!("{:016x}", xxh3_64(all.as_bytes()))
}
