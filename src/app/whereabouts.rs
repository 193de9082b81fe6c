//! Where things are kept, and the words that open this again. Comes in at the start; it must not know whether anything is there.

use crate::incident::time::Time;

/// Where things are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// The command that opens the same journal again, without the incident's number.
    pub again: String,
    /// The journal's file; empty when there is none.
    pub journal: String,
    /// The file of words that were not recorded.
    pub drafts: String,
    /// The directory of exports.
    pub exports: String,
    /// The configuration file.
    pub config: String,
    /// That file is not there: it would be.
    pub unwritten: bool,
    /// Other terminals may show this very screen: it is worth asking before leaving.
    pub shared: bool,
    /// The drill's directory, as `drill --list` names it, and how long it can be gone on with.
    pub drill: Option<Place>,
}

/// Where a drill is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its name in the list of drills; none when it lies elsewhere.
    pub name: Option<String>,
    /// Its story ends then, by its own clock; what was the newest drill is a finished one from there on.
    pub ends: Time,
    /// The command that opens it whatever else there is, also when it is finished.
    pub exactly: String,
}

impl Default for Whereabouts {
    /// Nothing is known but the program's name.
    fn default() -> Whereabouts {
        Whereabouts {
            again: "quarterdeck".into(),
            journal: String::new(),
            drafts: String::new(),
            exports: String::new(),
            config: String::new(),
            unwritten: false,
            shared: false,
            drill: None,
        }
    }
}
