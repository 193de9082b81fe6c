//! What a backend says itself about an objective that we count: a second opinion, shown beside our own figures and never instead of them.
//! It must not know who says it.

/// What they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// What is left of the budget, per million, rounded down; negative when it is overspent. None where they give no figure.
    pub remaining_ppm: Option<i64>,
    /// Their burn rate, per thousand, rounded up.
    pub burn_milli: Option<u64>,
    /// Over how long they count it, in words.
    pub burn_over: &'static str,
    /// How they call its state, cleaned.
    pub status: Option<String>,
    /// Their target, where it is not ours, per million.
    pub other_target_ppm: Option<u64>,
    /// Their window in days, where it is not ours.
    pub other_days: Option<u64>,
    /// Their own conditions on its budget in their words, and whether each holds.
    pub alerts: Vec<(String, bool)>,
    /// The moment that it speaks of, µs: when they were asked, or one of their history.
    pub at: i64,
}

impl Opinion {
    /// In a sentence without an end: "7.73 % left, burn 5.39x over 4 h, normal".
    #[must_use]
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        match self.remaining_ppm {
            Some(ppm) => parts.push(format!("{}{}.{:02} % left", sign(ppm), ppm.abs() / 10_000, ppm.abs() / 100 % 100)),
            None => parts.push("no figure of what is left".into()),
        }
        if let Some(milli) = self.burn_milli {
            parts.push(format!("burn {}.{:02}x over {}", milli / 1_000, milli / 10 % 100, self.burn_over));
        }
        parts.extend(self.status.clone());
        if let Some(ppm) = self.other_target_ppm {
            parts.push(format!("its target is {}.{:04} %", ppm / 10_000, ppm % 10_000));
        }
        if let Some(days) = self.other_days {
            parts.push(format!("its window is {days} d"));
        }
        parts.extend(
            self.alerts.iter().filter(|(_, triggered)| *triggered).map(|(words, _)| format!("{words} TRIGGERED")),
        );
        let quiet = self.alerts.iter().filter(|(_, triggered)| !triggered).count();
        if quiet > 0 {
            let one = if quiet == 1 { "burn alert" } else { "burn alerts" };
            parts.push(format!("{quiet} {one} quiet"));
        }
        parts.join(", ")
    }
}

fn sign(ppm: i64) -> &'static str {
    if ppm < 0 { "-" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_an_opinion_when_said_then_in_words_and_what_differs_from_ours_is_named() {
        let opinion = Opinion {
            remaining_ppm: Some(-710_300),
            burn_milli: Some(5_390),
            burn_over: "4 h",
            status: Some("triggered".into()),
            other_target_ppm: Some(999_000),
            other_days: None,
            alerts: vec![("exhaustion time under 2 h".into(), true), ("budget rate 1 % in 1 h".into(), false)],
            at: 0,
        };
        assert_eq!(
            opinion.words(),
            "-71.03 % left, burn 5.39x over 4 h, triggered, its target is 99.9000 %, exhaustion time under 2 h TRIGGERED, 1 burn alert quiet"
        );
        let none = Opinion {
            remaining_ppm: None,
            burn_milli: None,
            status: None,
            other_target_ppm: None,
            alerts: Vec::new(),
            ..opinion
        };
        assert_eq!(none.words(), "no figure of what is left");
    }
}
