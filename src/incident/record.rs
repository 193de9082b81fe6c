//! The record: notes, decisions, links, marks, corrections, people coming in, one incident folded into another.

use super::entry::{Entry, EntryId, Number};
use super::time::Time;
use serde::{Deserialize, Serialize};

/// Somebody came into the room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joined {
    /// Who.
    pub person: String,
}

/// This incident is the same as another one, which goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folded {
    /// The one that goes on.
    pub into: Number,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noted {
    /// What was written; may have several lines.
    pub text: String,
    /// Kept in view.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

/// A decision of the commander.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// What was decided.
    pub text: String,
    /// The rank of the goal it serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serves: Option<u8>,
}

/// What a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// Where people speak.
    Bridge,
    /// Where people write.
    Chat,
    /// Where something is written down.
    Document,
    /// Anything else.
    Other,
}

impl LinkKind {
    /// Every kind and its word.
    pub const ALL: [(LinkKind, &'static str); 4] = [
        (LinkKind::Bridge, "bridge"),
        (LinkKind::Chat, "chat"),
        (LinkKind::Document, "document"),
        (LinkKind::Other, "other"),
    ];
    /// The word people read and type.
    pub fn word(self) -> &'static str {
        match self {
            LinkKind::Bridge => "bridge",
            LinkKind::Chat => "chat",
            LinkKind::Document => "document",
            LinkKind::Other => "other",
        }
    }
}

/// Where people meet, talk or write about this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linked {
    /// What it leads to.
    pub to: LinkKind,
    /// The address, as it was given.
    pub address: String,
}

/// A moment, or an entry, that the review must not miss.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marked {
    /// The entry meant; none when the moment itself is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<EntryId>,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// An earlier entry is wrong in its text or in its time; the original stays in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Corrected {
    /// The entry meant.
    pub entry: EntryId,
    /// The text it should have had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When it really happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Time>,
    /// Struck: it should not have been recorded at all.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub struck: bool,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// What corrections say about an entry, folded: the newest word on each point holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overlay {
    /// The text it should have had.
    pub text: Option<String>,
    /// When it really happened.
    pub at: Option<Time>,
    /// It should not have been recorded.
    pub struck: bool,
    /// Who corrected it last, and when.
    pub by: Option<(String, Time)>,
    /// Why, as said last.
    pub why: String,
}

impl Overlay {
    pub(super) fn add(&mut self, entry: &Entry, fact: &Corrected) {
        if fact.text.is_some() {
            self.text.clone_from(&fact.text);
        }
        if fact.at.is_some() {
            self.at = fact.at;
        }
        self.struck |= fact.struck;
        self.by = Some((entry.author.to_string(), entry.recorded));
        self.why.clone_from(&fact.why);
    }
}
