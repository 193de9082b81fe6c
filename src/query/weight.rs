//! How much of the traffic one value of a field is, of all events and of the bad ones: what stands beside the preview of an act that takes the
//! product away from it. Pure; it must not know who counts, nor how it is shown.

use super::shares::{Asked, Shares, percent};
use crate::incident::switch::Whom;
use crate::incident::time::{Span, Time};
use crate::incident::trouble::first_sentence;

/// How far back is counted: what is now, not what was.
pub const LATELY: Span = Span::minutes(10);

/// What is known of that share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It is being asked.
    Asking,
    /// It is this.
    Known {
        /// Of all events, per million.
        all_ppm: u64,
        /// Of the bad ones, per million; none where there were none.
        bad_ppm: Option<u64>,
        /// When it was answered.
        at: Time,
        /// There are more values than can be told apart: of what is in none of them nobody knows.
        is_cut: bool,
    },
    /// There was no event of it.
    Absent(Time),
    /// There are more values than can be told apart, and it is not among these.
    Untold,
    /// Nobody can say, and why.
    Unknown(String),
}

/// The question about one that is to be excluded, where the events name such a context by `field` and the switch tells contexts apart by `kind`.
///
/// # Errors
/// It cannot be asked: what is then known of the share.
pub fn question(
    whom: &Whom,
    (kind, field): (Option<&str>, Option<&str>),
    is_counted: bool,
    now: Time,
) -> Result<Asked, Weight> {
    // a context of another kind stands in another field
    let Some(field) = field.filter(|_| kind == Some(whom.kind.as_str())) else {
        return Err(Weight::Unknown("no `field` of the events is configured for this switch".into()));
    };
    if !is_counted {
        return Err(Weight::Unknown("no [[slo]] is configured".into()));
    }
    let (from, fields) = (now.minus(LATELY).0, vec![field.to_owned()]);
    Ok(Asked { fields, since: from, from, to: now.0, percentile: None, kept: Some(whom.key.clone()) })
}

impl Weight {
    /// What an answer says of the one that was asked about.
    #[must_use]
    pub fn of(shares: &Shares, field: &str, key: &str, at: Time) -> Weight {
        let row = shares.rows.iter().find(|row| row.key().is_some_and(|known| known == key));
        let Some(row) = row.filter(|_| shares.fields == [field]) else {
            return if shares.is_cut { Weight::Untold } else { Weight::Absent(at) };
        };
        let bad_ppm = (u128::from(row.bad) * 1_000_000).checked_div(u128::from(shares.bad));
        let bad_ppm = bad_ppm.map(|ppm| u64::try_from(ppm).unwrap_or(u64::MAX));
        Weight::Known { all_ppm: row.now_ppm, bad_ppm, at, is_cut: shares.is_cut }
    }

    /// In words; `bad` is what a bad event is called.
    #[must_use]
    pub fn words(&self, bad: &str) -> String {
        let lately = format!("the last {} min", LATELY.as_minutes());
        match self {
            Weight::Asking => "asking…".into(),
            Weight::Known { all_ppm, bad_ppm, at, is_cut } => {
                let about = if *is_cut { "about " } else { "" };
                let of_bad = match bad_ppm {
                    Some(ppm) => format!("{} of those that are {bad}", percent(*ppm)),
                    None => format!("none is {bad}"),
                };
                format!("{about}{} of all events, {of_bad}, in {lately} before {}", percent(*all_ppm), at.clock())
            }
            Weight::Absent(at) => {
                format!("no event of it in {lately} before {}: is its key right?", at.clock())
            }
            Weight::Untold => {
                format!("not known: more values than can be told apart in {lately}, and none of these")
            }
            Weight::Unknown(why) => format!("not known: {}", first_sentence(why)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::time::SECOND;

    const NOW: Time = Time(1_562_713_444 * SECOND);

    fn acme() -> Whom {
        Whom { kind: "customer".into(), key: "acme".into() }
    }

    #[test]
    fn given_a_context_of_the_kind_that_the_field_names_when_asked_about_then_its_row_is_kept_and_else_it_is_said_why_not()
     {
        let asked = question(&acme(), (Some("customer"), Some("app.customer_id")), true, NOW).expect("a question");
        assert_eq!((asked.from, asked.to), (NOW.minus(LATELY).0, NOW.0));
        assert_eq!((asked.fields, asked.kept.as_deref()), (vec!["app.customer_id".to_owned()], Some("acme")));
        let said = |kind, field, is_counted| match question(&acme(), (kind, field), is_counted, NOW) {
            Err(weight) => weight.words("bad"),
            Ok(asked) => panic!("{asked:?}"),
        };
        let no_field = "not known: no `field` of the events is configured for this switch";
        assert_eq!(said(Some("customer"), None, true), no_field);
        assert_eq!(said(Some("user"), Some("user_id"), true), no_field, "another field names a customer");
        assert_eq!(said(Some("customer"), Some("id"), false), "not known: no [[slo]] is configured");
    }

    #[test]
    fn given_what_is_known_when_told_then_it_says_of_how_many_and_until_when() {
        let known = Weight::Known { all_ppm: 133_800, bad_ppm: Some(1_000_000), at: NOW, is_cut: false };
        let words = "13.38 % of all events, 100.00 % of those that are slow, in the last 10 min before 23:04:04";
        assert_eq!(known.words("slow"), words);
        let about = Weight::Known { all_ppm: 133_800, bad_ppm: None, at: NOW, is_cut: true };
        assert_eq!(about.words("bad"), "about 13.38 % of all events, none is bad, in the last 10 min before 23:04:04");
        assert!(Weight::Absent(NOW).words("bad").ends_with("is its key right?"));
        let unknown = Weight::Unknown("prom is down. Nothing was counted. Ask again.".into());
        assert_eq!(unknown.words("bad"), "not known: prom is down");
    }
}
