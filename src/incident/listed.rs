//! The flags that a provider of switches has, whether they are switches here or not, as a list shows them. It must not know how any is reached.

use super::time::Time;

/// One flag of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Its key there, as it has to be asked for; not harmless.
    pub key: String,
    /// What it can be asked for by instead, where the key cannot be shown and no other flag looks so.
    pub alias: Option<String>,
    /// Whether it is on there, where that says something.
    pub on: Option<bool>,
    /// What is served, in words, or what is wrong with it; shares too, where they are told.
    pub serves: String,
    /// How many rules hold; none is not told.
    pub rules: Option<usize>,
    /// How many contexts are served something by name; none is not told.
    pub targets: Option<usize>,
    /// The flags that it needs first.
    pub needs: Vec<String>,
    /// It is meant to go away again, where that is told.
    pub temporary: Option<bool>,
    /// It was put away there.
    pub archived: bool,
    /// When it was last changed there.
    pub changed: Option<Time>,
    /// What may be chosen to stop it: words, variants, variations.
    pub stops: Vec<String>,
}

/// Some of the flags of a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The flags.
    pub flags: Vec<Listed>,
    /// What keeps it from being all of them, in words.
    pub doubts: Vec<String>,
}
