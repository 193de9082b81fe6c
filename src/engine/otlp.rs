//! OTLP/JSON as the collector's file exporter writes it: one object a line, with many spans or log records, each of which is an event.
//! It must not know of files or of what is done with the values.
//!
//! Members that are not named here are passed over, as the protocol asks. Integers come as numbers or as texts, ids in either case, enumerations as numbers or names.
//! A span's own attributes are stronger than those of its resource, and what the span says by itself (`name`, `trace.trace_id` …) is stronger than both.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::line::Scalar;
use super::when;

/// The members at the top of a line, in the order in which the JSON reader knows them.
pub const TOPS: [&str; 3] = ["resourceSpans", "resourceLogs", "resourceMetrics"];

const KINDS: [&str; 6] = ["", "internal", "server", "client", "producer", "consumer"];
const STATUSES: [&str; 3] = ["unset", "ok", "error"];

/// One line.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct Line<'a> {
    #[serde(borrow, deserialize_with = "list")]
    resource_spans: Vec<Resourceful<'a>>,
    #[serde(borrow, deserialize_with = "list")]
    resource_logs: Vec<Resourceful<'a>>,
    resource_metrics: Option<IgnoredAny>,
}

/// One span or log record.
#[derive(Debug)]
pub struct Happening<'t> {
    /// µs UTC; None if it has none or none that can be read.
    pub time: Option<i64>,
    /// Its values by name; of equal names the last one counts.
    pub values: Vec<(&'t str, Scalar<'t>)>,
    /// Lists, maps and bytes, which are not kept.
    pub dropped: u64,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Resourceful<'a> {
    #[serde(borrow)]
    resource: Option<Resource<'a>>,
    #[serde(borrow, deserialize_with = "list")]
    scope_spans: Vec<Scope<'a>>,
    #[serde(borrow, deserialize_with = "list")]
    scope_logs: Vec<Scope<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Resource<'a> {
    #[serde(borrow, deserialize_with = "list")]
    attributes: Vec<Attribute<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Scope<'a> {
    #[serde(borrow, deserialize_with = "list")]
    spans: Vec<Span<'a>>,
    #[serde(borrow, deserialize_with = "list")]
    log_records: Vec<Log<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Span<'a> {
    #[serde(borrow)]
    trace_id: Leaf<'a>,
    #[serde(borrow)]
    span_id: Leaf<'a>,
    #[serde(borrow)]
    parent_span_id: Leaf<'a>,
    #[serde(borrow)]
    name: Leaf<'a>,
    #[serde(borrow)]
    kind: Leaf<'a>,
    #[serde(borrow)]
    start_time_unix_nano: Leaf<'a>,
    #[serde(borrow)]
    end_time_unix_nano: Leaf<'a>,
    #[serde(borrow, deserialize_with = "list")]
    attributes: Vec<Attribute<'a>>,
    #[serde(borrow)]
    status: Option<Status<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Status<'a> {
    #[serde(borrow)]
    code: Leaf<'a>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Log<'a> {
    #[serde(borrow)]
    time_unix_nano: Leaf<'a>,
    #[serde(borrow)]
    observed_time_unix_nano: Leaf<'a>,
    #[serde(borrow)]
    severity_text: Leaf<'a>,
    #[serde(borrow)]
    body: Option<AnyValue<'a>>,
    #[serde(borrow, deserialize_with = "list")]
    attributes: Vec<Attribute<'a>>,
    #[serde(borrow)]
    trace_id: Leaf<'a>,
    #[serde(borrow)]
    span_id: Leaf<'a>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Attribute<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    #[serde(borrow)]
    value: Option<AnyValue<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct AnyValue<'a> {
    #[serde(borrow)]
    string_value: Leaf<'a>,
    bool_value: Leaf<'a>,
    int_value: Leaf<'a>,
    double_value: Leaf<'a>,
    array_value: Option<IgnoredAny>,
    kvlist_value: Option<IgnoredAny>,
    bytes_value: Option<IgnoredAny>,
}

/// A member that should be a plain value. What it should be is asked when it is used, so that one odd member does not cost a whole line.
#[derive(Debug)]
struct Leaf<'a>(Scalar<'a>);

impl Default for Leaf<'_> {
    fn default() -> Self {
        Self(Scalar::Null)
    }
}

impl<'a> Line<'a> {
    /// Reads a line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(line: &'a [u8]) -> Result<Self, String> {
        let line: Self = serde_json::from_slice(line).map_err(|e| format!("no OTLP: {e}"))?;
        if line.resource_metrics.is_some() && line.resource_spans.is_empty() && line.resource_logs.is_empty() {
            return Err("these are OTLP metrics, and metrics are not events".to_owned());
        }
        Ok(line)
    }

    /// Its spans, then its log records.
    pub fn happenings(&self) -> impl Iterator<Item = Happening<'_>> {
        let spans = self.resource_spans.iter().flat_map(|r| {
            r.scope_spans.iter().flat_map(|scope| &scope.spans).map(|span| span.happening(r.resource.as_ref()))
        });
        let logs = self.resource_logs.iter().flat_map(|r| {
            r.scope_logs.iter().flat_map(|scope| &scope.log_records).map(|log| log.happening(r.resource.as_ref()))
        });
        spans.chain(logs)
    }
}

impl<'t> Happening<'t> {
    fn of(resource: Option<&'t Resource<'_>>, attributes: &'t [Attribute<'_>]) -> Self {
        let mut happening = Self { time: None, values: Vec::with_capacity(attributes.len() + 16), dropped: 0 };
        // what is stronger stands alone: two scopes that say a name each are no event that says it twice
        let is_own = |one: &&Attribute<'_>| !attributes.iter().any(|own| own.key == one.key);
        let resource = resource.map_or(&[][..], |r| &r.attributes);
        for attribute in resource.iter().filter(is_own).chain(attributes) {
            match attribute.value.as_ref().map_or(Some(Scalar::Null), AnyValue::scalar) {
                Some(value) => happening.values.push((&attribute.key, value)),
                None => happening.dropped += 1,
            }
        }
        happening
    }

    /// What it says by itself.
    fn own(&mut self, name: &'t str, value: Scalar<'t>) {
        match self.values.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.values.push((name, value)),
        }
    }

    fn text(&mut self, name: &'t str, leaf: &'t Leaf<'_>) {
        if let Some(text) = leaf.text() {
            self.own(name, Scalar::Text(Cow::Borrowed(text)));
        }
    }

    /// An id, in lower case.
    fn id(&mut self, name: &'t str, leaf: &'t Leaf<'_>) {
        if let Some(text) = leaf.text() {
            let is_lower = !text.bytes().any(|b| b.is_ascii_uppercase());
            let id = if is_lower { Cow::Borrowed(text) } else { Cow::Owned(text.to_ascii_lowercase()) };
            self.own(name, Scalar::Text(id));
        }
    }

    /// The word of an enumeration. `prefix` is how its names begin where they are written out.
    fn word(&mut self, name: &'t str, leaf: &Leaf<'_>, words: &[&'static str], prefix: &str) {
        let at = match &leaf.0 {
            Scalar::Null => Some(0),
            Scalar::Int(n) => usize::try_from(*n).ok(),
            Scalar::Text(text) => text
                .strip_prefix(prefix)
                .and_then(|word| words.iter().position(|w| w.eq_ignore_ascii_case(word)))
                .or_else(|| text.parse().ok()),
            Scalar::Bool(_) | Scalar::Float(_) => None,
        };
        match at.and_then(|at| words.get(at)) {
            Some(&"") => {}
            Some(word) => self.own(name, Scalar::Text(Cow::Borrowed(word))),
            None => self.dropped += 1,
        }
    }
}

impl Span<'_> {
    fn happening<'t>(&'t self, resource: Option<&'t Resource<'_>>) -> Happening<'t> {
        let mut happening = Happening::of(resource, &self.attributes);
        let (start, end) = (self.start_time_unix_nano.whole(), self.end_time_unix_nano.whole());
        happening.time = start.and_then(when::nanos);
        happening.text("name", &self.name);
        happening.id("trace.trace_id", &self.trace_id);
        happening.id("trace.span_id", &self.span_id);
        happening.id("trace.parent_id", &self.parent_span_id);
        happening.word("span.kind", &self.kind, &KINDS, "SPAN_KIND_");
        let unset = Leaf::default();
        let code = self.status.as_ref().map_or(&unset, |status| &status.code);
        happening.word("span.status_code", code, &STATUSES, "STATUS_CODE_");
        if let (Some(start), Some(end)) = (start.filter(|n| *n > 0), end.filter(|n| *n > 0)) {
            // clocks that go back make no span shorter than nothing
            let nanos = end.saturating_sub(start).max(0);
            happening.own("duration_ms", Scalar::Float(nanos as f64 / 1e6));
        }
        happening
    }
}

impl Log<'_> {
    fn happening<'t>(&'t self, resource: Option<&'t Resource<'_>>) -> Happening<'t> {
        let mut happening = Happening::of(resource, &self.attributes);
        let times = [&self.time_unix_nano, &self.observed_time_unix_nano];
        happening.time = times.iter().find_map(|leaf| leaf.whole().and_then(when::nanos));
        happening.text("severity_text", &self.severity_text);
        match self.body.as_ref().map(|body| (body.string_value.text(), body.is_empty())) {
            Some((Some(text), _)) => happening.own("body", Scalar::Text(Cow::Borrowed(text))),
            Some((None, false)) => happening.dropped += 1,
            Some((None, true)) | None => {}
        }
        happening.id("trace.trace_id", &self.trace_id);
        happening.id("trace.span_id", &self.span_id);
        happening
    }
}

impl AnyValue<'_> {
    /// Whether it holds nothing, or an empty text.
    fn is_empty(&self) -> bool {
        matches!(self.scalar(), Some(Scalar::Null)) || matches!(&self.string_value.0, Scalar::Text(t) if t.is_empty())
    }

    /// Its value; None if it is one that is not kept.
    fn scalar(&self) -> Option<Scalar<'_>> {
        match (&self.string_value.0, &self.bool_value.0, &self.int_value.0, &self.double_value.0) {
            (Scalar::Text(text), ..) => Some(Scalar::Text(Cow::Borrowed(text))),
            (_, Scalar::Bool(v), ..) => Some(Scalar::Bool(*v)),
            (Scalar::Null, Scalar::Null, Scalar::Null, Scalar::Null) => {
                let is_other = [&self.array_value, &self.kvlist_value, &self.bytes_value].iter().any(|v| v.is_some());
                (!is_other).then_some(Scalar::Null)
            }
            (Scalar::Null, Scalar::Null, Scalar::Null, double) => match double {
                Scalar::Float(v) => Some(Scalar::Float(*v)),
                Scalar::Int(v) => Some(Scalar::Float(*v as f64)),
                Scalar::Text(t) => t.parse().ok().filter(|f: &f64| f.is_finite()).map(Scalar::Float),
                Scalar::Null | Scalar::Bool(_) => None,
            },
            _ => self.int_value.whole().map(Scalar::Int),
        }
    }
}

impl Leaf<'_> {
    /// A text that is not empty.
    fn text(&self) -> Option<&str> {
        match &self.0 {
            Scalar::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// A whole number, also one that is written as a text.
    fn whole(&self) -> Option<i64> {
        match &self.0 {
            Scalar::Int(n) => Some(*n),
            Scalar::Text(text) => text.parse().ok(),
            Scalar::Float(f) if f.fract() == 0.0 && f.abs() < 9.2e18 => Some(*f as i64),
            _ => None,
        }
    }
}

/// A list, or null for an empty one.
fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}

impl<'de: 'a, 'a> Deserialize<'de> for Leaf<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Leaf<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a plain value")
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Leaf(Scalar::Null))
            }

            fn visit_bool<E>(self, v: bool) -> Result<Self::Value, E> {
                Ok(Leaf(Scalar::Bool(v)))
            }

            fn visit_i64<E>(self, v: i64) -> Result<Self::Value, E> {
                Ok(Leaf(Scalar::Int(v)))
            }

            fn visit_u64<E>(self, v: u64) -> Result<Self::Value, E> {
                Ok(Leaf(i64::try_from(v).map_or(Scalar::Float(v as f64), Scalar::Int)))
            }

            fn visit_f64<E>(self, v: f64) -> Result<Self::Value, E> {
                Ok(Leaf(Scalar::Float(v)))
            }

            fn visit_borrowed_str<E>(self, v: &'de str) -> Result<Self::Value, E> {
                Ok(Leaf(Scalar::Text(Cow::Borrowed(v))))
            }

            fn visit_str<E>(self, v: &str) -> Result<Self::Value, E> {
                Ok(Leaf(Scalar::Text(Cow::Owned(v.to_owned()))))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Leaf(Scalar::Null))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Leaf(Scalar::Null))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests;
