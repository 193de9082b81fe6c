//! An Unleash on loopback that remembers what it was told, and fails where a test wants it to. Its answers have the shapes that 7.5.1 gave; its
//! change requests those that Unleash's web client reads.

use super::loopback::{Asked, Loopback, Manner, json as answer};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// What it remembers.
pub struct Memory {
    /// The flag as it answers it.
    pub flag: Value,
    /// Events, the newest first.
    pub events: Vec<Value>,
    /// Tags.
    pub tags: Vec<Value>,
    /// Whoever asks a line with this in it gets that; whether it is done all the same.
    pub fault: Option<(&'static str, Manner, bool)>,
    /// What somebody else does just before the next patch is applied.
    pub meanwhile: Option<fn(&mut Value)>,
    /// Changes go through change requests.
    pub guarded: bool,
    /// What was asked for in change requests.
    pub requested: Vec<Value>,
    /// Other changes that the draft held already.
    pub draft: Vec<Value>,
    /// What the token may do.
    pub may: Value,
    made: usize,
}

/// The server.
pub struct Fake {
    pub server: Loopback,
    pub memory: Arc<Mutex<Memory>>,
}

/// The place of the flag in production.
pub fn place(flag: &mut Value) -> &mut Value {
    &mut flag["environments"][1]
}

/// A rollout with an id.
pub fn rollout(id: &str, percent: &str, constraints: Value) -> Value {
    json!({"id": id, "name": "flexibleRollout", "title": null, "disabled": false, "constraints": constraints, "variants": [], "segments": [],
        "parameters": {"groupId": "g", "rollout": percent, "stickiness": "default"}, "sortOrder": 0})
}

impl Fake {
    /// A flag `checkout` with these strategies.
    pub fn start(enabled: bool, strategies: Vec<Value>) -> Fake {
        let place = |name: &str, enabled: bool, strategies: Vec<Value>| {
            json!({"name": name, "enabled": enabled, "strategies": strategies,
            "lastSeenAt": null, "yes": 0, "no": 0})
        };
        let flag = json!({"name": "checkout", "project": "default", "archived": false, "dependencies": [], "children": [],
            "environments": [place("development", false, Vec::new()), place("production", enabled, strategies)]});
        let memory = Memory {
            flag,
            events: Vec::new(),
            tags: Vec::new(),
            fault: None,
            meanwhile: None,
            guarded: false,
            requested: Vec::new(),
            draft: Vec::new(),
            may: json!([{"permission": "ADMIN"}]),
            made: 0,
        };
        let memory = Arc::new(Mutex::new(memory));
        let kept = Arc::clone(&memory);
        let server = Loopback::start(move |asked| kept.lock().unwrap().answer(asked));
        Fake { server, memory }
    }

    /// What was sent that may change something.
    pub fn writes(&self) -> Vec<String> {
        let all = self.server.asked().into_iter().map(|asked| asked.line).filter(|line| !line.starts_with("GET "));
        all.map(|line| line.replace("/api/admin/projects/default/features/checkout/environments/production", ""))
            .collect()
    }

    /// Changes the flag as somebody else does.
    pub fn others(&self, change: impl FnOnce(&mut Value)) {
        change(&mut self.memory.lock().unwrap().flag);
    }

    /// The next that asks this gets that.
    pub fn fails(&self, at: &'static str, manner: Manner, is_done: bool) {
        self.memory.lock().unwrap().fault = Some((at, manner, is_done));
    }
}

fn wrong(status: u16, body: Value) -> Manner {
    Manner::Whole(status, vec![("content-type", "application/json".into())], body.to_string().into_bytes())
}

impl Memory {
    fn answer(&mut self, asked: &Asked) -> Manner {
        if let Some((at, manner, is_done)) = self.fault.clone()
            && asked.line.contains(at)
        {
            if is_done {
                self.does(asked);
            }
            return manner;
        }
        self.does(asked)
    }

    fn does(&mut self, asked: &Asked) -> Manner {
        let (method, path) = asked.line.split_once(' ').unwrap();
        let path = path.split('?').next().unwrap_or_default();
        let body: Value = serde_json::from_str(&asked.body).unwrap_or_default();
        let flag = "/api/admin/projects/default/features/checkout";
        let ours = path.strip_prefix(flag).and_then(|rest| rest.strip_prefix("/environments/production/"));
        match (method, path) {
            ("GET", one) if one == flag => answer(&self.flag.to_string()),
            ("GET", "/api/admin/search/events") => {
                answer(&json!({"events": self.events, "total": self.events.len()}).to_string())
            }
            ("GET", "/api/admin/user") => {
                let user = json!({"username": "deploy-bot", "type": "admin", "secret": "*:*.s3cret"});
                answer(&json!({"user": user, "permissions": self.may}).to_string())
            }
            ("GET", "/api/admin/projects/default/change-requests/config") if self.guarded => answer(
                &json!([{"environment": "production", "changeRequestEnabled": true, "requiredApprovals": 2}])
                    .to_string(),
            ),
            ("GET", "/api/admin/search/features") if self.guarded => {
                let place = json!({"name": "production", "changeRequestIds": [7]});
                answer(&json!({"features": [{"name": "checkout", "environments": [place]}]}).to_string())
            }
            ("GET", "/api/admin/context") => answer(r#"[{"name":"userId"},{"name":"region"}]"#),
            ("GET", "/api/admin/maintenance") => answer(r#"{"enabled":false}"#),
            ("GET", "/api/frontend") => {
                let is_on = self.flag["environments"][1]["enabled"] == true;
                let told = if is_on { vec![json!({"name": "checkout", "enabled": true})] } else { Vec::new() };
                answer(&json!({"toggles": told}).to_string())
            }
            ("POST", "/api/admin/features/checkout/tags") => {
                self.tags.push(body.clone());
                wrong(201, body)
            }
            ("POST", "/api/admin/projects/default/environments/production/change-requests") if self.guarded => {
                self.requested = body.as_array().cloned().unwrap_or_default();
                let all: Vec<Value> = self.draft.iter().chain(&self.requested).cloned().collect();
                answer(
                    &json!({"id": 12, "state": "Draft", "features": [{"name": "checkout", "changes": all}]})
                        .to_string(),
                )
            }
            ("PUT", "/api/admin/projects/default/change-requests/12/state") => {
                self.requested.push(body);
                answer("{}")
            }
            (_, _) if ours.is_some() && self.guarded => wrong(
                403,
                json!({"name": "PermissionError", "message": "You don't have the required permissions.", "permissions": ["SKIP_CHANGE_REQUEST"]}),
            ),
            (method, _) if ours.is_some() => self.act(method, ours.unwrap_or_default(), body),
            _ => wrong(404, json!({"name": "NotFoundError", "message": "There's no such thing."})),
        }
    }

    fn act(&mut self, method: &str, what: &str, body: Value) -> Manner {
        if let Some(meanwhile) = self.meanwhile.filter(|_| method == "PATCH") {
            self.meanwhile = None;
            meanwhile(&mut self.flag);
        }
        let place = place(&mut self.flag);
        match (method, what.split_once('/')) {
            ("POST", None) if what == "strategies" => {
                self.made += 1;
                let mut made = body;
                made["id"] = json!(format!("made-{}", self.made));
                place["strategies"].as_array_mut().unwrap().push(made.clone());
                answer(&made.to_string())
            }
            ("POST", None) => {
                place["enabled"] = json!(what == "on");
                Manner::Whole(200, Vec::new(), Vec::new())
            }
            ("POST", Some((_, "set-sort-order"))) => {
                for one in place["strategies"].as_array_mut().unwrap() {
                    if let Some(to) = body.as_array().unwrap().iter().find(|to| to["id"] == one["id"]) {
                        one["sortOrder"] = to["sortOrder"].clone();
                    }
                }
                Manner::Whole(200, Vec::new(), Vec::new())
            }
            ("PATCH", Some((_, id))) => {
                let all = place["strategies"].as_array_mut().unwrap();
                let Some(one) = all.iter_mut().find(|one| one["id"] == id) else {
                    return wrong(404, json!({"message": "Could not find strategy"}));
                };
                for operation in body.as_array().unwrap() {
                    let at = operation["path"].as_str().unwrap();
                    let there = one.pointer_mut(at).unwrap();
                    if operation["op"] == "test" && *there != operation["value"] {
                        return wrong(
                            500,
                            json!({"name": "UnknownError", "message": "Test operation failed\nname: TEST_OPERATION_FAILED\nindex: 0"}),
                        );
                    }
                    *there = operation["value"].clone();
                }
                answer(&one.to_string())
            }
            ("DELETE", Some((_, id))) => {
                place["strategies"].as_array_mut().unwrap().retain(|one| one["id"] != id);
                Manner::Whole(200, Vec::new(), Vec::new())
            }
            _ => wrong(404, json!({"message": "no such path"})),
        }
    }
}
