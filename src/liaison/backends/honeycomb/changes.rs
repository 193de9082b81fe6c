//! Markers of a dataset as changes: Honeycomb lists them all at once, and what somebody else marked is what changed (reference: its OpenAPI
//! document, `getMarker`; a marker's id is opaque, and every member may be missing).
//!
//! It must not know which incident asks.

use super::super::super::changes::{kind, said, subject};
use super::super::super::http::{Body, Http};
use super::{DEADLINE, SELF, explained, segment};
use crate::incident::change::{Changed, Reported, Told};
use crate::incident::time::{SECOND, Span, Time};
use crate::incident::trouble::Trouble;
use serde::Deserialize;
use serde_json::Value;

/// One marker. Members may be missing or null, and a time may be written in either way.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Marker {
    start_time: Value,
    end_time: Value,
    created_at: Value,
    message: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    url: Option<String>,
}

/// The markers of a dataset.
#[derive(Debug)]
pub struct Markers {
    source: String,
    dataset: String,
    http: Http,
}

impl Markers {
    /// The markers that a configured source of this name reads; the dataset is a slug, or `__all__` for those of the environment.
    #[must_use]
    pub fn new(source: &str, dataset: &str, http: Http) -> Markers {
        Markers { source: source.to_owned(), dataset: dataset.to_owned(), http }
    }

    /// Asks what was marked in a time, its end excluded.
    ///
    /// # Errors
    /// Nobody answered in time, or they refused, or what they answered cannot be read.
    pub async fn ask(&self, from: Time, until: Time, now: Time) -> Result<Told, Trouble> {
        let path = format!("/1/markers/{}", segment(&self.dataset));
        let reply = self.http.ask(&path, Body::Nothing, DEADLINE).await?;
        let who = self.http.who();
        let reply = self.http.judged(
            reply,
            |reply| match reply.status {
                403 => Some("the key lacks the permission \"Manage Markers\", without which none can be read".into()),
                _ => explained(reply),
            },
            now,
        )?;
        let read = read(&self.source, &reply.body).map_err(|why| {
            Trouble::Garbled(format!(
                "{who}: {why}. No marker is known from there. See whether this address is {SELF}'s."
            ))
        })?;
        let (changes, doubts) = read;
        let changes = changes.into_iter().filter(|one| (from..until).contains(&one.at)).collect();
        Ok(Told { changes, more: 0, doubts })
    }
}

/// The markers in a list, and what must be said beside them.
fn read(source: &str, body: &[u8]) -> Result<(Vec<Reported>, Vec<String>), String> {
    let list: Vec<Value> =
        serde_json::from_slice(body).map_err(|error| format!("the answer is no list of markers: {error}"))?;
    let (mut found, mut odd, mut untimed) = (Vec::new(), 0_usize, 0_usize);
    for one in list {
        let Ok(marker) = serde_json::from_value::<Marker>(one) else {
            odd += 1;
            continue;
        };
        let Some(at) = moment(&marker.start_time).or_else(|| moment(&marker.created_at)) else {
            untimed += 1;
            continue;
        };
        let text = |text: &Option<String>, kept: fn(&str) -> Option<String>| text.as_deref().and_then(kept);
        let kind = text(&marker.kind, kind);
        let words = text(&marker.message, subject).or_else(|| text(&marker.url, subject));
        let (what, subject) = match (kind, words) {
            (Some(kind), Some(words)) => (kind, words),
            (Some(kind), None) => ("marker".to_owned(), kind),
            (None, Some(words)) => ("marker".to_owned(), words),
            (None, None) => {
                odd += 1;
                continue;
            }
        };
        let source = Some(source.to_owned());
        let change = Changed { what, subject, from: None, to: None, by: None, source };
        let until = moment(&marker.end_time).filter(|until| *until > at);
        found.push(Reported { at, change, until, within: Span(0) });
    }
    let count = |n: usize, words: &str| (n > 0).then(|| format!("{n} markers {words}"));
    let doubts = [count(odd, "cannot be read or say nothing"), count(untimed, "have no time")];
    Ok((found, doubts.into_iter().flatten().collect()))
}

/// A moment as seconds, as a text of digits, or as a date.
fn moment(value: &Value) -> Option<Time> {
    let seconds = value.as_i64().or_else(|| value.as_str().and_then(|text| said(text, 20)?.parse().ok()));
    let time = match seconds {
        Some(seconds) => Time(seconds.checked_mul(SECOND)?),
        None => Time(chrono::DateTime::parse_from_rfc3339(value.as_str()?).ok()?.timestamp_micros()),
    };
    (time.0 > 0).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_markers_in_any_state_when_read_then_those_with_a_time_and_words_are_changes() {
        let body = br##"[
            {"id":"a","start_time":1562712510,"type":"deploy","message":"build 1823 to api","url":"https://ci/7","color":"#F96E11"},
            {"id":"b","start_time":1562712520,"end_time":1562712580,"message":"drain \u001b[31mrack 7"},
            {"id":"c","created_at":"2019-07-09T22:49:00Z","type":"flag","message":null},
            {"id":"d","message":"when?"},
            {"id":"e","start_time":1562712530},
            {"id":"f","start_time":true,"type":["x"]},
            7
        ]"##;
        let (found, doubts) = read("markers", body).unwrap();
        let said: Vec<_> = found.iter().map(|one| (one.at.iso(), one.change.words(), one.until.is_some())).collect();
        let expected = [
            ("2019-07-09T22:48:30Z", "deploy build 1823 to api", false),
            ("2019-07-09T22:48:40Z", "marker drain rack 7", true),
            ("2019-07-09T22:49:00Z", "marker flag", false),
        ];
        let expected = expected.map(|(at, words, until)| (at.to_owned(), words.to_owned(), until));
        assert_eq!(said, expected);
        assert_eq!(doubts, ["3 markers cannot be read or say nothing", "1 markers have no time"]);
        assert!(found.iter().all(|one| one.change.source.as_deref() == Some("markers")));
    }

    #[test]
    fn given_what_is_no_list_when_read_then_said_in_words() {
        for body in ["", "<html>", "{\"error\":\"x\"}", "[{\"id\":\"a\"", "null"] {
            assert!(read("markers", body.as_bytes()).unwrap_err().starts_with("the answer is no list"), "{body}");
        }
        assert_eq!(read("markers", b"[]"), Ok((Vec::new(), Vec::new())));
    }
}
