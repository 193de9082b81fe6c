//! Names of fields that mean the same in the same unit: what OpenTelemetry's semantic conventions call them now, what they called them
//! before, and what others call them (its registry of attributes; Honeycomb's and ClickHouse's own names of traces). It must not know what the fields hold.
//!
//! They are taken together when a question is asked, event by event: the name that was asked comes first, and another fills in where that is missing. A name whose unit or
//! meaning may differ (`duration` in seconds, `http.target` with its query) is left alone.

use super::store::Store;

const SAME: [&[&str]; 13] = [
    &["service.name", "service"],
    &["service.version", "version"],
    &["host.name", "hostname", "host"],
    &["deployment.environment.name", "deployment.environment"],
    &["http.request.method", "http.method"],
    &["http.response.status_code", "http.status_code"],
    &["url.full", "http.url"],
    &["user_agent.original", "http.user_agent"],
    &["trace.trace_id", "traceId", "TraceId"],
    &["trace.span_id", "spanId", "SpanId"],
    &["trace.parent_id", "parentSpanId", "ParentSpanId"],
    &["span.kind", "SpanKind"],
    &["span.status_code", "StatusCode"],
];

/// The other names of a field, the newest first.
pub fn others(name: &str) -> impl Iterator<Item = &str> {
    let same = SAME.iter().find(|same| same.contains(&name)).copied().unwrap_or(&[]);
    same.iter().copied().filter(move |other| *other != name)
}

/// The fields of a store that mean what a name means, that name's own first.
#[must_use]
pub fn fields(name: &str, store: &Store) -> Vec<usize> {
    std::iter::once(name).chain(others(name)).filter_map(|name| store.field(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_name_when_asked_for_others_then_old_leads_to_new_and_new_to_old() {
        let all = |name: &'static str| others(name).collect::<Vec<_>>();
        assert_eq!(all("http.response.status_code"), ["http.status_code"]);
        assert_eq!(all("http.status_code"), ["http.response.status_code"]);
        assert_eq!(all("host"), ["host.name", "hostname"]);
        assert!(all("status").is_empty() && all("duration").is_empty());
    }

    #[test]
    fn given_the_table_when_looked_through_then_no_name_means_two_things() {
        let mut names: Vec<&str> = SAME.iter().flat_map(|same| same.iter().copied()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
