//! What a switch is asked for, what that would do and what it is seen to serve: the values that every provider of switches answers with.
//! It must not know how any of them is reached.

use super::entry::{EntryId, Number};
use super::sought::Found;
use super::time::Time;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// One context that a provider can tell apart: a user, a customer, a device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Whom {
    /// What kind of context: `user`, `customer`, `targetingKey`, as the provider calls it. It holds no colon.
    pub kind: String,
    /// Which one.
    pub key: String,
}

impl Whom {
    /// Reads `customer:acme`; a text without a colon is a context of the given kind. `None` when the kind or the key is empty or holds
    /// a control character.
    #[must_use]
    pub fn parse(text: &str, kind: &str) -> Option<Whom> {
        let (kind, key) = text.split_once(':').unwrap_or((kind, text));
        let fits = |part: &str| !part.is_empty() && part.trim() == part && !part.chars().any(char::is_control);
        (fits(kind) && fits(key)).then(|| Whom { kind: kind.to_owned(), key: key.to_owned() })
    }
}

impl Serialize for Whom {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&format_args!("{}:{}", self.kind, self.key))
    }
}

impl<'de> Deserialize<'de> for Whom {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Whom, D::Error> {
        let text = String::deserialize(d)?;
        let whom = text.contains(':').then(|| Whom::parse(&text, "")).flatten();
        whom.ok_or_else(|| serde::de::Error::custom("a context is its kind, a colon and its key"))
    }
}

impl fmt::Display for Whom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.key)
    }
}

/// The share of contexts that get what is served while nothing is stopped, in thousandths of a percent: 100,000 is everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Share(u32);

impl Share {
    /// Nobody.
    pub const NOBODY: Share = Share(0);
    /// Everybody.
    pub const EVERYBODY: Share = Share(100_000);

    /// A share of so many thousandths of a percent; `None` above all of it.
    #[must_use]
    pub fn of_milli(milli: u32) -> Option<Share> {
        (milli <= 100_000).then_some(Share(milli))
    }
    /// A whole percentage; `None` above 100.
    #[must_use]
    pub fn of_percent(percent: u32) -> Option<Share> {
        Share::of_milli(percent.checked_mul(1_000)?)
    }
    /// So few that it may be nobody: below one percent, which many providers round, and which is nobody among a hundred customers.
    #[must_use]
    pub fn is_hardly_any(self) -> bool {
        self.0 < 1_000
    }
    /// Reads what people write: `5`, `5 %`, `2.5`, with at most three decimals; `None` for anything else, also for `150` and `-1`. Providers
    /// take such numbers without a word (Unleash stores a rollout of "150"), so it is checked here.
    #[must_use]
    pub fn parse(text: &str) -> Option<Share> {
        let text = text.trim().trim_end_matches('%').trim_end();
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 3 {
            return None;
        }
        let part: u32 = format!("{part:0<3}").parse().ok()?;
        Share::of_milli(whole.parse::<u32>().ok()?.checked_mul(1_000)?.checked_add(part)?)
    }
    /// In thousandths of a percent.
    #[must_use]
    pub fn milli(self) -> u32 {
        self.0
    }
    /// The whole percentage, where it is one.
    #[must_use]
    pub fn whole(self) -> Option<u32> {
        self.0.is_multiple_of(1_000).then_some(self.0 / 1_000)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 1_000, self.0 % 1_000);
        match part {
            0 => write!(f, "{whole} %"),
            _ => write!(f, "{whole}.{} %", format!("{part:03}").trim_end_matches('0')),
        }
    }
}

/// What is wanted of a switch. All of it is absolute, so that asking for it twice is asking once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Serve the stopped value to everybody.
    Stop,
    /// Serve the stopped value to one context, and to all others what they get now.
    Exclude(Whom),
    /// Serve what is served while nothing is stopped to this share of contexts, the stopped value to the others.
    Percent(Share),
    /// The same on the way back to the state that an earlier plan found ([`Plan::before`]): whoever got the stopped value there gets it still.
    Step(Share, String),
    /// Serve to everybody what is served while nothing is stopped, as far as that is configured: for a switch that somebody else stopped.
    Restore,
    /// Put back the very state that an earlier plan found ([`Plan::before`]).
    Put(String),
}

impl Wanted {
    /// The share that is to be served.
    #[must_use]
    pub fn share(&self) -> Option<Share> {
        match self {
            Wanted::Percent(share) | Wanted::Step(share, _) => Some(*share),
            Wanted::Stop | Wanted::Exclude(_) | Wanted::Restore | Wanted::Put(_) => None,
        }
    }
}

/// Whom the served value reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Nothing is stopped.
    On,
    /// Everybody gets the stopped value.
    Off,
    /// Some get the stopped value: by a share, by a rule, or because not every place has followed.
    Partly,
    /// Neither the stopped value nor one that could be told apart from it.
    #[default]
    Other,
}

/// Whom a look at a switch asks about by name. Not every provider tells who gets the stopped value: some have to be asked about each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByName {
    /// The one that an act is about which is looked for; clients are asked as this one too.
    pub one: Option<Whom>,
    /// Those for whom our record says that it is stopped, the newest first.
    pub stopped: Vec<Whom>,
}

impl ByName {
    /// One alone, or nobody.
    #[must_use]
    pub fn alone(one: Option<&Whom>) -> ByName {
        ByName { one: one.cloned(), stopped: Vec::new() }
    }
    /// Those who are asked about besides the one.
    pub fn others(&self) -> impl Iterator<Item = &Whom> {
        self.stopped.iter().filter(|whom| Some(*whom) != self.one.as_ref())
    }
}

/// What a switch was seen to serve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    /// The value everybody without a rule of their own gets.
    pub value: String,
    /// What is served, in the words of [`Plan::from`] and [`Plan::to`], where these say more than the value.
    pub whole: String,
    /// The variant it belongs to.
    pub variant: Option<String>,
    /// Some get another value by a rule.
    pub targeting: bool,
    /// What they get, where that is known and the value would be taken for what everybody gets: `true`, `1821 or 1823`, `others`.
    pub by_rule: Option<String>,
    /// In words, what that means ("the application's own default").
    pub words: String,
    /// Whom the stopped value reaches.
    pub level: Level,
    /// The share that gets what is served while nothing is stopped, where one is configured there.
    pub share: Option<Share>,
    /// A share is served that nobody can tell: it may be all, or next to nothing.
    pub untold: bool,
    /// Contexts that get the stopped value by name.
    pub excluded: Vec<Whom>,
    /// Contexts for whom our record says that it is stopped, and who were not asked about.
    pub unseen: Vec<Whom>,
    /// What a client was served when it asked as applications do; none where nobody can ask so.
    pub observed: Option<String>,
    /// The provider's own name of this state: a version, an ETag, a digest. Another one means that somebody changed something.
    pub version: Option<String>,
    /// When it was last changed there and by whom, where the provider says so.
    pub changed: Option<(Time, String)>,
    /// How the whole state compares with what an act whose effect was looked for had found and wanted.
    pub found: Option<(EntryId, Found)>,
}

impl Sight {
    /// The word for a switch that is not as it runs when nobody touches it, by its own polarity and whoever did that; none while it runs, and
    /// where nobody can tell.
    #[must_use]
    pub fn standing(&self) -> Option<&'static str> {
        match self.level {
            Level::Off => Some("STOPPED"),
            Level::Partly => Some("PARTLY"),
            Level::On | Level::Other => None,
        }
    }

    /// The share that is served now what is served while nothing is stopped, as far as it is known. What is neither stopped nor running says
    /// nothing of whom it reaches, whatever share is set there.
    #[must_use]
    pub fn reach(&self) -> Option<Share> {
        match self.level {
            Level::Off => Some(Share::NOBODY),
            Level::On => Some(Share::EVERYBODY),
            Level::Partly => self.share,
            Level::Other => None,
        }
    }

    /// It serves what these words of a plan say.
    #[must_use]
    pub fn is(&self, words: &str) -> bool {
        self.value == words || self.told() == words
    }

    /// Rules serve what is not stopped to some, perhaps to all, whatever the value is that the others get.
    #[must_use]
    pub fn is_let_through(&self) -> bool {
        self.targeting && matches!(self.level, Level::On | Level::Partly)
    }

    /// Its value is not what everybody gets, as its provider's own words for all of it say.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self.level, Level::On | Level::Partly) && !self.whole.is_empty() && self.whole != self.value
    }

    /// What is served, in all that is said of it: in the words of a plan where it has them.
    #[must_use]
    pub fn told(&self) -> String {
        if self.whole.is_empty() { self.served(None) } else { self.whole.clone() }
    }

    /// The value says the number of a share itself, as a program's words may.
    fn names(&self, share: Share) -> bool {
        let number = share.to_string();
        let number = number.trim_end_matches(" %");
        self.value.split(|c: char| !c.is_alphanumeric() && c != '.').any(|word| word == number)
    }

    /// The value, and who gets something else as far as that is known and the value does not say it by itself: `on for 5 %, not for acme`. Of
    /// contexts of the kind `known` the key is enough.
    #[must_use]
    pub fn served(&self, known: Option<&str>) -> String {
        // a share of another value than the one that everybody else gets has words of its own
        let is_shared = self.share.is_some_and(|share| share != Share::EVERYBODY) && self.level == Level::Partly;
        if is_shared && !self.whole.is_empty() {
            return known.map_or_else(|| self.whole.clone(), |kind| self.whole.replace(&format!(" {kind} "), " "));
        }
        let mut words = self.value.clone();
        // what a stop left of a share is no share: nobody gets anything else
        if self.level == Level::Off {
            return words;
        }
        let is_said = |share: &Share| self.value.contains('%') || self.names(*share);
        let share = self.share.filter(|share| *share != Share::EVERYBODY && !is_said(share));
        if let Some(share) = share {
            words.push_str(&format!(" for {share}"));
        }
        if self.untold {
            words.push_str(" for an unknown share");
        }
        let others: Vec<&Whom> = self.excluded.iter().filter(|whom| !self.value.contains(whom.key.as_str())).collect();
        if let [one, more @ ..] = others.as_slice() {
            let one = if known == Some(one.kind.as_str()) { one.key.clone() } else { one.to_string() };
            let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
            words.push_str(&format!(", not for {one}{more}"));
        }
        if let Some(others) = &self.by_rule {
            words.push_str(&by_rule(others));
        }
        words
    }
}

/// What stands behind a value where rules serve these as well.
#[must_use]
pub fn by_rule(others: &str) -> String {
    format!(", {others}{BY_RULE}")
}

/// How the words of a plan end that say of rules what they serve.
pub const BY_RULE: &str = " by rule";

/// What an act on a switch would do, from what is there now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is served now.
    pub from: String,
    /// What would be served.
    pub to: String,
    /// The one context that both speak of; none where they are of everybody.
    pub one: Option<Whom>,
    /// The target's whole state, to be put back on revert; the act is bound to it and void when it is another.
    pub before: String,
    /// The share that it found reached, in the sense of [`Sight::reach`]; none where nobody can say.
    pub reach: Option<Share>,
    /// Each way that lets contexts in lets in the same or fewer of the same: nobody gets again what was taken, whatever share that is together.
    pub narrows: bool,
    /// What would be changed, in words.
    pub changes: String,
    /// Nothing would change.
    pub idle: bool,
    /// Who is affected, what depends on it, what stands against it: one sentence each, the gravest first.
    pub notes: Vec<String>,
    /// Somebody else has to approve it there, as far as that is known before it is tried.
    pub approval: Option<String>,
    /// Its provider calls what is meant critical, or asks to confirm changes there: whose wish it is, in words. It counts like our own
    /// configuration's word, which it never takes away.
    pub critical: Option<String>,
    /// When it was last changed there and by whom, where the provider says so.
    pub changed: Option<(Time, String)>,
}

impl Plan {
    /// What is served now, and to whom where that is not everybody.
    #[must_use]
    pub fn now(&self) -> String {
        self.of(&self.from)
    }
    /// What would be served, and to whom where that is not everybody.
    #[must_use]
    pub fn then(&self) -> String {
        self.of(&self.to)
    }
    fn of(&self, words: &str) -> String {
        self.one.as_ref().map_or_else(|| words.to_owned(), |whom| format!("{whom}: {words}"))
    }
    /// Both: `serves on now, would serve off`, `customer acme: excluded → not excluded`.
    #[must_use]
    pub fn step(&self) -> String {
        let Plan { from, to, .. } = self;
        self.one
            .as_ref()
            .map_or_else(|| format!("serves {from} now, would serve {to}"), |whom| format!("{whom}: {from} → {to}"))
    }
}

/// Why an act is done, for the provider's own record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// In the person's words; may be empty.
    pub why: String,
    /// The incident.
    pub incident: Option<Number>,
    /// Who asked.
    pub person: String,
    /// The intent: one operation has one name, however often it is spoken of.
    pub act: EntryId,
}

impl fmt::Display for Reason {
    /// One line: `incident 412, Ana: too many refusals (quarterdeck 0123…)`. The title of an incident is never in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(incident) = self.incident {
            write!(f, "incident {incident}, ")?;
        }
        write!(f, "{}", self.person)?;
        if !self.why.is_empty() {
            write!(f, ": {}", self.why)?;
        }
        write!(f, " (quarterdeck {})", self.act)
    }
}

#[cfg(test)]
mod tests;
