//! When somebody last decided what a budget may propose: whoever decided since has seen it, and is not asked again. It must not know what is proposed.

use super::time::Time;
use super::told::What;

/// When it was decided last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Considered {
    /// The severity: declared with one, or said anew.
    pub severity: Option<Time>,
    /// Releases: a hold was placed or lifted, or a decision speaks of freezing or of a hold, as those of journals without holds do.
    pub freeze: Option<Time>,
    /// To freeze them, without a hold: a decision that begins so.
    pub frozen: Option<Time>,
}

impl Considered {
    pub(super) fn severity(&mut self, at: Time) {
        self.severity = self.severity.max(Some(at));
    }

    pub(super) fn held(&mut self, at: Time, what: What) {
        if matches!(what, What::Frozen | What::Lifted) {
            self.freeze = self.freeze.max(Some(at));
        }
    }

    pub(super) fn decided(&mut self, at: Time, text: &str) {
        let text = text.to_lowercase();
        if ["freeze", "frozen", "unfreeze", "hold release", "hold deploy"].iter().any(|word| text.contains(word)) {
            self.freeze = self.freeze.max(Some(at));
        }
        if text.trim_start().starts_with("freeze ") {
            self.frozen = self.frozen.max(Some(at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_decisions_when_they_speak_of_releases_then_only_one_that_begins_so_freezes_them() {
        let of = |text: &str| {
            let mut considered = Considered::default();
            considered.decided(Time(7), text);
            (considered.freeze.is_some(), considered.frozen.is_some())
        };
        assert_eq!(of("Freeze releases: 22.3 % left"), (true, true));
        assert_eq!(of("we do not freeze, it is one customer"), (true, false));
        assert_eq!(of("go back to 1822"), (false, false));
    }
}
