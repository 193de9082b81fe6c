//! A LaunchDarkly in memory: one project, two environments, a few flags. It remembers flips, versions, targets, rollouts, approvals, schedules, its
//! audit log and how much may still be asked, and answers as LaunchDarkly's OpenAPI document of 2026 says, which a test has prism judge.

use super::loopback::{Asked, Loopback, Manner};
use serde_json::{Map, Value, json};
use std::sync::{Arc, Mutex};

/// The token that is known.
pub const TOKEN: &str = "api-right-token";
/// The variations of every flag by what patches call them: on, off, and a third where there is one.
pub const IDS: [&str; 3] = ["id-on", "id-off", "id-third"];

/// What it remembers.
#[derive(Default)]
pub struct Memory {
    /// Milliseconds since 1970.
    pub now: i64,
    /// Flags by key, as they are answered, with every environment.
    pub flags: Map<String, Value>,
    /// The environment's own rules.
    pub environment: Map<String, Value>,
    /// Who says no to a change: 405, or 403 in its words.
    pub guard: Option<u16>,
    /// Requests for approval, schedules and entries of the log, the oldest first.
    pub requests: Vec<Value>,
    pub schedules: Vec<Value>,
    /// Targets that go away by themselves.
    pub expiring: Vec<Value>,
    pub log: Vec<Value>,
    /// How many questions are left in this window; none is no limit.
    pub room: Option<i64>,
    /// When the window ends, milliseconds since 1970.
    pub reset: i64,
    /// What is answered instead to a line that begins so, and whether it is done all the same.
    pub odd: Vec<(String, Manner, bool)>,
    /// Somebody else turns the flag over just before the next change is worked out, which is then refused.
    pub race: bool,
    /// The same before the next one that is no preview.
    pub quicker: bool,
    /// Its numbers are texts and its objects texts that hold JSON, as its published examples have them.
    pub mistyped: bool,
    /// Changes that were tried and may have been done: no previews.
    pub writes: usize,
    /// What broke the rules of asking: a version that is not said, a token that is not bare.
    pub faults: Vec<String>,
}

/// The server and its memory.
pub struct Fake {
    pub server: Loopback,
    pub memory: Arc<Mutex<Memory>>,
}

/// An environment of a flag that is on for everybody.
fn config(name: &str, now: i64) -> Value {
    json!({
        "on": true, "archived": false, "salt": "f00d", "sel": "5e1", "lastModified": now - 86_400_000, "version": 7,
        "targets": [], "contextTargets": [], "rules": [], "fallthrough": {"variation": 0}, "offVariation": 1,
        "prerequisites": [], "_site": link(), "_environmentName": name, "trackEvents": false, "trackEventsFallthrough": false,
    })
}

fn link() -> Value {
    json!({"href": "/here", "type": "application/json"})
}

/// A flag of these values.
pub fn flag(key: &str, values: &[Value], now: i64) -> Value {
    let variations: Vec<Value> = values.iter().zip(IDS).map(|(value, id)| json!({"_id": id, "value": value})).collect();
    let kind = if values.iter().all(Value::is_boolean) { "boolean" } else { "multivariate" };
    json!({
        "name": format!("Flag {key}"), "kind": kind, "key": key, "_version": 3, "creationDate": now - 864_000_000,
        "variations": variations, "temporary": false, "tags": ["shop"], "_links": {"self": link()},
        "experiments": {"baselineIdx": 0, "items": []}, "customProperties": {}, "archived": false, "deprecated": false,
        "environments": {"production": config("Production", now), "staging": config("Staging", now)},
    })
}

/// A rule that matches one attribute.
pub fn rule(id: &str, attribute: &str, values: &[&str], variation: usize) -> Value {
    let clause = json!({"_id": format!("{id}-1"), "attribute": attribute, "op": "in", "values": values, "negate": false, "contextKind": "user"});
    json!({"_id": id, "clauses": [clause], "variation": variation, "trackEvents": false})
}

impl Fake {
    /// Starts it at a time, in milliseconds since 1970, with the flag `checkout` (true, false) and a few others whose keys hold its.
    pub fn start(now: i64) -> Fake {
        let mut memory = Memory { now, reset: now + 10_000, ..Memory::default() };
        for key in ["checkout-old", "pre-checkout", "checkout"] {
            memory.flags.insert(key.into(), flag(key, &[json!(true), json!(false)], now));
        }
        let memory = Arc::new(Mutex::new(memory));
        let kept = Arc::clone(&memory);
        let server = Loopback::start(move |asked| {
            let mut memory = kept.lock().unwrap();
            let odd = memory.odd.iter().position(|(line, ..)| asked.line.starts_with(line));
            let Some(odd) = odd else { return memory.answer(asked) };
            let (_, manner, is_done) = memory.odd.remove(odd);
            if is_done {
                memory.answer(asked);
            } else if is_write(asked) {
                memory.writes += 1;
            }
            manner
        });
        Fake { server, memory }
    }

    /// Does something with its memory.
    pub fn with<T>(&self, what: impl FnOnce(&mut Memory) -> T) -> T {
        what(&mut self.memory.lock().unwrap())
    }

    /// Answers the next question that begins so in another manner, doing nothing.
    pub fn odd(&self, line: &str, manner: Manner) {
        self.with(|memory| memory.odd.push((line.into(), manner, false)));
    }

    /// Does what the next question that begins so asks for, and answers in another manner.
    pub fn done_but(&self, line: &str, manner: Manner) {
        self.with(|memory| memory.odd.push((line.into(), manner, true)));
    }

    /// Changes the production environment of `checkout` behind everybody's back, as its pages do.
    pub fn edit(&self, what: impl FnOnce(&mut Value)) {
        self.with(|memory| {
            let config = &mut memory.flags["checkout"]["environments"]["production"];
            what(config);
            config["version"] = json!(config["version"].as_i64().unwrap() + 1);
        });
    }

    /// The production environment of `checkout`.
    pub fn config(&self) -> Value {
        self.with(|memory| memory.flags["checkout"]["environments"]["production"].clone())
    }

    /// What an application that asks for a context is served.
    pub fn serves(&self, kind: &str, key: &str) -> Value {
        self.with(|memory| evaluate(&memory.flags["checkout"], "production", &json!({"kind": kind, "key": key})).0)
    }

    /// How many changes were tried.
    pub fn writes(&self) -> usize {
        self.with(|memory| memory.writes)
    }

    /// How often a question that begins so was asked.
    pub fn times(&self, line: &str) -> usize {
        self.server.asked().iter().filter(|asked| asked.line.starts_with(line)).count()
    }

    /// Somebody approves the last request, and it is applied.
    pub fn approve(&self) {
        self.with(|memory| {
            let at = memory.now;
            let request = memory.requests.last_mut().unwrap();
            let review = json!({"_id": "rev1", "kind": "approve", "creationDate": at, "memberId": "m2"});
            request["allReviews"].as_array_mut().unwrap().push(review);
            (request["reviewStatus"], request["status"]) = (json!("approved"), json!("completed"));
            let (steps, comment) = (request["instructions"].clone(), request["description"].clone());
            memory.apply("checkout", "production", &steps, comment.as_str(), "Cho").unwrap();
        });
    }

    /// Time passes there, and what is due is done.
    pub fn tick(&self, to: i64) {
        self.with(|memory| {
            memory.now = to;
            let (due, later): (Vec<Value>, Vec<Value>) =
                memory.schedules.drain(..).partition(|one| one["executionDate"].as_i64().unwrap() <= to);
            memory.schedules = later;
            let (gone, stay): (Vec<Value>, Vec<Value>) =
                memory.expiring.drain(..).partition(|one| one["expirationDate"].as_i64().unwrap() <= to);
            memory.expiring = stay;
            for one in gone {
                let step = json!([{"kind": "removeTargets", "contextKind": one["contextKind"], "values": [one["contextKey"]],
                    "variationId": one["variationId"]}]);
                memory.apply("checkout", "production", &step, None, "LaunchDarkly").unwrap();
            }
            for one in due {
                memory.apply("checkout", "production", &one["instructions"], None, "LaunchDarkly").unwrap();
            }
        });
    }
}

fn is_write(asked: &Asked) -> bool {
    let changes = asked.line.starts_with("PATCH ") || asked.line.starts_with("POST ") || asked.line.starts_with("PUT ");
    changes && !asked.line.contains("dryRun=true") && !asked.line.contains("/evaluate")
}

/// A text in which `%NN` is a byte.
fn decoded(text: &str) -> String {
    let (mut out, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (byte, hex) {
            (b'%', Some(hex)) => {
                out.push(hex);
                rest = &after[2..];
            }
            _ => {
                out.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8(out).unwrap()
}

fn error(status: u16, code: &str, message: &str) -> (u16, Value) {
    (status, json!({"code": code, "message": message, "id": "req-1"}))
}

/// What a context is served, and why.
pub fn evaluate(flag: &Value, environment: &str, context: &Value) -> (Value, &'static str) {
    let config = &flag["environments"][environment];
    let value =
        |place: &Value| place.as_u64().map_or(Value::Null, |place| flag["variations"][place as usize]["value"].clone());
    if config["on"] != true {
        return (value(&config["offVariation"]), "OFF");
    }
    let kind = context["kind"].as_str().unwrap_or("user");
    let lists = [&config["targets"], &config["contextTargets"]];
    for target in lists.into_iter().flat_map(|list| list.as_array().unwrap()) {
        let of = target["contextKind"].as_str().unwrap_or("user");
        if of == kind && target["values"].as_array().unwrap().contains(&context["key"]) {
            return (value(&target["variation"]), "TARGET_MATCH");
        }
    }
    let serve = |serve: &Value| match serve["rollout"]["variations"].as_array() {
        None => value(&serve["variation"]),
        Some(weights) => {
            let by = serve["rollout"]["bucketBy"].as_str().unwrap_or("key");
            let text = format!("{}.f00d.{}", flag["key"], context[by]);
            let hash = text
                .bytes()
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
            let mut left = i64::try_from((hash ^ (hash >> 29)) % 100_000).unwrap();
            for one in weights {
                left -= one["weight"].as_i64().unwrap();
                if left < 0 {
                    return value(&one["variation"]);
                }
            }
            Value::Null
        }
    };
    for rule in config["rules"].as_array().unwrap() {
        let matches = |clause: &Value| {
            clause["values"].as_array().unwrap().contains(&context[clause["attribute"].as_str().unwrap()])
        };
        if rule["disabled"] != true && rule["clauses"].as_array().unwrap().iter().all(matches) {
            return (serve(rule), "RULE_MATCH");
        }
    }
    (serve(&config["fallthrough"]), "FALLTHROUGH")
}

/// Works one instruction out.
fn instruct(flag: &mut Value, environment: &str, step: &Value) -> Result<(), String> {
    let variations = flag["variations"].as_array().unwrap().clone();
    let place = |id: &Value| variations.iter().position(|one| one["_id"] == *id).ok_or(format!("no variation {id}"));
    let serve = |step: &Value| -> Result<Value, String> {
        let Some(weights) = step["rolloutWeights"].as_object() else {
            return Ok(json!({"variation": place(&step["variationId"])?}));
        };
        let mut parts = Vec::new();
        for (id, weight) in weights {
            parts.push((place(&json!(id))?, weight.as_i64().ok_or("a weight is no number")?));
        }
        parts.sort_unstable();
        if parts.iter().map(|(_, weight)| weight).sum::<i64>() != 100_000 {
            return Err("the weights do not add up to 100000".into());
        }
        let parts: Vec<Value> = parts.iter().map(|(one, weight)| json!({"variation": one, "weight": weight})).collect();
        let kind = step["rolloutContextKind"].as_str().unwrap_or("user");
        let mut rollout = json!({"variations": parts, "contextKind": kind});
        if let Some(by) = step["rolloutBucketBy"].as_str() {
            rollout["bucketBy"] = json!(by);
        }
        Ok(json!({"rollout": rollout}))
    };
    let served = if step["rolloutWeights"].is_object() || step["variationId"].is_string() {
        serve(step)
    } else {
        Ok(Value::Null)
    };
    let variation = step["variationId"].as_str().map(|_| place(&step["variationId"])).transpose()?;
    let config = &mut flag["environments"][environment];
    match step["kind"].as_str().unwrap_or_default() {
        "turnFlagOff" => config["on"] = json!(false),
        "turnFlagOn" => config["on"] = json!(true),
        "updateOffVariation" => config["offVariation"] = json!(variation.ok_or("no variation")?),
        "updateFallthroughVariationOrRollout" => config["fallthrough"] = served?,
        "updateRuleVariationOrRollout" => {
            let rules = config["rules"].as_array_mut().unwrap();
            let rule = rules.iter_mut().find(|rule| rule["_id"] == step["ruleId"]).ok_or("no such rule")?;
            let rule = rule.as_object_mut().unwrap();
            rule.remove("variation");
            rule.remove("rollout");
            rule.extend(served?.as_object().unwrap().clone());
        }
        kind @ ("addTargets" | "removeTargets") => {
            let of = step["contextKind"].as_str().unwrap_or("user").to_owned();
            let variation = variation.ok_or("no variation")?;
            let list = if of == "user" { "targets" } else { "contextTargets" };
            let list = config[list].as_array_mut().unwrap();
            for key in step["values"].as_array().ok_or("no values")? {
                let has = |one: &Value| one["contextKind"] == *of && one["values"].as_array().unwrap().contains(key);
                if kind == "addTargets" {
                    if list.iter().any(|one| has(one) && one["variation"] != json!(variation)) {
                        return Err(format!("{key} is targeted with another variation already"));
                    }
                    let known =
                        list.iter_mut().find(|one| one["contextKind"] == *of && one["variation"] == json!(variation));
                    match known {
                        Some(known) if has(known) => {}
                        Some(known) => known["values"].as_array_mut().unwrap().push(key.clone()),
                        None => list.push(json!({"contextKind": of, "variation": variation, "values": [key]})),
                    }
                } else {
                    for one in
                        list.iter_mut().filter(|one| one["contextKind"] == *of && one["variation"] == json!(variation))
                    {
                        one["values"].as_array_mut().unwrap().retain(|known| known != key);
                    }
                    list.retain(|one| !one["values"].as_array().unwrap().is_empty());
                }
            }
        }
        other => return Err(format!("unknown instruction {other}")),
    }
    Ok(())
}

impl Memory {
    /// Works instructions out on a copy; kept only when all of them can be done.
    fn worked(&self, key: &str, environment: &str, steps: &Value) -> Result<Value, String> {
        let mut flag = self.flags[key].clone();
        for step in steps.as_array().filter(|steps| !steps.is_empty()).ok_or("no instructions")? {
            instruct(&mut flag, environment, step)?;
        }
        Ok(flag)
    }

    /// Does what instructions say, and writes it into the log; being so already changes nothing.
    pub fn apply(
        &mut self,
        key: &str,
        environment: &str,
        steps: &Value,
        comment: Option<&str>,
        by: &str,
    ) -> Result<(), String> {
        let mut flag = self.worked(key, environment, steps)?;
        if flag == self.flags[key] {
            return Ok(());
        }
        let turned = flag["environments"][environment]["on"] != self.flags[key]["environments"][environment]["on"];
        let config = &mut flag["environments"][environment];
        config["version"] = json!(config["version"].as_i64().unwrap() + 1);
        config["lastModified"] = json!(self.now);
        let verb = match (turned, config["on"] == true) {
            (true, true) => "turned on the flag",
            (true, false) => "turned off the flag",
            (false, _) => "updated the flag",
        };
        self.flags.insert(key.into(), flag);
        let action = if turned { "updateOn" } else { "updateFallthrough" };
        self.note(key, environment, verb, action, comment, by);
        Ok(())
    }

    /// Writes an entry into the log.
    pub fn note(&mut self, key: &str, environment: &str, verb: &str, action: &str, comment: Option<&str>, by: &str) {
        let spec = format!("proj/shop:env/{environment}:flag/{key}");
        self.log.push(json!({
            "_links": {"self": link()}, "_id": format!("log{}", self.log.len()), "_accountId": "acct", "date": self.now,
            "accesses": [{"action": action, "resource": spec}], "kind": "flag", "name": key, "description": "",
            "shortDescription": "", "comment": comment.unwrap_or_default(), "titleVerb": verb,
            "member": {"_links": {"self": link()}, "_id": "m1", "email": "x@y.example", "firstName": by, "lastName": ""},
        }));
    }

    fn answer(&mut self, asked: &Asked) -> Manner {
        let (status, body) = self.respond(asked);
        let mut headers = vec![("content-type", "application/json".to_owned())];
        if let Some(room) = self.room {
            headers.push(("x-ratelimit-global-remaining", room.to_string()));
            headers.push(("x-ratelimit-reset", self.reset.to_string()));
        }
        let body = if self.mistyped { mistyped(body) } else { body };
        Manner::Whole(status, headers, if status == 204 { Vec::new() } else { body.to_string().into() })
    }

    fn respond(&mut self, asked: &Asked) -> (u16, Value) {
        if asked.header("authorization") != Some(TOKEN) {
            return error(401, "unauthorized", "Invalid access token");
        }
        let (method, rest) = asked.line.split_once(' ').unwrap();
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let beta = path.ends_with("/dependent-flags");
        match asked.header("ld-api-version") {
            Some("20240415") if !beta => {}
            Some("beta") if beta => {}
            _ if beta => return error(403, "forbidden", "this is a beta resource"),
            version => self.faults.push(format!("{} says version {version:?}", asked.line)),
        }
        if let Some(room) = &mut self.room {
            if *room <= 0 {
                return error(429, "rate_limited", "You've exceeded the API rate limit");
            }
            *room -= 1;
        }
        let parts: Vec<String> = path.trim_start_matches("/api/v2/").split('/').map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let pair = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).map(decoded);
        let body: Value = serde_json::from_str(&asked.body).unwrap_or(Value::Null);
        let unknown = || error(404, "not_found", "Unknown resource");
        match (method, parts.as_slice()) {
            ("GET", ["caller-identity"]) => {
                (200, json!({"accountId": "acct", "tokenKind": "auth", "tokenName": "on call", "serviceToken": true}))
            }
            ("GET", ["flags", "shop"]) => {
                let wanted = pair("filter").and_then(|filter| filter.strip_prefix("query:").map(str::to_owned));
                let environment = pair("env").unwrap_or_default();
                let at = |name: &str, usual: usize| pair(name).map_or(usual, |at| at.parse().unwrap());
                let meant = |(key, _): &(&String, &Value)| wanted.as_ref().is_none_or(|text| key.contains(text));
                let all: Vec<Value> =
                    self.flags.iter().filter(meant).map(|(_, flag)| only(flag, &environment)).collect();
                let page: Vec<Value> = all
                    .iter()
                    .skip(at("offset", 0))
                    .take(at("limit", 20))
                    .cloned()
                    .map(|mut one| {
                        if pair("summary").as_deref() != Some("0") {
                            let config = one["environments"][&environment].as_object_mut().unwrap();
                            config.retain(|name, _| {
                                !["targets", "contextTargets", "rules", "prerequisites"].contains(&name.as_str())
                            });
                        }
                        one
                    })
                    .collect();
                (200, json!({"items": page, "totalCount": all.len(), "_links": {"self": link()}}))
            }
            (_, ["flags", "shop", key]) if !self.flags.contains_key(*key) => unknown(),
            ("GET", ["flags", "shop", key]) => (200, only(&self.flags[*key], &pair("env").unwrap_or_default())),
            ("PATCH", ["flags", "shop", key]) => {
                let kind = asked.header("content-type").unwrap_or_default();
                if !kind.contains("domain-model=launchdarkly.semanticpatch") {
                    return error(400, "invalid_request", "this is no JSON patch");
                }
                let is_rehearsal = pair("dryRun").as_deref() == Some("true");
                self.change(key, &body, is_rehearsal)
            }
            ("GET", ["flags", "shop", _, "checkout", "dependent-flags"]) => {
                let one = json!({"name": "Basket", "key": "basket", "_links": {"self": link()}, "_site": link()});
                (200, json!({"items": [one], "_links": {"self": link()}, "_site": link()}))
            }
            ("GET", ["flag-statuses", "shop", _, key]) if self.flags.contains_key(*key) => (
                200,
                json!({"name": "active", "lastRequested": "2026-03-03T10:00:00.000Z", "_links": {"self": link()}}),
            ),
            ("GET", ["projects", "shop", "environments", environment @ ("production" | "staging")]) => {
                (200, self.environment(environment))
            }
            ("POST", ["projects", "shop", "environments", environment, "flags", "evaluate"]) => {
                self.evaluated(environment, &body, &pair("filter").unwrap_or_default(), (pair("limit"), pair("offset")))
            }
            ("GET", ["projects", "shop", "flags", "checkout", "environments", "production", "approval-requests"]) => {
                (200, json!({"items": self.requests, "_links": {"self": link()}}))
            }
            ("POST", ["projects", "shop", "flags", "checkout", "environments", "production", "approval-requests"]) => {
                self.request(&body)
            }
            ("GET", ["projects", "shop", "flags", "checkout", "environments", "production", "scheduled-changes"]) => {
                (200, json!({"items": self.schedules, "_links": {"self": link()}}))
            }
            ("POST", ["projects", "shop", "flags", "checkout", "environments", "production", "scheduled-changes"]) => {
                self.schedule(&body)
            }
            (
                "PATCH",
                ["projects", "shop", "flags", "checkout", "environments", "production", "scheduled-changes", id],
            ) => {
                let kind = asked.header("content-type").unwrap_or_default();
                if !kind.contains("domain-model=launchdarkly.semanticpatch") {
                    return error(400, "invalid_request", "this is no semantic patch");
                }
                self.reschedule(id, &body)
            }
            ("GET", ["flags", "shop", "checkout", "expiring-targets", "production"]) => {
                (200, json!({"items": self.expiring, "_links": {"self": link()}}))
            }
            ("PATCH", ["flags", "shop", "checkout", "expiring-targets", "production"]) => {
                let kind = asked.header("content-type").unwrap_or_default();
                if !kind.contains("domain-model=launchdarkly.semanticpatch") {
                    return error(400, "invalid_request", "this is no semantic patch");
                }
                self.expire(&body)
            }
            ("GET", ["auditlog"]) => {
                let limit: usize = pair("limit").map_or(10, |limit| limit.parse().unwrap());
                if !(1..=20).contains(&limit) {
                    return error(400, "invalid_request", "limit must be 1 to 20");
                }
                let at = |name: &str, usual: i64| pair(name).map_or(usual, |at| at.parse().unwrap());
                let (after, before, spec) =
                    (at("after", i64::MIN), at("before", i64::MAX), pair("spec").unwrap_or_default());
                let meant = |one: &&Value| {
                    let date = one["date"].as_i64().unwrap();
                    one["accesses"][0]["resource"] == *spec && after < date && date < before
                };
                let items: Vec<&Value> = self.log.iter().rev().filter(meant).take(limit).collect();
                (200, json!({"items": items, "_links": {"self": link()}}))
            }
            _ => unknown(),
        }
    }

    fn guarded(&self) -> Option<(u16, Value)> {
        match self.guard? {
            405 => Some(error(405, "method_not_allowed", "Approval is required to make this request")),
            _ => Some(error(403, "forbidden", "approval is required")),
        }
    }

    fn change(&mut self, key: &str, body: &Value, is_rehearsal: bool) -> (u16, Value) {
        if !is_rehearsal {
            self.writes += 1;
        }
        let environment = body["environmentKey"].as_str().unwrap_or_default().to_owned();
        if self.flags[key]["environments"].get(&environment).is_none() {
            return error(400, "invalid_request", "Invalid environment key");
        }
        if let Some(no) = self.guarded() {
            return no;
        }
        if std::mem::take(&mut self.race) || (!is_rehearsal && std::mem::take(&mut self.quicker)) {
            let turn =
                if self.flags[key]["environments"][&environment]["on"] == true { "turnFlagOff" } else { "turnFlagOn" };
            self.apply(key, &environment, &json!([{"kind": turn}]), None, "Ben").unwrap();
            return error(409, "optimistic_locking_error", "Conflict. Optimistic lock error. Try again.");
        }
        let same = |one: &Value| {
            let kinds = |steps: &Value| -> Vec<Value> {
                steps.as_array().into_iter().flatten().map(|step| step["kind"].clone()).collect()
            };
            kinds(&one["instructions"]).iter().any(|kind| kinds(&body["instructions"]).contains(kind))
        };
        if self.schedules.iter().any(same) {
            return error(400, "invalid_request", "This change conflicts with a pending scheduled change");
        }
        match self.worked(key, &environment, &body["instructions"]) {
            Err(why) => error(400, "invalid_request", &why),
            Ok(flag) if is_rehearsal => (200, only(&flag, &environment)),
            Ok(_) => {
                self.apply(key, &environment, &body["instructions"], body["comment"].as_str(), "Ana").unwrap();
                (200, only(&self.flags[key], &environment))
            }
        }
    }

    fn request(&mut self, body: &Value) -> (u16, Value) {
        self.writes += 1;
        if !body["description"].is_string() || !body["instructions"].is_array() {
            return error(400, "invalid_request", "description and instructions are required");
        }
        let request = json!({
            "_id": format!("req{}", self.requests.len()), "_version": 1, "creationDate": self.now, "serviceKind": "launchdarkly",
            "requestorId": "m1", "description": body["description"], "reviewStatus": "pending", "allReviews": [],
            "notifyMemberIds": [], "status": "pending", "instructions": body["instructions"], "conflicts": [], "_links": {},
        });
        self.requests.push(request.clone());
        (201, request)
    }

    fn schedule(&mut self, body: &Value) -> (u16, Value) {
        self.writes += 1;
        if let Some(no) = self.guarded() {
            return no;
        }
        if body["executionDate"].as_i64().is_none_or(|at| at <= self.now) {
            return error(400, "invalid_request", "executionDate must be in the future");
        }
        let one = json!({
            "_id": format!("sch{}", self.schedules.len()), "_creationDate": self.now, "_maintainerId": "m1", "_version": 1,
            "executionDate": body["executionDate"], "instructions": body["instructions"], "_links": {"self": link()},
        });
        self.schedules.push(one.clone());
        (201, one)
    }

    fn reschedule(&mut self, id: &str, body: &Value) -> (u16, Value) {
        self.writes += 1;
        if let Some(no) = self.guarded() {
            return no;
        }
        let step = &body["instructions"][0];
        if step["kind"] != "updateScheduledChangesExecutionDate"
            || step["value"].as_i64().is_none_or(|at| at <= self.now)
        {
            return error(400, "invalid_request", "executionDate must be in the future");
        }
        let Some(one) = self.schedules.iter_mut().find(|one| one["_id"] == id) else {
            return error(404, "not_found", "Unknown scheduled change");
        };
        one["executionDate"] = step["value"].clone();
        one["_version"] = json!(one["_version"].as_i64().unwrap() + 1);
        (200, one.clone())
    }

    /// What failed is answered with 200 as well.
    fn expire(&mut self, body: &Value) -> (u16, Value) {
        self.writes += 1;
        if let Some(no) = self.guarded() {
            return no;
        }
        let step = &body["instructions"][0];
        let key = step["contextKey"].as_str().unwrap();
        let config = &self.flags["checkout"]["environments"]["production"];
        let targeted = |list: &str| {
            config[list].as_array().unwrap().iter().any(|one| {
                one["contextKind"].as_str().unwrap_or("user") == step["contextKind"]
                    && IDS[usize::try_from(one["variation"].as_u64().unwrap()).unwrap()] == step["variationId"]
                    && one["values"].as_array().unwrap().iter().any(|value| value == key)
            })
        };
        let is_there = targeted("targets") || targeted("contextTargets");
        let is_later = step["value"].as_i64().is_some_and(|at| at > self.now);
        let known = self
            .expiring
            .iter_mut()
            .find(|one| ["contextKey", "contextKind", "variationId"].iter().all(|name| one[*name] == step[*name]));
        if let Some(one) = known.filter(|_| step["kind"] == "updateExpiringTarget" && is_there && is_later) {
            one["expirationDate"] = step["value"].clone();
            one["_version"] = json!(one["_version"].as_i64().unwrap() + 1);
            let items = json!([one.clone()]);
            return (
                200,
                json!({"items": items, "totalInstructions": 1, "successfulInstructions": 1, "failedInstructions": 0, "_links": {"self": link()}}),
            );
        }
        if step["kind"] != "addExpiringTarget" || !is_there || !is_later {
            let why = json!([{"instructionIndex": 0, "message": "the context is not targeted individually"}]);
            return (
                200,
                json!({"items": [], "totalInstructions": 1, "successfulInstructions": 0, "failedInstructions": 1, "errors": why}),
            );
        }
        let one = json!({
            "_id": format!("exp{}", self.expiring.len()), "_version": 1, "expirationDate": step["value"],
            "contextKind": step["contextKind"], "contextKey": key, "variationId": step["variationId"],
            "_resourceId": {"environmentKey": "production", "flagKey": "checkout", "key": "checkout", "projectKey": "shop"},
        });
        self.expiring.push(one.clone());
        (
            200,
            json!({"items": [one], "totalInstructions": 1, "successfulInstructions": 1, "failedInstructions": 0, "_links": {"self": link()}}),
        )
    }

    fn environment(&self, key: &str) -> Value {
        let mut all = json!({
            "_links": {"self": link()}, "_id": "env1", "key": key, "name": key, "apiKey": "sdk-secret", "mobileKey": "mob-secret",
            "color": "F5A623", "defaultTtl": 5, "secureMode": false, "defaultTrackEvents": false, "requireComments": false,
            "confirmChanges": false, "tags": [], "critical": key == "production",
        });
        all.as_object_mut().unwrap().extend(self.environment.clone());
        all
    }

    fn evaluated(
        &self,
        environment: &str,
        context: &Value,
        filter: &str,
        (limit, offset): (Option<String>, Option<String>),
    ) -> (u16, Value) {
        let wanted = filter.strip_prefix("query equals ").unwrap_or_default();
        let found: Vec<&Value> =
            self.flags.values().filter(|flag| flag["key"].as_str().unwrap().contains(wanted)).collect();
        // two at a time, whatever was asked for: pages are to be read
        let limit = limit.map_or(usize::MAX, |limit| limit.parse().unwrap()).min(2);
        let offset = offset.map_or(0, |offset| offset.parse().unwrap());
        let one = |flag: &&Value| {
            let (value, reason) = evaluate(flag, environment, context);
            json!({"name": flag["name"], "key": flag["key"], "_value": value, "reason": {"kind": reason}, "_links": {"self": link()}})
        };
        let items: Vec<Value> = found.iter().skip(offset).take(limit).map(one).collect();
        (200, json!({"items": items, "totalCount": found.len(), "_links": {"self": link()}}))
    }
}

/// A flag with one of its environments only, as version 20240415 answers.
fn only(flag: &Value, environment: &str) -> Value {
    let mut flag = flag.clone();
    flag["environments"].as_object_mut().unwrap().retain(|key, _| key == environment);
    flag
}

/// The same with its numbers and small objects as texts.
fn mistyped(value: Value) -> Value {
    match value {
        Value::Object(all) => {
            let one = |(key, value): (String, Value)| {
                let value = match (key.as_str(), value) {
                    (
                        "lastModified" | "date" | "executionDate" | "expirationDate" | "creationDate" | "version",
                        Value::Number(n),
                    ) => {
                        json!(n.to_string())
                    }
                    ("critical" | "requireComments" | "archived", Value::Bool(is)) => json!(is.to_string()),
                    ("fallthrough" | "approvalSettings", value @ Value::Object(_)) => json!(value.to_string()),
                    ("instructions" | "accesses", value @ Value::Array(_)) => json!(value.to_string()),
                    (_, value) => mistyped(value),
                };
                (key, value)
            };
            all.into_iter().map(one).collect()
        }
        Value::Array(all) => all.into_iter().map(mistyped).collect(),
        other => other,
    }
}
