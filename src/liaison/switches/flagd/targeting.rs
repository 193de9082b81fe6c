//! The targeting of a flag as text: the parts of it that an act here makes or changes, found by their shape, and changed in place. It
//! must not know which act it is.
//!
//! An *exclusion* is `{"if":[{"in":[{"var":KIND},[KEYS]]},STOP,REST]}`, around everything that was there before: only so does it hold in
//! every branch. A *split* is `{"fractional":[BUCKET?,[ON,5],[STOP,95]]}`. flagd hashes the bucket to a place in 0..1 and takes the first
//! arm whose weights reach beyond it, so that with the same arms in the same order a smaller weight of ON takes places away and gives none.
//! Who wrote them does not matter: what has the shape has the meaning.

use super::edit::splice;
use super::scan;
use crate::incident::switch::{Share, Whom};
use serde_json::Value;
use std::ops::Range;

/// The name of the context's own key, which every OpenFeature client can send.
const TARGETING_KEY: &str = "targetingKey";
/// What people call a context that is told apart by that key.
const USER: &str = "user";
/// Whole numbers up to here are the same in JavaScript.
const EXACT: i64 = 1 << 53;

/// The variable that tells contexts of a kind apart.
pub fn variable(kind: &str) -> &str {
    if kind == USER { TARGETING_KEY } else { kind }
}

/// One exclusion.
pub struct Exclusion {
    /// The variable.
    pub variable: String,
    /// The values that are excluded, as text.
    pub keys: Vec<String>,
    /// Where the list of them stands.
    list: Range<usize>,
}

/// A targeting, read from the outside.
pub struct Wrapped {
    /// The exclusions, outermost first.
    pub exclusions: Vec<Exclusion>,
    /// What stands inside of them.
    pub rest: Range<usize>,
}

impl Wrapped {
    /// Who is excluded.
    pub fn excluded(&self) -> Vec<Whom> {
        let mut all: Vec<Whom> = Vec::new();
        for exclusion in &self.exclusions {
            let kind = if exclusion.variable == TARGETING_KEY { USER } else { &exclusion.variable };
            for key in &exclusion.keys {
                let whom = Whom { kind: kind.to_owned(), key: key.clone() };
                if !all.contains(&whom) {
                    all.push(whom);
                }
            }
        }
        all
    }

    /// Whether this context is excluded already.
    pub fn holds(&self, whom: &Whom) -> bool {
        let hit = |e: &Exclusion| e.variable == variable(&whom.kind) && e.keys.contains(&whom.key);
        self.exclusions.iter().any(hit)
    }
}

/// The exclusions around the rule at `range`, by a flag whose stopped variant is `stop`.
pub fn unwrap(text: &str, range: Range<usize>, stop: &str) -> Wrapped {
    let mut wrapped = Wrapped { exclusions: Vec::new(), rest: range };
    while let Some((exclusion, rest)) = exclusion(text, &wrapped.rest, stop) {
        wrapped.exclusions.push(exclusion);
        wrapped.rest = rest;
    }
    wrapped
}

fn exclusion(text: &str, range: &Range<usize>, stop: &str) -> Option<(Exclusion, Range<usize>)> {
    let parts = arguments(text, range, "if")?;
    let [condition, result, rest] = parts.as_slice() else { return None };
    let tested = arguments(text, condition, "in")?;
    let [subject, list] = tested.as_slice() else { return None };
    let variable = string(text, &only(text, subject, "var")?)?;
    let keys = scan::items(text, list)?.iter().map(|item| scalar(text, item)).collect::<Option<Vec<_>>>()?;
    let keys = keys.into_iter().fold(Vec::new(), |mut keys, key| {
        if !keys.contains(&key) {
            keys.push(key);
        }
        keys
    });
    (string(text, result)? == stop).then(|| (Exclusion { variable, keys, list: list.clone() }, rest.clone()))
}

/// The rule with one more context excluded: in the list of those of its kind, or around everything. `stop` is the stopped variant's name
/// as it is written. `None` when its parts cannot be found.
pub fn exclude(rule: Option<&str>, whom: &Whom, stop: &str) -> Option<String> {
    let key = written(whom)?;
    let Some(rule) = rule else { return around("null", whom, &key, stop) };
    let wrapped = unwrap(rule, scan::whole(rule)?, &scan::string(stop)?);
    match wrapped.exclusions.iter().find(|e| e.variable == variable(&whom.kind)) {
        Some(exclusion) => {
            let items = scan::items(rule, &exclusion.list)?;
            let (at, comma) = items.last().map_or((exclusion.list.start + 1, ""), |last| (last.end, ", "));
            splice(rule, at, at, &format!("{comma}{key}"))
        }
        None => around(rule, whom, &key, stop),
    }
}

fn around(rest: &str, whom: &Whom, key: &str, stop: &str) -> Option<String> {
    let subject = serde_json::to_string(variable(&whom.kind)).ok()?;
    Some(format!("{{\"if\": [{{\"in\": [{{\"var\": {subject}}}, [{key}]]}}, {stop}, {rest}]}}"))
}

/// The key as items of a list. Applications may send a number where people write one, and the comparison is strict: both are listed.
fn written(whom: &Whom) -> Option<String> {
    let text = serde_json::to_string(&whom.key).ok()?;
    let number = whom.key.parse::<i64>().ok().filter(|n| n.abs() <= EXACT && n.to_string() == whom.key);
    let number = number.filter(|_| variable(&whom.kind) != TARGETING_KEY);
    Some(number.map_or(text.clone(), |number| format!("{text}, {number}")))
}

/// A division among two variants.
#[derive(Debug, PartialEq, Eq)]
pub struct Split {
    /// What is served while nothing is stopped.
    pub on: String,
    /// Its share; none when all weights are nothing.
    pub share: Option<Share>,
    /// The share is exactly that.
    pub exact: bool,
    /// People are told apart by something else than their targeting key.
    pub bucket: bool,
}

/// Where in a rule a share stands or could stand.
#[derive(Debug, PartialEq, Eq)]
pub enum Place {
    /// Here, instead of nothing.
    Empty(Range<usize>),
    /// Behind this place, as an *else* that is not written yet.
    Behind(usize),
    /// Here, where one is.
    Split(Range<usize>, Split),
}

/// Finds the one place in a rule where something else than the stopped variant can be answered.
///
/// # Errors
/// Why there is no such place, as the end of a sentence that begins with "its targeting".
pub fn place(text: &str, range: Range<usize>, stop: &str) -> Result<Place, &'static str> {
    const OTHER: &str = "serves some contexts something else, whatever the share is";
    let mut range = range;
    loop {
        let written = text.get(range.clone()).unwrap_or_default();
        if written == "null" || scan::members(text, &range).is_some_and(|members| members.is_empty()) {
            return Ok(Place::Empty(range));
        }
        if only(text, &range, "fractional").is_some() {
            let split = split(text, &range, stop).ok_or("divides among other variants than two, or by a formula")?;
            return Ok(Place::Split(range, split));
        }
        let parts = arguments(text, &range, "if").ok_or(OTHER)?;
        let otherwise = parts.len() % 2 == 1;
        let is_result = |at: usize| at % 2 == 1 || (otherwise && at + 1 == parts.len());
        let mut open = parts.iter().enumerate().filter(|(at, _)| is_result(*at)).map(|(_, part)| part);
        let mut open = open.by_ref().filter(|part| string(text, part).as_deref() != Some(stop));
        range = match (open.next(), open.next(), otherwise, parts.last()) {
            (None, _, false, Some(last)) => return Ok(Place::Behind(last.end)),
            (None, ..) => return Err("serves everybody the stopped value"),
            (Some(part), None, true, _) if parts.len() > 1 => part.clone(),
            _ => return Err(OTHER),
        };
    }
}

fn split(text: &str, range: &Range<usize>, stop: &str) -> Option<Split> {
    let (bucket, arms) = arms(text, range)?;
    let weight = |name: &dyn Fn(&str) -> bool| arms.iter().filter(|a| name(&a.variant)).map(|a| a.weight).sum::<u64>();
    let on = arms.iter().map(|a| a.variant.as_str()).find(|variant| *variant != stop);
    let is_two = arms.iter().filter(|a| a.variant == stop).count() <= 1 && arms.len() <= 2;
    let (ours, all) = (weight(&|v| v != stop), weight(&|_| true));
    // a share is rounded, but some never reads as nobody, nor almost all as all
    let milli = ours.checked_mul(100_000)?.checked_add(all / 2)?.checked_div(all);
    let milli = milli.map(|milli| if ours > 0 && ours < all { milli.clamp(1, 99_999) } else { milli });
    let share = milli.and_then(|milli| Share::of_milli(u32::try_from(milli).ok()?));
    let exact = share.is_some_and(|s| u64::from(s.milli()) * all == ours * 100_000);
    (is_two && on.is_some()).then(|| Split {
        on: on.unwrap_or_default().to_owned(),
        share,
        exact,
        bucket: bucket.is_some(),
    })
}

struct Arm {
    variant: String,
    weight: u64,
    range: Range<usize>,
}

/// What a `fractional` tells people apart by, and its arms; none when an arm is a formula.
fn arms(text: &str, range: &Range<usize>) -> Option<(Option<Range<usize>>, Vec<Arm>)> {
    let mut items = scan::items(text, &only(text, range, "fractional")?)?;
    let is_arm = |item: &Range<usize>| text.get(item.clone()).is_some_and(|t| t.starts_with('['));
    let bucket = (!items.first().is_some_and(is_arm) && !items.is_empty()).then(|| items.remove(0));
    let arm = |range: Range<usize>| {
        let parts = scan::items(text, &range)?;
        let weight = match parts.get(1) {
            Some(weight) => text.get(weight.clone())?.parse().ok()?,
            None => 1,
        };
        (parts.len() <= 2).then_some(())?;
        Some(Arm { variant: string(text, parts.first()?)?, weight, range })
    };
    let arms = items.into_iter().map(arm).collect::<Option<Vec<_>>>()?;
    (!arms.is_empty()).then_some((bucket, arms))
}

/// The rule with this share at its place, of variants by their names as written: arms that are there keep their order and what people are
/// told apart by, new ones begin with what is served while nothing is stopped.
pub fn divide(rule: Option<&str>, place: &Place, share: Share, (on, stop): (&str, &str)) -> Option<String> {
    let weights = match share.whole() {
        Some(percent) => (percent, 100 - percent),
        None => (share.milli(), Share::EVERYBODY.milli() - share.milli()),
    };
    let fresh = format!("[{on}, {}], [{stop}, {}]", weights.0, weights.1);
    let made = format!("{{\"fractional\": [{fresh}]}}");
    let Some(rule) = rule else { return Some(made) };
    match place {
        Place::Empty(range) => splice(rule, range.start, range.end, &made),
        Place::Behind(at) => splice(rule, *at, *at, &format!(", {made}")),
        Place::Split(range, _) => {
            let (_, arms) = arms(rule, range)?;
            let (first, last) = (arms.first()?, arms.last()?);
            let is_stop_first = arms.len() == 2 && Some(&first.variant) == scan::string(stop).as_ref();
            let both = if is_stop_first { format!("[{stop}, {}], [{on}, {}]", weights.1, weights.0) } else { fresh };
            splice(rule, first.range.start, last.range.end, &both)
        }
    }
}

/// The rule with nothing at its place: what rules have in common that differ by a share alone. None for one that has no such place.
pub fn without_share(rule: &str, stop: &str) -> Option<Value> {
    let bare = match place(rule, scan::whole(rule)?, stop).ok()? {
        Place::Empty(range) | Place::Split(range, _) => splice(rule, range.start, range.end, "null")?,
        Place::Behind(at) => splice(rule, at, at, ", null")?,
    };
    serde_json::from_str(&bare).ok()
}

/// The value of the only member of an object, if that is its name.
fn only(text: &str, range: &Range<usize>, name: &str) -> Option<Range<usize>> {
    let members = scan::members(text, range)?;
    let [member] = members.as_slice() else { return None };
    (member.name == name).then(|| member.value.clone())
}

/// The arguments of an operator.
fn arguments(text: &str, range: &Range<usize>, operator: &str) -> Option<Vec<Range<usize>>> {
    scan::items(text, &only(text, range, operator)?)
}

fn string(text: &str, range: &Range<usize>) -> Option<String> {
    scan::string(text.get(range.clone())?)
}

fn scalar(text: &str, range: &Range<usize>) -> Option<String> {
    match serde_json::from_str(text.get(range.clone())?).ok()? {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whom(text: &str) -> Whom {
        Whom::parse(text, "user").unwrap()
    }

    fn excluded(rule: &str) -> Vec<String> {
        unwrap(rule, scan::whole(rule).unwrap(), "off").excluded().iter().map(Whom::to_string).collect()
    }

    #[test]
    fn an_exclusion_goes_around_everything_and_a_second_one_joins_its_list() {
        let one = exclude(None, &whom("alice"), "\"off\"").unwrap();
        assert_eq!(one, r#"{"if": [{"in": [{"var": "targetingKey"}, ["alice"]]}, "off", null]}"#);
        let two = exclude(Some(&one), &whom("targetingKey:bob"), "\"off\"").unwrap();
        assert_eq!(two, r#"{"if": [{"in": [{"var": "targetingKey"}, ["alice", "bob"]]}, "off", null]}"#);
        let three = exclude(Some(&two), &whom("customer:42"), "\"off\"").unwrap();
        let want = format!(r#"{{"if": [{{"in": [{{"var": "customer"}}, ["42", 42]]}}, "off", {two}]}}"#);
        assert_eq!(three, want);
        let four = exclude(Some(&three), &whom("cleo"), "\"off\"").unwrap();
        assert_eq!(excluded(&four), ["customer 42", "user alice", "user bob", "user cleo"]);
    }

    #[test]
    fn a_rule_that_answers_something_else_is_no_exclusion() {
        for rule in [
            r#"{"if":[{"in":[{"var":"targetingKey"},["alice"]]},"on",null]}"#,
            r#"{"if":[{"in":[{"var":"targetingKey"},["alice"]]},"off"]}"#,
            r#"{"if":[{"in":["alice",{"var":"teams"}]},"off",null]}"#,
            r#"{"if":[{"in":[{"var":"x"},[{"var":"y"}]]},"off",null]}"#,
        ] {
            assert_eq!(excluded(rule), Vec::<String>::new(), "{rule}");
        }
    }

    fn at(rule: &str) -> Result<Place, &'static str> {
        place(rule, scan::whole(rule).unwrap(), "off")
    }

    fn divided(rule: &str, milli: u32) -> String {
        divide(Some(rule), &at(rule).unwrap(), Share::of_milli(milli).unwrap(), ("\"on\"", "\"off\"")).unwrap()
    }

    #[test]
    fn a_share_stands_where_nothing_but_the_stopped_value_is_answered_otherwise() {
        assert_eq!(divided("{}", 5_000), r#"{"fractional": [["on", 5], ["off", 95]]}"#);
        assert_eq!(
            divided(r#"{"if":[{"var":"x"},"off",null]}"#, 2_500),
            r#"{"if":[{"var":"x"},"off",{"fractional": [["on", 2500], ["off", 97500]]}]}"#
        );
        assert_eq!(
            divided(r#"{"if":[{"var":"x"},"off"]}"#, 1_000),
            r#"{"if":[{"var":"x"},"off", {"fractional": [["on", 1], ["off", 99]]}]}"#
        );
        let bucketed = r#"{"fractional":[{"var":"customer"},["on"],["off"]]}"#;
        assert_eq!(divided(bucketed, 5_000), r#"{"fractional":[{"var":"customer"},["on", 5], ["off", 95]]}"#);
    }

    #[test]
    fn arms_keep_their_order_because_another_one_would_turn_people_newly_on() {
        assert_eq!(
            divided(r#"{"fractional":[["off",50],["on",50]]}"#, 5_000),
            r#"{"fractional":[["off", 95], ["on", 5]]}"#
        );
        assert_eq!(divided(r#"{"fractional":[["on",100]]}"#, 5_000), r#"{"fractional":[["on", 5], ["off", 95]]}"#);
    }

    #[test]
    fn a_share_that_would_not_be_the_share_has_no_place() {
        for rule in [
            r#"{"if":[{"var":"beta"},"on",{"fractional":[["on",5],["off",95]]}]}"#,
            r#"{"if":[{"var":"beta"},{"fractional":[["on",5],["off",95]]}]}"#,
            r#"{"if":[{"var":"beta"},"off","off"]}"#,
            r#"{"fractional":[["on",1],["beta",1],["off",1]]}"#,
            r#"{"fractional":[["on",{"var":"w"}],["off",1]]}"#,
            r#"{"if":[null]}"#,
            r#"{"$ref":"canary"}"#,
            r#"{"var":"variant"}"#,
        ] {
            assert!(at(rule).is_err(), "{rule}: {:?}", at(rule));
        }
    }

    #[test]
    fn a_share_is_read_back() {
        let share = |rule: &str| match at(rule) {
            Ok(Place::Split(_, split)) => split.share.map(|s| (s.milli(), split.exact)),
            other => panic!("{other:?}"),
        };
        assert_eq!(share(r#"{"fractional":[["on",1],["off",2]]}"#), Some((33_333, false)));
        assert_eq!(share(r#"{"fractional":[["on",1],["off",999999]]}"#), Some((1, false)));
        assert_eq!(share(r#"{"fractional":[["on",999999],["off",1]]}"#), Some((99_999, false)));
        assert_eq!(share(r#"{"fractional":[["on",0],["off",0]]}"#), None);
        assert_eq!(share(r#"{"fractional":[["off",3],["on",1]]}"#), Some((25_000, true)));
    }
}
