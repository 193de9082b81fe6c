//! What Unleash answers, read leniently: seen at 7.5.1 and 8.2.0. Its words stop here.
//!
//! The answer about one environment lacks segments and does not tell an archived flag from one that is off, so the flag is read whole.

use super::super::super::clean;
use super::super::super::http::Reply;
use super::state::{State, Strategy};
use crate::incident::listed::Listed;
use crate::incident::time::Time;
use serde_json::{Map, Value};

/// The longest of their sentences that is shown, in characters.
const SENTENCE: usize = 240;

/// A flag, as it is and with what surrounds it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Flag {
    pub state: State,
    /// It works only where these are on (or, with `false`, off).
    pub parents: Vec<(String, bool)>,
    /// These work only where it is on (or off).
    pub children: Vec<String>,
    /// When it was last asked for there.
    pub asked: Option<Time>,
    /// How often it answered `true` and `false` in the last hour there.
    pub counts: Option<(u64, u64)>,
}

/// Who a token belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct User {
    pub name: String,
    /// It is a token for programs, whose acts are recorded under its own name.
    pub is_token: bool,
    /// What it may do: the permission, the project and the environment where it is bound to them.
    pub may: Vec<(String, Option<String>, Option<String>)>,
}

/// One event of their record.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Event {
    pub kind: String,
    pub at: Time,
    pub by: String,
    pub environment: Option<String>,
    pub data: Value,
    pub before: Value,
}

fn json(body: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(body).map_err(|_| "the answer is not JSON".to_owned())
}

fn text<'v>(of: &'v Value, name: &str) -> Option<&'v str> {
    of.get(name).and_then(Value::as_str)
}

fn list<'v>(of: &'v Value, name: &str) -> &'v [Value] {
    of.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn cleaned(words: &str) -> String {
    clean::clean(words.trim(), SENTENCE).trim_end_matches('.').to_owned()
}

/// A moment as they write it.
fn moment(of: &Value) -> Option<Time> {
    Some(Time(chrono::DateTime::parse_from_rfc3339(of.as_str()?).ok()?.timestamp_micros()))
}

/// Reads a flag in one environment; the names are those that were asked for.
///
/// # Errors
/// What is wrong with the answer, or with what was asked for.
pub(super) fn flag(body: &[u8], project: &str, environment: &str, flag: &str) -> Result<Flag, String> {
    let answer = json(body)?;
    let name = text(&answer, "name").ok_or("the answer is no flag")?;
    if name != flag || text(&answer, "project").is_some_and(|theirs| theirs != project) {
        return Err("the answer is about another flag".into());
    }
    if answer.get("archived").and_then(Value::as_bool) == Some(true) {
        return Err("the flag is archived there".into());
    }
    let environments = list(&answer, "environments");
    let Some(place) = environments.iter().find(|one| text(one, "name") == Some(environment)) else {
        let known: Vec<&str> = environments.iter().filter_map(|one| text(one, "name")).collect();
        return Err(cleaned(&format!("the flag has no environment {environment}, it has {}", known.join(", "))));
    };
    let enabled = place.get("enabled").and_then(Value::as_bool).ok_or("the answer does not say whether it is on")?;
    let Some(ways) = place.get("strategies").and_then(Value::as_array) else {
        return Err("the answer has no strategies".into());
    };
    let mut strategies = ways.iter().map(strategy).collect::<Option<Vec<_>>>().ok_or("a strategy has no name or id")?;
    strategies.sort_by(|one, other| (one.sort_order, &one.id).cmp(&(other.sort_order, &other.id)));
    let count = |name: &str| place.get(name).and_then(Value::as_u64);
    let needs = |one: &Value| {
        Some((text(one, "feature")?.to_owned(), one.get("enabled").and_then(Value::as_bool).unwrap_or(true)))
    };
    let [project, flag, environment] = [project, flag, environment].map(str::to_owned);
    Ok(Flag {
        state: State { project, flag, environment, enabled, strategies },
        parents: list(&answer, "dependencies").iter().filter_map(needs).collect(),
        children: list(&answer, "children").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        asked: place.get("lastSeenAt").and_then(moment),
        counts: count("yes").zip(count("no")),
    })
}

/// Reads the flags of a list in one environment, and how many there are in all. What their strategies are it does not tell.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn found(body: &[u8], environment: &str) -> Result<(Vec<Listed>, Option<usize>), String> {
    let answer = json(body)?;
    let all = answer.get("features").and_then(Value::as_array).ok_or("the answer is no list of flags")?;
    let one = |flag: &Value| {
        let place = list(flag, "environments").iter().find(|one| text(one, "name") == Some(environment));
        let is = |name: &str| place.and_then(|place| place.get(name)).and_then(Value::as_bool);
        let serves = match (is("enabled"), is("hasEnabledStrategies")) {
            (None, _) => format!("not told for {environment}"),
            (Some(false), _) => "off: serves false".to_owned(),
            (Some(true), Some(false)) => "on, without a strategy that is enabled".to_owned(),
            (Some(true), _) => "on: serves true to whom its strategies let in".to_owned(),
        };
        let kind = text(flag, "type").unwrap_or_default();
        let temporary = match kind {
            "release" | "experiment" | "operational" => Some(true),
            "kill-switch" | "permission" => Some(false),
            _ => None,
        };
        Some(Listed {
            key: text(flag, "name")?.to_owned(),
            on: is("enabled"),
            serves: cleaned(&if kind.is_empty() { serves } else { format!("{kind}, {serves}") }),
            temporary,
            archived: flag.get("archivedAt").is_some_and(|at| !at.is_null()),
            stops: vec!["off".into(), "on".into()],
            ..Listed::default()
        })
    };
    let total = answer.get("total").and_then(Value::as_u64).and_then(|total| usize::try_from(total).ok());
    Ok((all.iter().filter_map(one).collect(), total))
}

/// Reads a strategy; none without a name and an id.
pub(super) fn strategy(one: &Value) -> Option<Strategy> {
    let all = |name: &str| list(one, name).to_vec();
    Some(Strategy {
        id: Some(text(one, "id")?.to_owned()),
        name: text(one, "name")?.to_owned(),
        title: text(one, "title").filter(|title| !title.is_empty()).map(str::to_owned),
        disabled: one.get("disabled").and_then(Value::as_bool).unwrap_or(false),
        parameters: one.get("parameters").and_then(Value::as_object).cloned().unwrap_or_else(Map::new),
        constraints: all("constraints"),
        variants: all("variants"),
        segments: all("segments"),
        sort_order: one.get("sortOrder").and_then(Value::as_i64).unwrap_or(0),
    })
}

/// What an error says, cleaned.
pub(super) fn explained(reply: &Reply) -> Option<String> {
    let answer = json(&reply.body).ok()?;
    Some(cleaned(text(&answer, "message")?)).filter(|words| !words.is_empty())
}

/// A change here goes through a change request: they said which permission would pass it by.
pub(super) fn needs_request(reply: &Reply) -> bool {
    let asks = |answer: Value| list(&answer, "permissions").iter().any(|one| one == "SKIP_CHANGE_REQUEST");
    reply.status == 403 && json(&reply.body).is_ok_and(asks)
}

/// A `test` of a patch failed: somebody was faster. They answer so with 500.
pub(super) fn is_conflict(reply: &Reply) -> bool {
    let said = |answer: Value| text(&answer, "message").is_some_and(|words| words.contains("TEST_OPERATION_FAILED"));
    reply.status == 500 && json(&reply.body).is_ok_and(said)
}

/// Nobody may change anything there at present.
pub(super) fn is_maintenance(reply: &Reply) -> bool {
    reply.status == 503 && explained(reply).is_some_and(|words| words.contains("maintenance mode"))
}

/// Reads who a token belongs to. The answer holds the token itself: nothing else of it is kept.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn user(body: &[u8]) -> Result<User, String> {
    let answer = json(body)?;
    let user = answer.get("user").ok_or("the answer names nobody")?;
    let name = ["username", "name", "email"].into_iter().find_map(|name| text(user, name)).unwrap_or("nobody named");
    let one = |one: &Value| {
        let bound = |name: &str| text(one, name).filter(|bound| *bound != "*" && !bound.is_empty()).map(str::to_owned);
        Some((text(one, "permission")?.to_owned(), bound("project"), bound("environment")))
    };
    Ok(User {
        name: cleaned(name),
        is_token: user.get("type").is_some() || user.get("internalAdminTokenUserId").is_some(),
        may: list(&answer, "permissions").iter().filter_map(one).collect(),
    })
}

/// Reads events, and how many there are in all.
///
/// # Errors
/// The answer is no list of events.
pub(super) fn events(body: &[u8]) -> Result<(Vec<Event>, usize), String> {
    let answer = json(body)?;
    let all = answer.get("events").and_then(Value::as_array).ok_or("the answer is no list of events")?;
    let one = |one: &Value| {
        Some(Event {
            kind: text(one, "type")?.to_owned(),
            at: moment(one.get("createdAt")?)?,
            by: text(one, "createdBy").map(cleaned).unwrap_or_default(),
            environment: text(one, "environment").map(str::to_owned),
            data: one.get("data").cloned().unwrap_or_default(),
            before: one.get("preData").cloned().unwrap_or_default(),
        })
    };
    let total = answer.get("total").and_then(Value::as_u64).and_then(|total| usize::try_from(total).ok());
    Ok((all.iter().filter_map(one).collect(), total.unwrap_or(all.len())))
}

/// Whether a client was told that a flag is on; only flags that are on are told of.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn told(body: &[u8], flag: &str) -> Result<bool, String> {
    let answer = json(body)?;
    let all = answer.get("toggles").and_then(Value::as_array).ok_or("the answer is no list of flags")?;
    let one = all.iter().find(|one| text(one, "name") == Some(flag));
    Ok(one.is_some_and(|one| one.get("enabled").and_then(Value::as_bool) == Some(true)))
}

/// What the server itself works out for a context.
///
/// # Errors
/// What is wrong with the answer.
pub(super) fn worked_out(body: &[u8], environment: &str, flag: &str) -> Result<bool, String> {
    let answer = json(body)?;
    let all = answer.get("features").and_then(Value::as_array).ok_or("the answer is no evaluation")?;
    let one = all.iter().find(|one| text(one, "name") == Some(flag)).ok_or("the flag is not in the answer")?;
    let place = one.get("environments").and_then(|all| all.get(environment)).and_then(|all| all.get(0));
    place.and_then(|one| one.get("isEnabled")).and_then(Value::as_bool).ok_or("the answer has no value".into())
}

/// How many people have to approve a change of an environment; none where nobody has to.
pub(super) fn approvals(body: &[u8], environment: &str) -> Option<u64> {
    let answer = json(body).ok()?;
    let one = answer.as_array()?.iter().find(|one| text(one, "environment") == Some(environment))?;
    let is_on =
        ["changeRequestEnabled", "changeRequestsEnabled"].iter().any(|name| one.get(name) == Some(&true.into()));
    is_on.then(|| one.get("requiredApprovals").and_then(Value::as_u64).unwrap_or(1))
}

/// The change requests that touch a flag in an environment, by their numbers.
pub(super) fn pending(body: &[u8], environment: &str, flag: &str) -> Vec<u64> {
    let found = |answer: Value| -> Option<Vec<u64>> {
        let one = list(&answer, "features").iter().find(|one| text(one, "name") == Some(flag))?;
        let place = list(one, "environments").iter().find(|one| text(one, "name") == Some(environment))?;
        Some(list(place, "changeRequestIds").iter().filter_map(Value::as_u64).collect())
    };
    json(body).ok().and_then(found).unwrap_or_default()
}

/// The names of context fields.
pub(super) fn fields(body: &[u8]) -> Option<Vec<String>> {
    let answer = json(body).ok()?;
    Some(answer.as_array()?.iter().filter_map(|one| text(one, "name")).map(str::to_owned).collect())
}

/// Whether nobody may change anything at present.
pub(super) fn maintenance(body: &[u8]) -> bool {
    json(body).is_ok_and(|answer| answer.get("enabled") == Some(&true.into()))
}

/// A change request that was opened: its number, and the flags it touches with the number of changes of each.
pub(super) fn change_request(body: &[u8]) -> Option<(u64, Vec<(String, usize)>)> {
    let answer = json(body).ok()?;
    let one = |one: &Value| Some((text(one, "name")?.to_owned(), list(one, "changes").len()));
    let flags = list(&answer, "features").iter().filter_map(one).collect();
    Some((answer.get("id").and_then(Value::as_u64)?, flags))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn given_a_list_of_flags_when_read_then_what_it_tells_is_said_and_nothing_more() {
        let flag = |name: &str, kind: &str, enabled: bool, ways: bool| {
            let place = json!({"name": "production", "enabled": enabled, "hasEnabledStrategies": ways});
            json!({"name": name, "type": kind, "archivedAt": null, "environments": [place]})
        };
        let all = [flag("a", "release", true, true), flag("b", "kill-switch", false, true), flag("c", "", true, false)];
        let (flags, total) = found(json!({"features": all, "total": 7}).to_string().as_bytes(), "production").unwrap();
        let told: Vec<_> =
            flags.iter().map(|one| (one.key.as_str(), one.on, one.temporary, one.serves.as_str())).collect();
        assert_eq!(
            told,
            [
                ("a", Some(true), Some(true), "release, on: serves true to whom its strategies let in"),
                ("b", Some(false), Some(false), "kill-switch, off: serves false"),
                ("c", Some(true), None, "on, without a strategy that is enabled"),
            ]
        );
        assert_eq!((total, flags[0].rules), (Some(7), None), "what strategies are it does not tell");
        let (elsewhere, _) = found(json!({"features": all}).to_string().as_bytes(), "staging").unwrap();
        assert_eq!((elsewhere[2].on, elsewhere[2].serves.as_str()), (None, "not told for staging"));
        assert!(found(b"{}", "production").is_err());
    }
}
