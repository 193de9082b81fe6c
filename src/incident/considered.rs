//! When somebody last decided what a budget may propose: whoever decided since has seen it, and is not asked again. It must not know what is proposed.

use super::time::Time;

/// When it was decided last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Considered {
    /// The severity: declared with one, or said anew.
    pub severity: Option<Time>,
    /// Releases: a decision that speaks of freezing or of a hold.
    pub freeze: Option<Time>,
}

impl Considered {
    pub(super) fn severity(&mut self, at: Time) {
        self.severity = self.severity.max(Some(at));
    }

    pub(super) fn decided(&mut self, at: Time, text: &str) {
        let text = text.to_lowercase();
        if ["freeze", "frozen", "unfreeze", "hold release", "hold deploy"].iter().any(|word| text.contains(word)) {
            self.freeze = self.freeze.max(Some(at));
        }
    }
}
