//! The thread that does things outside: looks at switches, plans and carries acts, publishes, writes files. One after the other, so that
//! no act overtakes another; off the drawing path, so that nothing waits for a disk.
//!
//! It must not know the screen; it is asked, and answers once.

use crate::app::msg::{Errand, Msg};
use crate::config::blocks::{Channel, ChannelKind, Switch, SwitchKind};
use crate::exchange::{json, markdown};
use crate::incident::Incident;
use crate::incident::cadence::Rules;
use crate::incident::entry::Entry;
use crate::incident::intent::{Act, Settled};
use crate::incident::promise::{Audience, Update};
use crate::incident::switch::{Plan, Sight};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::liaison::channels::page::{self, Page, PageIncident, PageUpdate};
use crate::liaison::outcome::CarryOutcome;
use crate::liaison::switches::flagd;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender};

/// The file of words that were not recorded, in the directory of drafts.
pub const DRAFTS: &str = "drafts.txt";

/// What is asked of this thread.
pub enum Order {
    /// Look at a switch.
    Look {
        /// Which.
        switch: usize,
        /// Comes back with the answer.
        ticket: u64,
    },
    /// Find out what an act would do.
    Plan {
        /// Which switch.
        switch: usize,
        /// The act.
        act: Act,
        /// The state to put back.
        put: Option<String>,
    },
    /// Carry an intent, once.
    Carry(Box<Errand>),
    /// Write the incident to files.
    Export(Box<Export>),
    /// Keep words that were not recorded.
    Keep(String, Time),
}

/// An incident to be written.
pub struct Export {
    /// The fold.
    pub incident: Incident,
    /// The entries.
    pub entries: Vec<Entry>,
    /// What is configured about the response.
    pub rules: Rules,
    /// Now.
    pub now: Time,
    /// It is a drill.
    pub drill: bool,
}

/// What can be reached, and where files go.
pub struct Hands {
    /// The switches.
    pub switches: Vec<Switch>,
    /// The channels.
    pub channels: Vec<Channel>,
    /// Where exports go.
    pub exports: PathBuf,
    /// Where words go that were not recorded.
    pub drafts: PathBuf,
    /// It is a drill: said on the page.
    pub drill: bool,
}

impl Hands {
    /// What a switch serves.
    pub fn look(&self, switch: usize) -> Result<Sight, Trouble> {
        let SwitchKind::Flagd { file, flag, .. } = &self.switch(switch)?.kind;
        let served = flagd::look(file, flag)?;
        Ok(Sight {
            value: served.value,
            variant: served.variant,
            targeting: served.targeting,
            words: served.words,
            ..Sight::default()
        })
    }

    /// What an act on a switch would do. It changes nothing.
    pub fn plan(&self, switch: usize, act: Act, put: Option<&str>) -> Result<Plan, Trouble> {
        let SwitchKind::Flagd { file, flag, stop } = &self.switch(switch)?.kind;
        let text = flagd::read(file)?;
        let plan = flagd::plan(&text, flag, &wanted(act, stop, put)?)?;
        Ok(Plan {
            from: plan.before.value,
            to: plan.after.value,
            before: plan.snapshot,
            changes: plan.changes,
            idle: !plan.is_change,
            ..Plan::default()
        })
    }

    /// Carries an intent, once.
    pub fn carry(&self, errand: &Errand) -> CarryOutcome {
        let what = &errand.what;
        if what.act == Act::Publish {
            return self.publish(errand);
        }
        let Some(switch) = self.switches.iter().find(|s| s.name == what.target) else {
            let words = format!("No switch is called {}. Nothing was sent. Check the configuration.", what.target);
            return CarryOutcome::Refused(words);
        };
        let SwitchKind::Flagd { file, flag, stop } = &switch.kind;
        match wanted(what.act, stop, errand.put.as_deref()) {
            Err(trouble) => CarryOutcome::before_acting(&trouble),
            Ok(wanted) => {
                let expected = match (&what.before, &what.from) {
                    (Some(before), _) => flagd::Expected::Definition(before),
                    (None, from) => flagd::Expected::Value(from.as_deref().unwrap_or("")),
                };
                flagd::carry(file, flag, &wanted, expected)
            }
        }
    }

    /// Carries an intent, once, and says how it ended as a fact.
    pub fn settle(&self, errand: &Errand) -> Settled {
        self.carry(errand).settles(errand.id)
    }

    fn publish(&self, errand: &Errand) -> CarryOutcome {
        let (Some(incident), Some(update)) = (&errand.incident, &errand.update) else {
            return CarryOutcome::Refused("The update is not in the journal. Nothing was sent. Write it again.".into());
        };
        let Some(channel) = self.channels.iter().find(|c| c.name == errand.what.target) else {
            let words =
                format!("No channel is called {}. Nothing was sent. Check the configuration.", errand.what.target);
            return CarryOutcome::Refused(words);
        };
        let ChannelKind::Page { dir, title } = &channel.kind;
        page::publish(dir, &page_of(incident, title, self.drill, errand.at, update.what.next))
    }

    /// Writes Markdown and JSON beside each other; a file that exists is never written over.
    pub fn export(&self, export: &Export) -> Result<String, String> {
        let prefix = if export.drill { "drill" } else { "incident" };
        let name = format!("{prefix}-{}", export.incident.number());
        let mut text = Vec::new();
        let options =
            markdown::Options { generated: export.now, as_of: None, rules: &export.rules, drill: export.drill };
        markdown::export(&export.incident, &export.entries, &options, &mut text).map_err(|e| e.to_string())?;
        let mut data = Vec::new();
        json::export(export.incident.number(), export.drill, &export.entries, &mut data).map_err(|e| e.to_string())?;
        let markdown = fresh(&self.exports, &name, "md", &text)?;
        fresh(&self.exports, &name, "json", &data)?;
        Ok(format!("Written: {} and the same as .json", markdown.display()))
    }

    /// Keeps words that were not recorded, with the time, one after the other.
    pub fn keep(&self, words: &str, now: Time) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.drafts)?;
        let path = self.drafts.join(DRAFTS);
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
        writeln!(file, "{} {}", now.iso(), words)?;
        file.sync_all()
    }

    fn switch(&self, switch: usize) -> Result<&Switch, Trouble> {
        self.switches.get(switch).ok_or_else(|| Trouble::Refused("There is no such switch.".into()))
    }

    /// Serves orders until nobody gives any.
    pub fn serve(&self, orders: &Receiver<Order>, answers: &Sender<Msg>) {
        while let Ok(order) = orders.recv() {
            let answer = match order {
                Order::Look { switch, ticket } => Msg::Looked { switch, ticket, answer: self.look(switch) },
                Order::Plan { switch, act, put } => {
                    Msg::Planned { switch, act, answer: self.plan(switch, act, put.as_deref()) }
                }
                Order::Carry(errand) => Msg::Carried(self.settle(&errand)),
                Order::Export(export) => Msg::Wrote(self.export(&export)),
                Order::Keep(words, now) => match self.keep(&words, now) {
                    Ok(()) => continue,
                    Err(e) => Msg::Wrote(Err(format!("The words could not be kept: {e}. They were: {words}"))),
                },
            };
            if answers.send(answer).is_err() {
                return;
            }
        }
    }
}

fn wanted(act: Act, stop: &str, put: Option<&str>) -> Result<flagd::Wanted, Trouble> {
    match (act, put) {
        (Act::Stop, _) => Ok(flagd::Wanted::Stop { variant: stop.into() }),
        (_, Some(definition)) => Ok(flagd::Wanted::Put { definition: definition.into() }),
        (_, None) => Err(Trouble::Refused(
            "What was served before is not known. Nothing was sent. Set the flag by hand, and record what changed."
                .into(),
        )),
    }
}

/// The page as the incident stands with its newest update.
pub fn page_of(incident: &Incident, title: &str, drill: bool, now: Time, next: Option<Time>) -> Page {
    let public = incident.promises().updates().iter().filter(|u| u.what.audience == Audience::Public);
    let said = |u: &Update| PageUpdate { id: u.id.to_string(), at: u.at, phase: u.phase, text: u.what.text.clone() };
    let updates = public.map(said).collect();
    Page {
        title: title.to_string(),
        drill,
        generated: now,
        incidents: vec![PageIncident {
            id: incident.opened().map(|o| o.id.to_string()).unwrap_or_default(),
            title: incident.public_title(),
            severity: incident.severity(),
            phase: incident.phase(),
            updates,
            next,
        }],
    }
}

/// Writes a file that was not there: `name.md`, `name-2.md`, ...
fn fresh(dir: &Path, name: &str, ending: &str, bytes: &[u8]) -> Result<PathBuf, String> {
    let trouble = |path: &Path, e: &std::io::Error| {
        format!(
            "{} could not be written: {e}. The record is untouched. Free the place or export elsewhere.",
            path.display()
        )
    };
    std::fs::create_dir_all(dir).map_err(|e| trouble(dir, &e))?;
    for n in 1..1_000 {
        let file = if n == 1 { format!("{name}.{ending}") } else { format!("{name}-{n}.{ending}") };
        let path = dir.join(file);
        match std::fs::OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut out) => {
                out.write_all(bytes).and_then(|()| out.sync_all()).map_err(|e| trouble(&path, &e))?;
                return Ok(path);
            }
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(trouble(&path, &e)),
        }
    }
    Err(format!("{} holds a thousand exports of this incident. Nothing was written. Move them.", dir.display()))
}
