//! What can lie over the panels: one thing at a time. It must not know how any of it is drawn.

use super::confirm::Confirm;
use super::deeds::Deeds;
use super::holds::HoldPicker;
use super::incidents::Picker;
use super::palette::Palette;
use super::prompt::Prompt;
use super::suspects::ChangePicker;
use crate::incident::change::Reported;
use crate::incident::entry::EntryId;

/// What lies over the panels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Layer {
    /// Nothing.
    #[default]
    None,
    /// Something is asked of the person.
    Prompt(Prompt),
    /// What can be done with a switch, to choose from.
    Deeds(Deeds),
    /// An act waits for the exact name.
    Confirm(Box<Confirm>),
    /// Every action, to choose from.
    Palette(Palette),
    /// Keys and what they do, scrolled by so many lines.
    Help(u16),
    /// "Says who?" about what was selected, scrolled by so many lines.
    Details(Subject, u16),
    /// How values share the events, to choose from.
    Shares,
    /// The probes, scrolled by so many lines.
    Probes(u16),
    /// What changed, the likeliest cause first, to choose from.
    Changes(ChangePicker),
    /// The incidents there are, to choose from.
    Incidents(Picker),
    /// The holds and passes that stand, to choose from.
    Holds(HoldPicker),
    /// Leave, although so many other terminals show this screen? And what lay on top before.
    Leave(Box<Layer>, usize),
}

/// What details are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An entry.
    Entry(EntryId),
    /// The chart.
    Burn,
    /// A switch, by name.
    Switch(String),
    /// What would have been.
    WhatIf,
    /// A change that a source reports and the record does not have.
    Change(Box<Reported>),
    /// What we did in another incident, or with none open.
    Elsewhere(Box<Reported>),
}
