//! One line of an access log, common or combined, as values under the names of OpenTelemetry. It must not know of files or of what is done with the values.
//!
//! ```text
//! client ident user [10/Oct/2000:13:55:36 -0700] "GET /path?query HTTP/1.1" 200 2326 "referer" "user agent" 0.005
//! ```
//!
//! * `-` is a missing value. `\"`, `\\` and `\x22` within quotes are undone: Apache writes the first two, nginx the last.
//! * The path is kept without its query, which holds ids and secrets. A request line that is not well-formed stays whole in `request`.
//! * A number with a decimal point at the end is nginx's `$request_time` in seconds. A whole number there may as well be Apache's `%D` in µs and is not kept;
//!   neither is anything else behind the user agent. What is not kept is counted.

use std::borrow::Cow;

use super::line::Scalar;
use super::when;

/// A line that has the shape of an access log's.
#[derive(Debug, PartialEq)]
pub struct Hit<'a> {
    /// µs UTC; None if it cannot be read.
    pub time: Option<i64>,
    /// The values that are there, with their names, in the order of the line.
    pub values: Vec<(&'static str, Scalar<'a>)>,
    /// Values that have no name here.
    pub dropped: u64,
    /// Its last value shows by itself that it is whole.
    pub is_closed: bool,
}

/// Reads a line.
///
/// # Errors
/// What is wrong with it.
pub fn read(line: &[u8]) -> Result<Hit<'_>, String> {
    let line = std::str::from_utf8(line).map_err(|e| format!("not UTF-8 after byte {}", e.valid_up_to()))?;
    Hit::of(line)
        .ok_or_else(|| "no line of an access log: client, ident, user, [time], \"request\", status, size".to_owned())
}

impl<'a> Hit<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let (client, rest) = line.split_once(' ')?;
        let (ident, rest) = rest.split_once(' ')?;
        // a user's name may hold spaces
        let (user, rest) = rest.split_once(" [")?;
        let (time, rest) = rest.split_once("] \"")?;
        let (request, rest) = quoted(rest)?;
        let (status, rest) = rest.strip_prefix(' ')?.split_once(' ')?;
        let (size, mut rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let mut hit =
            Self { time: when::access_log(time), values: Vec::with_capacity(12), dropped: 0, is_closed: false };
        hit.text("client.address", client.into());
        hit.text("ident", ident.into());
        hit.text("user.name", user.into());
        hit.request(request);
        hit.number("http.response.status_code", status, |s| s.len() == 3)?;
        hit.number("http.response.body.size", size, |s| !s.is_empty())?;
        for name in ["http.request.header.referer", "user_agent.original"] {
            if let Some(text) = rest.strip_prefix('"') {
                let (text, after) = quoted(text)?;
                hit.text(name, text);
                // no log ends with who referred: the agent is on its way
                hit.is_closed = name == "user_agent.original" && after.is_empty();
                rest = after.strip_prefix(' ').unwrap_or(after);
            }
        }
        hit.behind(rest)?;
        Some(hit)
    }

    fn text(&mut self, name: &'static str, text: Cow<'a, str>) {
        if !matches!(&*text, "" | "-") {
            self.values.push((name, Scalar::Text(text)));
        }
    }

    fn number(&mut self, name: &'static str, text: &str, fits: impl Fn(&str) -> bool) -> Option<()> {
        if text != "-" {
            let is_plain = text.bytes().all(|b| b.is_ascii_digit()) && fits(text);
            self.values.push((name, Scalar::Int(text.parse().ok().filter(|_| is_plain)?)));
        }
        Some(())
    }

    /// Method, path and version of a request; what is not well-formed stays whole.
    fn request(&mut self, request: Cow<'a, str>) {
        let parts: Vec<&str> = request.split(' ').collect();
        let (method, target, version) = match parts[..] {
            [method, target, protocol] if !target.is_empty() => (method, target, protocol.strip_prefix("HTTP/")),
            _ => ("", "", None),
        };
        let is_method =
            !method.is_empty() && method.bytes().all(|b| b.is_ascii_uppercase() || matches!(b, b'-' | b'_'));
        let Some(version) = version.filter(|_| is_method) else {
            return self.text("request", request);
        };
        // a proxy is asked for the whole address
        let path = match target.split_once("://") {
            Some((scheme, rest)) if !scheme.contains('/') => {
                rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
            }
            _ => target,
        };
        let path = path.split(['?', '#']).next().unwrap_or(path);
        for (name, text) in [("http.request.method", method), ("url.path", path), ("network.protocol.version", version)]
        {
            if !text.is_empty() {
                self.values.push((name, Scalar::Text(Cow::Owned(text.to_owned()))));
            }
        }
    }

    /// What stands behind the user agent, or behind the size where there is none.
    fn behind(&mut self, mut rest: &'a str) -> Option<()> {
        while !rest.is_empty() {
            self.is_closed = false;
            let (text, after) = match rest.strip_prefix('"') {
                Some(text) => {
                    let (text, after) = quoted(text)?;
                    self.is_closed = after.is_empty();
                    (text, after.strip_prefix(' ').unwrap_or(after))
                }
                None => {
                    let (text, after) = rest.split_once(' ').unwrap_or((rest, ""));
                    (text.into(), after)
                }
            };
            rest = after;
            let is_seconds = text.contains('.') && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            match text.parse::<f64>() {
                Ok(seconds) if rest.is_empty() && is_seconds => {
                    // seconds are written in ms, which a product with 1000 would blur
                    let ms = (seconds * 1e6).round() / 1e3;
                    self.values.push(("duration_ms", Scalar::Float(ms)));
                }
                _ => self.dropped += u64::from(!matches!(&*text, "" | "-")),
            }
        }
        Some(())
    }
}

/// The text up to the closing quote with its escapes undone, and what follows the quote.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut escaped = false;
    let mut has_escapes = false;
    let end = text.bytes().position(|b| {
        let is_end = b == b'"' && !escaped;
        escaped = b == b'\\' && !escaped;
        has_escapes |= escaped;
        is_end
    })?;
    let (inside, after) = (text.get(..end)?, text.get(end + 1..)?);
    Some((if has_escapes { Cow::Owned(undone(inside)) } else { Cow::Borrowed(inside) }, after))
}

/// A text without its escapes. Bytes that make no UTF-8 become �.
fn undone(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let (byte, after) = match (first, after) {
            (b'\\', [b'x', high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digit = |b: &u8| (*b as char).to_digit(16).unwrap_or(0) as u8;
                (digit(high) << 4 | digit(low), after)
            }
            (b'\\', [b'n', after @ ..]) => (b'\n', after),
            (b'\\', [b't', after @ ..]) => (b'\t', after),
            (b'\\', [b'r', after @ ..]) => (b'\r', after),
            (b'\\', [byte @ (b'"' | b'\\'), after @ ..]) => (*byte, after),
            _ => (*first, after),
        };
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    fn shown(line: &str) -> Vec<String> {
        let hit = read(line.as_bytes()).unwrap();
        assert!(hit.time.is_some(), "{line}");
        hit.values.iter().map(|(name, value)| format!("{name}={:?}", value.value())).collect()
    }

    #[test]
    fn given_a_common_line_when_read_then_its_values_have_the_names_of_opentelemetry() {
        let line = r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif?x=1 HTTP/1.0" 200 2326"#;
        assert_eq!(read(line.as_bytes()).unwrap().time, Some(971_211_336_000_000));
        assert_eq!(
            shown(line),
            [
                "client.address=Text(\"127.0.0.1\")",
                "user.name=Text(\"frank\")",
                "http.request.method=Text(\"GET\")",
                "url.path=Text(\"/apache_pb.gif\")",
                "network.protocol.version=Text(\"1.0\")",
                "http.response.status_code=Int(200)",
                "http.response.body.size=Int(2326)"
            ]
        );
    }

    #[test]
    fn given_a_combined_line_when_read_then_escapes_are_undone_and_request_time_is_ms() {
        let line =
            r#"2001:db8::1 - - [10/Oct/2000:13:55:36 +0000] "-" 408 - "-" "a \"b\" \x22c\x22 \\ \xc3\xa9 \x" 0.0035"#;
        assert_eq!(
            shown(line),
            [
                "client.address=Text(\"2001:db8::1\")",
                "http.response.status_code=Int(408)",
                "user_agent.original=Text(\"a \\\"b\\\" \\\"c\\\" \\\\ é \\\\x\")",
                "duration_ms=Float(3.5)"
            ]
        );
    }

    #[test]
    fn given_requests_when_read_then_only_well_formed_ones_are_taken_apart() {
        let of = |request: &str| {
            shown(&format!("::1 - - [10/Oct/2000:13:55:36 +0000] \"{request}\" 400 0"))
                .into_iter()
                .filter(|v| !v.starts_with("client") && !v.starts_with("http.response"))
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(of(r"\x16\x03\x01"), "request=Text(\"\\u{16}\\u{3}\\u{1}\")");
        assert_eq!(of("GET /a b HTTP/1.1"), "request=Text(\"GET /a b HTTP/1.1\")");
        assert_eq!(of("GET /"), "request=Text(\"GET /\")");
        assert!(of("GET http://a.b/c?d HTTP/1.1").contains("url.path=Text(\"/c\")"));
        assert!(of("GET /r?to=http://a.b/c HTTP/2.0").contains("url.path=Text(\"/r\")"));
        assert!(of("OPTIONS * HTTP/1.1").contains("url.path=Text(\"*\")"));
    }

    #[test]
    fn given_more_behind_the_agent_when_read_then_only_seconds_are_kept_and_the_rest_is_counted() {
        let of = |behind: &str| {
            let line = format!("::1 - - [10/Oct/2000:13:55:36 +0000] \"-\" 200 1 \"-\" \"-\"{behind}");
            let hit = read(line.as_bytes()).unwrap();
            (hit.values.last().map(|(name, _)| *name == "duration_ms"), hit.dropped, hit.is_closed)
        };
        assert_eq!(of(""), (Some(false), 0, true));
        let cut = |line: &str| read(line.as_bytes()).map(|hit| hit.is_closed);
        assert_eq!(cut("::1 - - [10/Oct/2000:13:55:36 +0000] \"-\" 200 1 \"-\""), Ok(false), "the agent is on its way");
        assert_eq!(of(" \"-\" 0.5"), (Some(true), 0, false));
        assert_eq!(of(" \"10.0.0.1\""), (Some(false), 1, true));
        assert_eq!(of(" 5231"), (Some(false), 1, false));
        assert_eq!(of(" 1.2.3 0.1 x"), (Some(false), 3, false));
    }

    #[test]
    fn given_what_is_no_line_when_read_then_refused_and_an_unreadable_time_is_none() {
        for line in [
            "",
            "a",
            "oops oops oops",
            "::1 - - [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1",
            "::1 - - [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" 20 5",
            "::1 - - [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"cut",
            "::1 - - [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" +20 5",
        ] {
            assert!(read(line.as_bytes()).is_err(), "{line}");
        }
        assert!(read(b"\xff - - [] \"\" 200 5").unwrap_err().contains("UTF-8"));
        for time in ["10/Oct/2000:13:55:36", "10/Okt/2000:13:55:36 +0000", "31/Feb/2010:13:55:36 +0000", "é0/Oct/2000"]
        {
            assert_eq!(read(format!("::1 - - [{time}] \"-\" 200 5").as_bytes()).unwrap().time, None, "{time}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_fails_badly_and_texts_come_back(
            noise in prop::collection::vec(any::<u8>(), 0..80),
            agent in "[ -~é]{1,20}",
        ) {
            let _ = read(&noise);
            let escaped = agent.replace('\\', "\\\\").replace('"', "\\x22");
            let line = format!("::1 - - [10/Oct/2000:13:55:36 +0000] \"-\" 200 5 \"-\" \"{escaped}\"");
            let hit = read(line.as_bytes()).unwrap();
            if agent != "-" {
                prop_assert_eq!(hit.values.last().map(|(_, v)| v.clone()), Some(Scalar::Text(agent.into())));
            }
        }
    }
}
