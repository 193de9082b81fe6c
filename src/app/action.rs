//! Everything a person can ask the program to do, by name. One table: the type, its names and the list come from it.
//!
//! It must not know: keys (they are rows of `assets/keymap.toml`), what an action needs, or how it is carried out.

use std::fmt;

/// Writes the type, its names and the list from one table, so that they cannot disagree.
macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// What a key, a palette entry or a `.screen` file asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Action {
            /// Every action, in the order of the table.
            pub const ALL: &[Action] = &[$(Action::$variant,)+];

            /// The name in `keymap.toml` and in the palette.
            pub fn name(self) -> &'static str {
                match self {
                    $(Action::$variant => $name,)+
                }
            }

            /// The action of that name.
            pub fn named(name: &str) -> Option<Action> {
                match name {
                    $($name => Some(Action::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

actions! {
    /// Write down what happened.
    Note = "note",
    /// Write down what was decided.
    Decide = "decide",
    /// Record the check-in that is due.
    CheckIn = "check-in",
    /// Write the text for the public.
    Update = "update",
    /// Give somebody work with a time box.
    Task = "task",
    /// Promise somebody something by a time.
    Promise = "promise",
    /// Change severity or phase.
    Severity = "severity",
    /// Offer, accept or take a role.
    Roles = "roles",
    /// See all incidents, join one or declare one.
    Incidents = "incidents",
    /// Declare an incident, another one when one is on the screen.
    Declare = "declare",
    /// Fold the incident on the screen into another one that goes on.
    Fold = "fold",
    /// Stop or restore the selected switch.
    Switch = "switch",
    /// Freeze releases; where they are frozen, see who holds them and lift it.
    Freeze = "freeze",
    /// Let one build pass every hold.
    Pass = "pass",
    /// Correct the selected entry with a new one.
    Correct = "correct",
    /// Write the incident to a file.
    Export = "export",
    /// Mark the selected entry for the report.
    Mark = "mark",
    /// Record what the chart shows now.
    Pin = "pin",
    /// Select the next row.
    MoveDown = "move-down",
    /// Select the row before.
    MoveUp = "move-up",
    /// Select the first row.
    Top = "top",
    /// Select the last row and follow what arrives.
    Bottom = "bottom",
    /// Go down by a screenful.
    PageDown = "page-down",
    /// Go up by a screenful.
    PageUp = "page-up",
    /// Open a question.
    Question = "question",
    /// Record who is harmed and how.
    Impact = "impact",
    /// See what changed, what most likely did this first.
    Changes = "changes",
    /// Record a change in the world.
    Changed = "changed",
    /// Keep a link with the incident.
    Link = "link",
    /// Say that service works again.
    Resolve = "resolve",
    /// Close the incident.
    Close = "close",
    /// Open a closed incident again.
    Reopen = "reopen",
    /// Find text in the panel that has the focus.
    Find = "find",
    /// Choose from all actions by name.
    Palette = "palette",
    /// Say who is at the keyboard.
    Person = "person",
    /// Go to the priorities.
    Panel1 = "panel-1",
    /// Go to the switches and holds.
    Panel2 = "panel-2",
    /// Go to the burn.
    Panel3 = "panel-3",
    /// Go to the timeline.
    Panel4 = "panel-4",
    /// Go to the next panel.
    NextPanel = "next-panel",
    /// Go to the panel before.
    PrevPanel = "prev-panel",
    /// Give the focused panel the whole screen, or take it back.
    Zoom = "zoom",
    /// Show everything known about what is selected.
    Details = "details",
    /// Ask what would have been had other events counted as bad.
    WhatIf = "what-if",
    /// Ask which values of a field the SLI does not count.
    BreakDown = "break-down",
    /// Ask the probes, and show what each of them was found to be.
    Probes = "probes",
    /// Show a longer time in the chart.
    Wider = "wider",
    /// Show a shorter time in the chart.
    Narrower = "narrower",
    /// Look further back in the chart.
    ChartBack = "chart-back",
    /// Look less far back in the chart.
    ChartForward = "chart-forward",
    /// Show the present in the chart again.
    ChartLive = "chart-live",
    /// In a drill, go to the next moment at which something happens or is due.
    SkipClock = "skip-clock",
    /// Show keys and what they do.
    Help = "help",
    /// Draw the whole screen again.
    Redraw = "redraw",
    /// Stop the program until the shell continues it.
    Suspend = "suspend",
    /// Leave the program; the incident goes on.
    Quit = "quit",
}

impl Action {
    /// Where a move through a list leads from this place, a page being so many rows; not bound to the list's end. None where it is no move.
    pub fn leads(self, place: usize, page: usize) -> Option<usize> {
        match self {
            Action::MoveDown => Some(place.saturating_add(1)),
            Action::MoveUp => Some(place.saturating_sub(1)),
            Action::PageDown => Some(place.saturating_add(page)),
            Action::PageUp => Some(place.saturating_sub(page)),
            Action::Top => Some(0),
            Action::Bottom => Some(usize::MAX),
            _ => None,
        }
    }

    /// It leads to something that is recorded, written or sent: it waits until the journal is read.
    pub fn writes(self) -> bool {
        !matches!(
            self,
            Action::MoveDown
                | Action::MoveUp
                | Action::Top
                | Action::Bottom
                | Action::PageDown
                | Action::PageUp
                | Action::Find
                | Action::Incidents
                | Action::Palette
                | Action::Person
                | Action::Panel1
                | Action::Panel2
                | Action::Panel3
                | Action::Panel4
                | Action::NextPanel
                | Action::PrevPanel
                | Action::Zoom
                | Action::Wider
                | Action::WhatIf
                | Action::BreakDown
                | Action::Probes
                | Action::Changes
                | Action::Narrower
                | Action::ChartBack
                | Action::ChartForward
                | Action::ChartLive
                | Action::Details
                | Action::Help
                | Action::Redraw
                | Action::Suspend
                | Action::Quit
        )
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn given_every_action_when_its_name_is_read_then_it_is_that_action_and_names_differ() {
        let names: BTreeSet<&str> = Action::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
        for action in Action::ALL {
            assert_eq!(Action::named(&action.to_string()), Some(*action));
            assert!(
                action.name().chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
                "{action}"
            );
        }
        assert_eq!(Action::named("notes"), None);
    }
}
