//! What stands against letting people or releases in again: the probes of that place, each with its age, and what a red one asks for. It must not
//! know how any of them is asked.

use super::confirm::Confirm;
use super::probes::{Place, ProbeDesk};
use super::prompt::{Kind, Prompt};
use super::{App, Layer, freezing};
use crate::incident::probe::Light;
use crate::incident::trouble::open_ended;

impl App {
    /// The probes of a place, the worst first; one that was not asked yet may be anything.
    #[must_use]
    pub fn against(&self, place: &Place) -> Vec<&ProbeDesk> {
        let mut all: Vec<&ProbeDesk> = self.probes_of(place).collect();
        let rank = |desk: &&ProbeDesk| match desk.light() {
            Some(Light::Red) => 0,
            Some(Light::Unknown) => 1,
            None => 2,
            Some(Light::Green) => 3,
        };
        all.sort_by_key(rank);
        all
    }

    /// The red probes of a place, in words that a rule can say: none when nothing is known to be wrong.
    pub(super) fn red(&self, place: &Place) -> Option<String> {
        let red = self.probes_of(place).filter(|desk| desk.light() == Some(Light::Red));
        let words = red.map(|desk| {
            let read = desk.reading.as_ref().map_or("", |reading| reading.what.words.as_str());
            format!("{} is red: {}", desk.name, open_ended(read))
        });
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| words.join("; "))
    }

    /// What a confirmation lets in again, if it does.
    #[must_use]
    pub fn lets_in(&self, confirm: &Confirm) -> Option<Place> {
        let back = confirm.armed.iter().filter(|one| one.draft.lets_in());
        let back: Vec<String> = back.map(|one| one.draft.target.clone()).collect();
        (!back.is_empty()).then_some(Place::Switches(back))
    }

    /// What a prompt lets in again, if it does: releases.
    #[must_use]
    pub fn lets_through(&self, prompt: &Prompt) -> Option<Place> {
        let (Kind::Lift(id) | Kind::ConfirmLift { hold: id, .. }) = prompt.kind else { return None };
        self.standing.holds().find(id).map(|hold| Place::Scope(hold.what.scope.clone()))
    }

    /// A red probe asks for the last step of the ladder, whoever lets it in again and however lately it was taken away.
    pub(super) fn raise(&mut self) {
        match std::mem::take(&mut self.layer) {
            Layer::Confirm(mut confirm) => {
                if let Some(words) = self.lets_in(&confirm).and_then(|place| self.red(&place)) {
                    confirm.raise(&words);
                }
                self.layer = Layer::Confirm(confirm);
            }
            Layer::Prompt(mut prompt) => {
                if self.lets_through(&prompt).and_then(|place| self.red(&place)).is_some() {
                    freezing::raise(&mut prompt);
                }
                self.layer = Layer::Prompt(prompt);
            }
            layer => self.layer = layer,
        }
    }
}
