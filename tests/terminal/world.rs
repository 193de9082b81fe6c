//! Four switches of four kinds in one home: a flag file, a server of one's own, an Unleash and a LaunchDarkly, all on this machine, and a plan of them
//! all. Each says how often it was changed since it began anew. It must not know what is tested.

use super::killed::Copier;
use crate::cli::ship::Ship;
use crate::liaison::{launchdarkly_fake, unleash_fake};
use serde_json::{Map, Value, json};
use std::cell::Cell;

/// The switches, in the order in which they are configured and planned.
pub const SWITCHES: [&str; 4] = ["release", "copier", "exports", "checkout"];
/// The incident's title.
pub const TITLE: &str = "it fails everywhere";

/// Where the flag file stands in a home.
pub const FLAG_FILE: &str = "flags/flags.json";

const FLAGS: &str = r#"{
  "flags": {
    "release": {
      "state": "ENABLED",
      "variants": { "on": true, "off": false },
      "defaultVariant": "on"
    }
  }
}
"#;

/// A LaunchDarkly that asks for no more than our own configuration.
fn calm(fake: launchdarkly_fake::Fake) -> launchdarkly_fake::Fake {
    fake.with(|memory| _ = memory.environment.insert("critical".into(), false.into()));
    fake
}

/// All of them.
pub struct World {
    copier: Copier,
    unleash: unleash_fake::Fake,
    launchdarkly: launchdarkly_fake::Fake,
    /// How much Unleash had been asked when it began anew.
    asked: Cell<usize>,
}

/// What the servers serve.
pub struct State {
    unleash: Value,
    launchdarkly: Map<String, Value>,
}

impl World {
    pub fn start() -> World {
        let rollout = unleash_fake::rollout("all", "100", json!([]));
        World {
            copier: Copier::start(),
            unleash: unleash_fake::Fake::start(true, vec![rollout]),
            launchdarkly: calm(launchdarkly_fake::Fake::start(chrono::Utc::now().timestamp_millis())),
            asked: Cell::new(0),
        }
    }

    /// A home with an incident; `two`: every act on exports needs a second person.
    pub fn ship(&self, two: bool) -> Ship {
        let ship = Ship::new();
        ship.write(FLAG_FILE, FLAGS);
        ship.write("token", launchdarkly_fake::TOKEN);
        let two = if two { "two-people = \"always\"\n" } else { "" };
        let (copier, unleash, launchdarkly) =
            (self.copier.url(), self.unleash.server.url(), self.launchdarkly.server.url());
        ship.configure(&format!(
            r#"
[[provider]]
name = "flags"
kind = "unleash"
url = "{unleash}"
token = {{ file = "~/token" }}
client = {{ file = "~/token" }}

[[provider]]
name = "ld"
kind = "launchdarkly"
url = "{launchdarkly}"
token = {{ file = "~/token" }}
project = "shop"

[[switch]]
name = "release"
kind = "flagd"
file = "~/flags/flags.json"
flag = "release"
stop = "off"
restore = "on"
exclude-by = "customer"
percent = true
critical = false

[[switch]]
name = "copier"
kind = "http"
url = "{copier}"
stop-request = "PUT /pause"
restore-request = "PUT /resume"
probe-path = "/status"
pointer = "/state"
stopped = "PAUSED"
running = "RUNNING"
critical = false

[[switch]]
name = "exports"
kind = "unleash"
provider = "flags"
flag = "checkout"
exclude-by = "user"
percent = true
critical = false
{two}
[[switch]]
name = "checkout"
kind = "launchdarkly"
provider = "ld"
flag = "checkout"
stop = "false"
exclude-by = "user"
critical = false

[[plan]]
name = "doors"
switches = ["release", "copier", "exports", "checkout"]
"#
        ));
        ship.does(&["declare", TITLE, "-s", "sev1"]);
        ship
    }

    /// What is served now.
    pub fn state(&self) -> State {
        let unleash = self.unleash.memory.lock().expect("its memory").flag.clone();
        State { unleash, launchdarkly: self.launchdarkly.with(|memory| memory.flags.clone()) }
    }

    /// Everything is served as it was, and nothing was changed yet.
    pub fn begins_at(&self, state: &State) {
        self.copier.begins_anew();
        let mut unleash = self.unleash.memory.lock().expect("its memory");
        unleash.flag.clone_from(&state.unleash);
        (unleash.tags, unleash.events) = Default::default();
        drop(unleash);
        self.asked.set(self.unleash.server.asked().len());
        self.launchdarkly.with(|memory| {
            memory.flags.clone_from(&state.launchdarkly);
            memory.log.clear();
            memory.writes = 0;
        });
    }

    /// Waits until nobody is connected whose request could still be read.
    pub fn rests(&self) {
        self.copier.rests();
        self.unleash.server.wait_served();
        self.launchdarkly.server.wait_served();
    }

    /// How often each switch was changed: the flag file or not, the others by the requests that arrived.
    pub fn writes(&self, ship: &Ship, home: &Ship) -> [usize; 4] {
        let changes = "/features/checkout/environments/production";
        let asked = self.unleash.server.asked();
        let asked = asked.iter().skip(self.asked.get());
        let unleash = asked.filter(|asked| !asked.line.starts_with("GET ") && asked.line.contains(changes)).count();
        let file = usize::from(ship.reads(FLAG_FILE) != home.reads(FLAG_FILE));
        [file, self.copier.writes(), unleash, self.launchdarkly.writes()]
    }

    /// What each server really serves to everybody, in the words of `switch list`; the flag file is compared as a whole.
    pub fn serves(&self) -> [(&'static str, &'static str); 3] {
        let word = |is_on: bool| if is_on { "true" } else { "false" };
        let mut unleash = self.unleash.memory.lock().expect("its memory");
        let exports = word(unleash_fake::place(&mut unleash.flag)["enabled"] == true);
        let checkout = word(self.launchdarkly.config()["on"] == true);
        [("copier", self.copier.serves()), ("exports", exports), ("checkout", checkout)]
    }
}
