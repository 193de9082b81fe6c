//! What LaunchDarkly answers (reference: its OpenAPI document of 2026), read leniently: numbers may be texts, and objects texts that hold JSON.
//! What decides over who gets what must be there. Its words stop here.

use super::super::super::changes::value as named;
use super::super::super::clean;
use super::expiring::Target;
use super::state::{Flag, Rule, Serve, Split, State, Targets, Variation, short};
use crate::incident::time::Time;
use serde_json::{Map, Value};

/// The longest of their sentences that is shown, in characters.
const SENTENCE: usize = 240;

/// An entry of the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Logged {
    pub id: String,
    pub at: Time,
    pub by: Option<String>,
    /// What was done, in a few words of theirs.
    pub did: String,
    pub comment: Option<String>,
    /// It turned the flag on or off.
    pub flips: bool,
    /// In milliseconds since 1970, as it is asked for again.
    pub date: i64,
}

/// Something that waits there: a request to be approved, a change that is scheduled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Waiting {
    pub id: String,
    pub words: String,
    /// Ours, by what is written into it.
    pub act: Option<String>,
    /// It is not over.
    pub pending: bool,
    /// What reviewers said so far.
    pub review: String,
    pub at: Option<Time>,
}

/// What an environment asks of whoever changes flags in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rules {
    pub critical: bool,
    pub comments: bool,
    pub confirms: bool,
    /// How many must approve, and the tags that ask for it; no tags is all flags.
    pub approvals: Option<(i64, Vec<String>)>,
}

/// A truth, or a text that says one.
fn truth(value: Option<&Value>) -> Option<bool> {
    match value? {
        Value::Bool(is) => Some(*is),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A whole number, or a text that says one.
fn number(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_i64(),
    }
}

fn text(value: Option<&Value>) -> Option<&str> {
    value?.as_str().filter(|text| !text.is_empty())
}

/// A moment in milliseconds since 1970.
fn millis(value: Option<&Value>) -> Option<Time> {
    number(value)?.checked_mul(1_000).map(Time)
}

/// A value, or what a text that holds JSON says.
fn opened(value: Option<&Value>) -> Value {
    match value {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or(Value::Null),
        value => value.cloned().unwrap_or(Value::Null),
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, String> {
    let all: Value = serde_json::from_slice(body).map_err(|_| "the answer is not JSON".to_owned())?;
    match all {
        Value::Object(all) => Ok(all),
        _ => Err("the answer is no object".into()),
    }
}

/// The members of a list, and how many there are in all where that is said.
pub(super) fn items(body: &[u8]) -> Result<(Vec<Value>, Option<i64>), String> {
    let mut all = object(body)?;
    match all.remove("items") {
        Some(Value::Array(items)) => Ok((items, number(all.get("totalCount")))),
        _ => Err("the answer is no list".into()),
    }
}

/// What an error says: its words, and the name that their support asks for.
pub(super) fn error(body: &[u8]) -> Option<String> {
    let all = object(body).ok()?;
    let said = text(all.get("message")).or(text(all.get("code")))?;
    let said = clean::clean(said.trim(), SENTENCE).trim_end_matches('.').to_owned();
    let id = text(all.get("id")).map(short);
    (!said.is_empty()).then(|| id.map_or(said.clone(), |id| format!("{said} [{id}]")))
}

/// An error's code in their words.
pub(super) fn code(body: &[u8]) -> Option<String> {
    object(body).ok().and_then(|all| text(all.get("code")).map(str::to_owned))
}

/// Reads a flag with one of its environments.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn flag(body: &[u8], environment: &str) -> Result<Flag, String> {
    let all = object(body)?;
    let key = text(all.get("key")).ok_or("the answer names no flag")?.to_owned();
    let mut variations = Vec::new();
    for one in opened(all.get("variations")).as_array().ok_or("the answer names no variations")? {
        variations.push(Variation {
            id: text(one.get("_id")).ok_or("a variation has no id")?.to_owned(),
            value: one.get("value").cloned().unwrap_or(Value::Null),
            name: text(one.get("name")).map(str::to_owned),
        });
    }
    let environments = opened(all.get("environments"));
    let config = opened(environments.get(environment));
    if config.is_null() {
        return Err(format!("the answer has no environment {}", short(environment)));
    }
    let strings = |value: Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|one| text(Some(one)).map(str::to_owned)).collect()
    };
    let denied = opened(config.get("_access").and_then(|access| access.get("denied")));
    let denied = denied.as_array().map(|all| all.iter().filter_map(|one| text(one.get("action")).map(short)).collect());
    Ok(Flag {
        key,
        state: state(&config, variations.len())?,
        variations,
        archived: truth(all.get("archived")) == Some(true) || truth(config.get("archived")) == Some(true),
        deprecated: truth(all.get("deprecated")) == Some(true),
        tags: strings(opened(all.get("tags"))),
        version: number(config.get("version")),
        modified: millis(config.get("lastModified")),
        denied,
    })
}

fn state(config: &Value, count: usize) -> Result<State, String> {
    let place = |value: Option<&Value>| -> Result<usize, String> {
        let place = number(value).and_then(|place| usize::try_from(place).ok()).filter(|place| *place < count);
        place.ok_or_else(|| "it serves a variation that the flag does not have".into())
    };
    let serve = |value: &Value| -> Result<Serve, String> {
        let rollout = opened(value.get("rollout"));
        if rollout.is_null() {
            let variation = value.get("variation").filter(|one| !one.is_null());
            return variation.map_or(Ok(Serve::Nothing), |one| place(Some(one)).map(Serve::One));
        }
        let listed = rollout.get("variations").and_then(Value::as_array).ok_or("a rollout has no weights")?;
        let one = |one: &Value| {
            Ok((place(one.get("variation"))?, number(one.get("weight")).ok_or("a rollout has no weights")?))
        };
        let named = |name: &str, usual: &str| text(rollout.get(name)).filter(|text| *text != usual).map(str::to_owned);
        Ok(Serve::Split(Split {
            weights: listed.iter().map(one).collect::<Result<_, String>>()?,
            by: named("bucketBy", "key"),
            kind: named("contextKind", "user"),
            seed: number(rollout.get("seed")),
            experiment: rollout.get("experimentAllocation").is_some_and(|one| !one.is_null()),
        }))
    };
    // a summary leaves them out, and a plan made from it would lie
    let full = |name: &str| -> Result<Vec<Value>, String> {
        let list = opened(config.get(name)).as_array().cloned();
        list.ok_or_else(|| format!("the answer leaves out {name}: it is a summary"))
    };
    let mut targets = Targets::new();
    // contexts of other kinds have a list of their own, in which the kind of users stands as a place without values
    let others = opened(config.get("contextTargets")).as_array().cloned().unwrap_or_default();
    for target in full("targets")?.iter().chain(&others) {
        let kind = text(target.get("contextKind")).unwrap_or("user").to_owned();
        let values = target.get("values").and_then(Value::as_array).ok_or("a target names nobody")?;
        let values = values.iter().map(|one| text(Some(one)).map(str::to_owned).ok_or("a target has no key"));
        targets
            .entry((kind, place(target.get("variation"))?))
            .or_default()
            .extend(values.collect::<Result<Vec<_>, _>>()?);
    }
    let mut rules = Vec::new();
    for rule in full("rules")? {
        rules.push(Rule {
            id: text(rule.get("_id")).ok_or("a rule has no id")?.to_owned(),
            serve: serve(&rule)?,
            disabled: truth(rule.get("disabled")) == Some(true),
            clauses: rule.get("clauses").cloned().unwrap_or(Value::Null),
            words: text(rule.get("description")).map(short),
        });
    }
    let needs = opened(config.get("prerequisites"));
    let needs = needs.as_array().into_iter().flatten();
    let off = config.get("offVariation").filter(|one| !one.is_null());
    Ok(State {
        on: truth(config.get("on")).ok_or("the answer does not say whether it is on")?,
        off: off.map(|off| place(Some(off))).transpose()?,
        fallthrough: serve(&opened(config.get("fallthrough")))?,
        targets,
        rules,
        needs: needs
            .filter_map(|one| Some((text(one.get("key"))?.to_owned(), number(one.get("variation"))?)))
            .collect(),
    })
}

/// Reads what an environment asks.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn rules(body: &[u8]) -> Result<Rules, String> {
    let all = object(body)?;
    text(all.get("key")).ok_or("the answer names no environment")?;
    let is = |name: &str| truth(all.get(name)) == Some(true);
    let approvals = opened(all.get("approvalSettings"));
    let tags = opened(approvals.get("requiredApprovalTags"));
    let tags: Vec<String> =
        tags.as_array().into_iter().flatten().filter_map(|tag| text(Some(tag)).map(str::to_owned)).collect();
    // tags alone ask for approval of the flags that have them
    let wanted = truth(approvals.get("required")) == Some(true) || !tags.is_empty();
    let count = number(approvals.get("minNumApprovals")).unwrap_or(1);
    let (critical, comments, confirms) = (is("critical"), is("requireComments"), is("confirmChanges"));
    Ok(Rules { critical, comments, confirms, approvals: wanted.then_some((count, tags)) })
}

/// Reads who a token belongs to: its name, and what kind of it that is.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn identity(body: &[u8]) -> Result<String, String> {
    let all = object(body)?;
    let token = text(all.get("tokenName")).map_or_else(|| "without a name".into(), short);
    let kind = if truth(all.get("serviceToken")) == Some(true) { "service token" } else { "token" };
    match text(all.get("tokenKind")).or(text(all.get("authKind"))) {
        Some("sdk" | "mobile" | "client") => Err("this is a key for applications, which can change nothing".into()),
        _ => Ok(format!("{kind} {token}")),
    }
}

/// Reads how a flag is used: in their word, and when an application last asked for it.
pub(super) fn status(body: &[u8]) -> Option<(String, Option<Time>)> {
    let all = object(body).ok()?;
    let asked = text(all.get("lastRequested")).and_then(Time::parse_iso);
    Some((short(text(all.get("name"))?), asked))
}

/// Whether a flag in a list is meant to go away again.
pub(super) fn temporary(one: &Value) -> Option<bool> {
    truth(one.get("temporary"))
}

/// The keys of the flags in a list.
pub(super) fn keys(items: &[Value]) -> Vec<String> {
    items.iter().filter_map(|one| text(one.get("key")).map(short)).collect()
}

/// A new request or scheduled change: what it is called there, and when it is to happen.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn created(body: &[u8]) -> Result<(String, Option<Time>), String> {
    let all = object(body)?;
    let id = text(all.get("_id")).ok_or("the answer names nothing")?;
    Ok((short(id), millis(all.get("executionDate"))))
}

/// What they say about an instruction that failed although the answer is good; none where all were taken.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn failed(body: &[u8]) -> Result<Option<String>, String> {
    let all = object(body)?;
    let errors = opened(all.get("errors"));
    let said = errors.as_array().into_iter().flatten().next().map(|one| text(one.get("message")).map(named));
    let count = number(all.get("failedInstructions")).unwrap_or(0);
    match (said, all.contains_key("items")) {
        (Some(said), _) => Ok(Some(said.flatten().unwrap_or_else(|| "it says no more".into()))),
        (None, _) if count > 0 => Ok(Some("it says no more".into())),
        (None, true) => Ok(None),
        (None, false) => Err("the answer lists nothing".into()),
    }
}

/// Reads one target that goes away by itself, when, in milliseconds since 1970, and what it is called.
pub(super) fn expiring(one: &Value) -> Option<(Target, i64, String)> {
    let own = |name: &str| text(one.get(name)).map(str::to_owned);
    let target = Target { variation: own("variationId")?, kind: own("contextKind")?, key: own("contextKey")? };
    Some((target, number(one.get("expirationDate"))?, short(text(one.get("_id"))?)))
}

/// The name of an act of ours in a text that we wrote.
pub(super) fn act(text: &str) -> Option<String> {
    let (_, rest) = text.rsplit_once("(quarterdeck ")?;
    let id = rest.split(')').next()?;
    (id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| id.to_owned())
}

/// Reads one request to be approved.
pub(super) fn request(one: &Value) -> Option<Waiting> {
    let said = text(one.get("description")).unwrap_or_default();
    let reviews = opened(one.get("allReviews"));
    let approved = reviews.as_array().into_iter().flatten();
    let approved = approved.filter(|review| text(review.get("kind")) == Some("approve")).count();
    let review = text(one.get("reviewStatus")).map_or_else(|| "pending".into(), short);
    Some(Waiting {
        id: text(one.get("_id"))?.to_owned(),
        words: named(said).unwrap_or_else(|| "no words".into()),
        act: act(said),
        pending: matches!(text(one.get("status")), Some("pending" | "scheduled")),
        review: if approved > 0 && review == "pending" { format!("pending, {approved} approved") } else { review },
        at: millis(one.get("executionDate")),
    })
}

/// Reads one scheduled change.
pub(super) fn scheduled(one: &Value) -> Option<Waiting> {
    let kinds = opened(one.get("instructions"));
    let kinds = kinds.as_array().into_iter().flatten().filter_map(|one| text(one.get("kind")).map(short));
    let words = kinds.collect::<Vec<_>>().join(", ");
    let at = millis(one.get("executionDate"));
    Some(Waiting { id: text(one.get("_id"))?.to_owned(), words, pending: true, at, ..Waiting::default() })
}

/// Reads an entry of the audit log.
pub(super) fn logged(one: &Value) -> Option<Logged> {
    let date = number(one.get("date"))?;
    let within = |of: &str, name: &str| one.get(of).and_then(|of| text(of.get(name))).and_then(named);
    let member = [within("member", "firstName"), within("member", "lastName")];
    let member = member.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let by = Some(member).filter(|name| !name.is_empty()).or(within("member", "email"));
    let by = by.or(within("token", "name")).or(within("app", "name")).or(within("subject", "name"));
    let did = ["titleVerb", "shortDescription", "description", "name"].into_iter().find_map(|name| text(one.get(name)));
    let accesses = opened(one.get("accesses"));
    let mut actions = accesses.as_array().into_iter().flatten().filter_map(|access| text(access.get("action")));
    Some(Logged {
        id: text(one.get("_id")).unwrap_or_default().to_owned(),
        at: Time(date.checked_mul(1_000)?),
        by,
        did: clean::clean(did.unwrap_or("changed the flag"), 120).into_owned(),
        comment: text(one.get("comment")).map(str::to_owned),
        flips: actions.any(|action| action == "updateOn"),
        date,
    })
}

/// What one flag of evaluated ones serves, and why, in their word.
pub(super) fn evaluated(items: &[Value], flag: &str) -> Option<(Value, Option<String>)> {
    let one = items.iter().find(|one| text(one.get("key")) == Some(flag))?;
    let reason = one.get("reason").and_then(|reason| text(reason.get("kind"))).map(short);
    Some((one.get("_value").cloned().unwrap_or(Value::Null), reason))
}
