//! The thread that does things outside: looks at switches, plans and carries acts, publishes, writes files. One after the other, so that
//! no act overtakes another; off the drawing path, so that nothing waits for a disk.
//!
//! It must not know the screen; it is asked, and answers once.

mod export;

use super::clock;
use super::levers::{Deed, Levers, listing};
use crate::app::msg::{Errand, Msg};
use crate::config::blocks::{Channel, ChannelKind};
use crate::config::providers::Provider;
use crate::config::switches::{Switch, SwitchKind};
use crate::incident::Incident;
use crate::incident::gate::Gate;
use crate::incident::intent::{Act, Intended, Settled};
use crate::incident::listed::Listing;
use crate::incident::promise::{Audience, Update};
use crate::incident::sought::Sought;
use crate::incident::switch::{ByName, Plan, Reason, Sight, Wanted, Whom};
use crate::incident::time::{Span, Time};
use crate::incident::tried::{Awaited, SET_BACK};
use crate::incident::trouble::Trouble;
use crate::liaison::channels::page::{self, Page, PageIncident, PageUpdate};
use crate::liaison::outcome::{CarryOutcome, Checked};
pub use export::Export;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

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
        /// Whether it has arrived where clients ask is wanted too.
        arrival: bool,
        /// Whom to ask about by name.
        by_name: ByName,
        /// What the whole state is compared with.
        sought: Option<Box<Sought>>,
    },
    /// Find out what an act would do.
    Plan {
        /// Which switch.
        switch: usize,
        /// The act.
        draft: Box<Intended>,
        /// The state to put back.
        put: Option<String>,
    },
    /// Carry an intent, once; and since when its outcome is waited for, µs by the clock of this machine.
    Carry(Box<Errand>, i64),
    /// Write the incident to files.
    Export(Box<Export>),
    /// Keep words that were not recorded.
    Keep(String, Time),
    /// Write down what holds and passes stand, for those who cannot read the journal.
    Gate(Box<Gate>),
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
    /// Where gate.json goes.
    pub gate: Option<PathBuf>,
    /// It is a drill: said on the page.
    pub drill: bool,
    /// Whoever flips the switches.
    pub levers: Levers,
}

/// Where orders go: a provider on somebody else's machine has a thread of its own, so that one that hangs keeps no act on another waiting.
/// Acts on one provider follow one another.
pub struct Team {
    own: Sender<Order>,
    apart: BTreeMap<String, Sender<Order>>,
    /// Whose each switch is; its own where its provider is here.
    whose: Vec<(String, String)>,
}

impl Team {
    /// Starts the threads; what comes with them hangs up when they have ended.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn start<E>(
        hands: Hands,
        answers: &Sender<Msg>,
        mut spawn: impl FnMut(&str, Box<dyn FnOnce() + Send>) -> Result<Receiver<()>, E>,
    ) -> Result<(Team, Vec<Receiver<()>>), E> {
        let whose: Vec<_> = hands.switches.iter().map(|switch| (switch.name.clone(), provider(switch))).collect();
        let mut apart = BTreeMap::new();
        let mut ended = Vec::new();
        for name in whose.iter().map(|(_, whose)| whose).filter(|whose| !whose.is_empty()) {
            if apart.contains_key(name) {
                continue;
            }
            let (orders, given) = channel();
            let (tell, switches, drafts) = (answers.clone(), hands.switches.clone(), hands.drafts.clone());
            // an own set of clients: they belong to the thread that made them
            let work = move || {
                let exports = drafts.clone();
                let (channels, levers) = (Vec::new(), Levers::default());
                Hands { switches, channels, exports, drafts, gate: None, drill: false, levers }.serve(&given, &tell);
            };
            ended.push(spawn("provider", Box::new(work))?);
            apart.insert(name.clone(), orders);
        }
        let (own, given) = channel();
        let tell = answers.clone();
        let Hands { switches, channels, exports, drafts, gate, drill, .. } = hands;
        let work = move || {
            let levers = Levers::default();
            Hands { switches, channels, exports, drafts, gate, drill, levers }.serve(&given, &tell);
        };
        ended.push(spawn("hands", Box::new(work))?);
        Ok((Team { own, apart, whose }, ended))
    }

    /// Gives an order to whoever it belongs to; a thread that is gone has said why already.
    pub fn send(&self, order: Order) {
        let whose = match &order {
            Order::Look { switch, .. } | Order::Plan { switch, .. } => self.whose.get(*switch),
            Order::Carry(errand, _) => self.whose.iter().find(|(name, _)| *name == errand.what.target),
            Order::Export(_) | Order::Gate(_) | Order::Keep(..) => None,
        };
        let apart = whose.and_then(|(_, whose)| self.apart.get(whose));
        let _ = apart.unwrap_or(&self.own).send(order);
    }
}

/// Whose thread a switch belongs to; nobody's where it is on this machine.
fn provider(switch: &Switch) -> String {
    match &switch.kind {
        SwitchKind::Flagd { .. } if switch.ofrep.is_none() => String::new(),
        SwitchKind::Flagd { .. } | SwitchKind::Http(_) | SwitchKind::Command(_) => format!("switch {}", switch.name),
        SwitchKind::Unleash { provider, .. } | SwitchKind::LaunchDarkly { provider, .. } => provider.name.clone(),
    }
}

impl Hands {
    /// What a switch serves, to `whom` too where one is named; with `arrival` also what that one, or any client, is served.
    ///
    /// # Errors
    /// Nobody can say.
    pub fn look(&self, switch: usize, arrival: bool, by_name: &ByName) -> Result<Sight, Trouble> {
        self.levers.look(self.switch(switch)?, arrival, by_name)
    }

    /// What a switch serves, and how its whole state compares with what an act had found and wanted.
    ///
    /// # Errors
    /// Nobody can say.
    pub fn seek(
        &self,
        switch: usize,
        arrival: bool,
        by_name: &ByName,
        sought: Option<&Sought>,
    ) -> Result<Sight, Trouble> {
        match sought {
            Some(sought) => self.levers.seek(self.switch(switch)?, arrival, by_name, sought),
            None => self.look(switch, arrival, by_name),
        }
    }

    /// What that one, or any client, is served, as far as somebody can ask as clients do; answered in this time.
    ///
    /// # Errors
    /// Nobody can say, or nobody did in time.
    pub fn observed(&self, switch: usize, whom: Option<&Whom>, within: Duration) -> Result<Option<String>, Trouble> {
        self.levers.observed(self.switch(switch)?, whom, within)
    }

    /// What an act on a switch would do. It changes nothing. For the request of an approval it is what would be approved.
    ///
    /// # Errors
    /// It cannot be done, or nobody can say.
    pub fn plan(&self, switch: usize, what: &Wanted) -> Result<Plan, Trouble> {
        self.levers.plan(self.switch(switch)?, what)
    }

    /// Whether login, permissions and approvals will do, found out without changing anything.
    ///
    /// # Errors
    /// Nothing can be found out.
    pub fn check(&self, switch: usize) -> Result<Checked, Trouble> {
        self.levers.check(self.switch(switch)?)
    }

    /// The flags of a provider whose name holds a text; all of them without one.
    ///
    /// # Errors
    /// Nobody can say.
    pub fn listing(&self, provider: &Provider, text: Option<&str>) -> Result<Listing, Trouble> {
        self.levers.listing(provider, text)
    }

    /// The same of a flag file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn listing_of(&self, file: &Path, text: Option<&str>) -> Result<Listing, Trouble> {
        listing::of_file(file, text)
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
        let deed = Deed {
            act: what.act,
            wanted: what.wanted(errand.put.as_deref()),
            before: what.before.as_deref().unwrap_or_default(),
            until: what.until,
            there: what.there.as_deref(),
            reason: Reason {
                why: what.why.clone(),
                incident: errand.number,
                person: errand.person.clone(),
                act: errand.id,
            },
        };
        self.levers.carry(switch, &deed)
    }

    /// Carries an intent, once, and says how it ended as a fact. `since` is when its outcome began to be waited for, µs by the clock of this machine:
    /// when its turn comes so late that others may take it for lost before it is through, nothing is sent. They look, and may do what they find
    /// right.
    pub fn settle(&self, errand: &Errand, since: i64) -> Settled {
        let waited = Span(clock::real().0.saturating_sub(since));
        let switch = self.switches.iter().find(|switch| switch.name == errand.what.target);
        let lasts = switch.and_then(|switch| switch.ways().lasts).unwrap_or(Span(0));
        let is_late = waited.0.saturating_add(lasts.0) > errand.what.within().0 || waited.0 < -SET_BACK.0;
        let carried = match is_late && errand.what.act != Act::Publish {
            true => CarryOutcome::Refused(format!(
                "Its turn came {} s after it was asked, when others may have taken it for lost. Nothing was sent. Ask for it again.",
                waited.as_seconds()
            )),
            false => self.carry(errand),
        };
        carried.settles(errand.id)
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

    /// Keeps words that were not recorded, with the time, one after the other.
    pub fn keep(&self, words: &str, now: Time) -> std::io::Result<()> {
        std::fs::create_dir_all(&self.drafts)?;
        let path = self.drafts.join(DRAFTS);
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
        writeln!(file, "{} {}", now.iso(), words)?;
        file.sync_all()
    }

    /// Writes down what stands for those who cannot read the journal; nothing where no place is configured.
    pub fn write_gate(&self, gate: &Gate) -> Option<Result<(), Trouble>> {
        let dir = self.gate.as_ref()?;
        if self.drill {
            // a rehearsal has its own; where it cannot be made, the writing says so
            let _ = std::fs::create_dir_all(dir);
        }
        Some(super::gate::write(dir, gate))
    }

    fn switch(&self, switch: usize) -> Result<&Switch, Trouble> {
        self.switches.get(switch).ok_or_else(|| Trouble::Refused("There is no such switch.".into()))
    }

    /// Serves orders until nobody gives any.
    pub fn serve(&self, orders: &Receiver<Order>, answers: &Sender<Msg>) {
        // in which stream an act ended last, and when: what waited for its turn behind it is not lost yet
        let mut ended = (None, i64::MIN);
        while let Ok(order) = orders.recv() {
            let answer = match order {
                Order::Look { switch, ticket, arrival, by_name, sought } => {
                    let answer = self.seek(switch, arrival, &by_name, sought.as_deref()).map(Box::new);
                    Msg::Looked { switch, ticket, answer }
                }
                Order::Plan { switch, draft, put } => {
                    let answer = self.plan(switch, &draft.wanted(put.as_deref())).map(Box::new);
                    Msg::Planned { switch, draft, answer }
                }
                Order::Carry(errand, since) => {
                    let (stream, last) = ended;
                    let since = if stream == Some(errand.number) { since.max(last) } else { since };
                    let settled = self.settle(&errand, since);
                    // what took longer than it is waited for was no sign that anybody saw
                    let (end, within) = (clock::real().0, errand.what.within().0);
                    ended = (Some(errand.number), if end.saturating_sub(since) <= within { end } else { i64::MIN });
                    Msg::Carried(Box::new(settled))
                }
                Order::Export(export) => Msg::Wrote(self.export(&export)),
                Order::Gate(gate) => match self.write_gate(&gate) {
                    None | Some(Ok(())) => continue,
                    Some(Err(trouble)) => Msg::Wrote(Err(format!(
                        "Pipelines were not told what is frozen: {} It stands in the journal, and is written again in two minutes.",
                        trouble.words()
                    ))),
                },
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

#[cfg(test)]
mod tests;
