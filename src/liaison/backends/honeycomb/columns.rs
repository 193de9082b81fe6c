//! Whether the columns that are counted by are there, and whether anything still writes them: a run says nothing of a name that no event has. It is asked
//! of their list of columns, once in a while and one name at a time, and no run is begun for it. It must not count anything.

use super::super::Fields;
use super::{Body, Honeycomb, segment, spec, wire};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::liaison::clean;
use crate::query::series::{DAY, MINUTE};
use std::collections::BTreeMap;

/// How long an answer holds, µs: a column may come with its first event, or be written no more.
const HOLDS: i64 = 15 * MINUTE;
/// How many columns are asked for at most.
const MOST: usize = 24;
/// How many are named at most.
const NAMED: usize = 3;

/// What is known of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    /// Nobody has it.
    Unknown,
    /// It is worked out of others.
    Worked,
    /// When it was written last, µs, where that is said.
    Written(Option<i64>),
}

/// What was found out about columns.
#[derive(Debug, Default)]
pub(super) struct Columns {
    known: BTreeMap<String, Held>,
    /// When it was asked last, µs.
    asked: Option<i64>,
    /// Why the rest is not known.
    why: Option<String>,
}

impl Honeycomb {
    /// What is known of the columns that are counted by, for counts up to a moment.
    pub async fn fields(&mut self, until: Time, now: Time) -> Fields {
        let Some(spec) = self.spec.clone() else { return Fields::default() };
        let wanted: BTreeMap<String, bool> =
            spec.columns().into_iter().map(|(name, is_read)| (spec::own(name).to_owned(), is_read)).collect();
        if self.columns.asked.is_none_or(|asked| now.0.abs_diff(asked) >= HOLDS.unsigned_abs()) {
            self.columns = Columns { asked: Some(now.0), ..Columns::default() };
            for name in wanted.keys().take(MOST) {
                match self.held(name, now).await {
                    Ok(held) => drop(self.columns.known.insert(name.clone(), held)),
                    Err(why) => {
                        self.columns.why = Some(why);
                        break;
                    }
                }
            }
        }
        let mut fields = self.columns.said(&self.count.dataset, &wanted, until.0);
        if let (Some(columns), Some(gone)) = (spec.wanted(), self.lacking.gone(until.0)) {
            let of = if spec.wants_numbers() { " as a number" } else { "" };
            let words = format!("{}{of} is {gone}", named(&columns));
            fields.words.insert(0, clean::clean(&words, 240).into_owned());
            fields.is_dim = true;
            if gone.is_most() {
                fields.blind = fields.blind.max(Some(gone.since));
            }
        }
        fields
    }

    /// What is known of one column; or why it is not known, in few words.
    async fn held(&self, name: &str, now: Time) -> Result<Held, String> {
        let (dataset, key) = (self.count.dataset.as_str(), segment(name));
        let of = segment(dataset);
        if let Some(body) = self.listed(&format!("/1/columns/{of}?key_name={key}"), now).await? {
            return wire::written(&body).map(Held::Written);
        }
        if self.listed(&format!("/1/derived_columns/{of}?alias={key}"), now).await?.is_some() {
            return Ok(Held::Worked);
        }
        // one of the whole environment is none of a dataset's list; a classic key has no environment
        let is_shared = dataset != "__all__" && self.owner.as_ref().is_some_and(|owner| owner.environment.is_some());
        if is_shared && self.listed(&format!("/1/derived_columns/__all__?alias={key}"), now).await?.is_some() {
            return Ok(Held::Worked);
        }
        Ok(Held::Unknown)
    }

    /// What a list says of a name; nothing where it is not in it.
    async fn listed(&self, path: &str, now: Time) -> Result<Option<Vec<u8>>, String> {
        let reply = self.http.ask(path, Body::Nothing, self.deadline).await;
        let reply = match reply {
            Ok(reply) if reply.status == 404 => return Ok(None),
            // it says nothing of the turns of runs, which are counted apart
            reply => reply.and_then(|reply| self.http.judged(reply, super::explained, now)),
        };
        match reply {
            Ok(reply) => Ok(Some(reply.body)),
            Err(Trouble::Denied(_)) => Err("the key may not list columns".into()),
            Err(Trouble::Slowed(..)) => Err("it asks for time".into()),
            Err(_) => Err("no answer that can be read".into()),
        }
    }
}

impl Columns {
    /// What must be said, the worst first.
    fn said(&self, dataset: &str, wanted: &BTreeMap<String, bool>, until: i64) -> Fields {
        let (place, lacks) = match dataset {
            "__all__" => ("any dataset".to_owned(), "no dataset has a column".to_owned()),
            dataset => (format!("dataset {dataset}"), format!("dataset {dataset} has no column")),
        };
        let mut fields = Fields::default();
        let (mut missing, mut unasked) = (Vec::new(), Vec::new());
        for (name, is_read) in wanted {
            match self.known.get(name) {
                Some(Held::Unknown) => {
                    missing.push(name.as_str());
                    if *is_read {
                        fields.blind = Some(i64::MIN);
                    }
                    fields.is_unproven = true;
                }
                Some(Held::Written(Some(at))) if *is_read && until - at > DAY => {
                    // days of the calendar, since the day stands beside it
                    let (day, age) = (Time(*at).date(), until.div_euclid(DAY) - at.div_euclid(DAY));
                    fields.words.push(format!(
                        "column {name} was written last on {day}, {age} d before: has it another name now?"
                    ));
                    fields.is_unproven = true;
                }
                Some(Held::Worked | Held::Written(_)) => {}
                None => unasked.push(name.as_str()),
            }
        }
        if !missing.is_empty() {
            fields.words.insert(0, format!("{lacks} {}", named(&missing)));
        }
        if !unasked.is_empty() {
            let why = self.why.as_deref().unwrap_or("there are too many");
            let names = named(&unasked);
            fields.words.push(format!("whether {place} has {names} is not checked: {why}"));
        }
        for words in &mut fields.words {
            *words = clean::clean(words, 240).into_owned();
        }
        fields
    }
}

/// The first of some names, and how many others there are.
fn named(names: &[&str]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let said = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    if more == 0 { said } else { format!("{said} and {more} more") }
}
