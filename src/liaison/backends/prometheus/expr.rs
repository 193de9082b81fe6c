//! From what was configured to what is asked: counts per bucket out of counters. Pure; it must not know how they travel.
//!
//! A *counter* (a plain selector) is asked as the differences of its samples, summed over its series: they telescope, so that nothing is
//! extrapolated and nothing lost between buckets, on Prometheus 2 (whose ranges hold both ends) as on 3 (whose ranges do not hold their
//! beginning). A counter that fell was reset, and what it shows now came since; a series that was silent goes on where it was, if that is
//! less than [`BRIDGE`] ago; a series that is new is counted from its second sample on, as `increase` does.
//!
//! A *query* with `[{{.window}}]` in it is asked as it is, over windows of a bucket; that is what Sloth's and OpenSLO's files hold.

use crate::query::filter::{Literal, hidden};
use crate::query::pointer::Pointer;
use crate::query::series::MINUTE;
use std::fmt;

/// How long a series may be silent and still go on where it was, in seconds.
pub const BRIDGE: i64 = 3_600;
/// What stands for the length of a bucket in a query. Blanks inside the braces do not matter.
const WINDOW: &str = ".window";

/// Something that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Counter {
    /// The selector of a counter.
    Plain(String),
    /// A query in parts; between each two the length of a bucket.
    Query(Vec<String>),
}

/// Why a text does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// Where.
    pub place: Pointer,
    why: Why,
}

/// What is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    /// It is neither a selector nor a query with a window: something else was expected.
    Not { found: String, expected: &'static str },
    /// It is a query with a range of its own.
    Range,
}

/// Displayed as what follows its key, on one line, without a full stop.
impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.place.position;
        match &self.why {
            Why::Not { found, expected } => write!(
                f,
                "cannot be read at character {at}: found {found}, expected {expected}. It is neither a counter such as http_requests_total{{job=\"api\"}} nor a query with [{{{{.window}}}}] such as sum(increase(http_requests_total[{{{{.window}}}}]))"
            ),
            Why::Range => write!(
                f,
                "has a range of its own at character {at}; write [{{{{.window}}}}] there, or name the counter alone"
            ),
        }
    }
}

impl Counter {
    /// Reads what was configured.
    ///
    /// # Errors
    /// It cannot be asked bucket by bucket.
    pub fn read(text: &str) -> Result<Counter, Unfit> {
        let parts = parts(text.trim());
        if parts.len() > 1 {
            return Ok(Counter::Query(parts));
        }
        match selector(text) {
            Ok(()) => Ok(Counter::Plain(text.trim().to_owned())),
            Err(slip) => Err(match text.find('[').filter(|_| !slip.in_braces) {
                Some(range) => Unfit { place: Pointer::at(text, range), why: Why::Range },
                None => {
                    let found = text.get(slip.at..).and_then(|rest| rest.chars().next());
                    let found = found.map_or("the end".into(), |c| format!("`{}`", if hidden(c) { '?' } else { c }));
                    Unfit { place: Pointer::at(text, slip.at), why: Why::Not { found, expected: slip.expected } }
                }
            }),
        }
    }

    /// The query of its increase over each bucket of `step` µs, which ends at the moment it is evaluated at. Where a bucket holds several samples,
    /// each `scrape` µs, the differences from one to the next are summed: a reset in the middle loses nothing.
    #[must_use]
    pub fn increase(&self, step: i64, scrape: i64) -> String {
        match self {
            Counter::Plain(counter) => format!("sum({})", grown(counter, step, scrape)),
            Counter::Query(parts) => parts.join(&format!("{}s", whole(step))),
        }
    }

    /// The query of its increase over `span` µs for each combination of labels; none for a query of its own, whose labels nobody knows.
    #[must_use]
    pub fn apart(&self, labels: &[String], span: i64, scrape: i64) -> Option<String> {
        match self {
            Counter::Plain(counter) => {
                Some(format!("sum by ({}) ({})", labels.join(", "), grown(counter, span, scrape)))
            }
            Counter::Query(_) => None,
        }
    }

    /// The selector of those of its series whose labels have these values; a label that is missing is empty.
    #[must_use]
    pub fn narrowed(&self, labels: &[String], values: &[Literal]) -> String {
        let Counter::Plain(counter) = self else { return String::new() };
        let value = |value: &Literal| match value {
            Literal::Null => String::new(),
            Literal::Text(text) => text.clone(),
            other => other.to_string(),
        };
        let matchers = labels.iter().zip(values).map(|(label, of)| format!("{label}={}", quoted(&value(of))));
        let matchers = matchers.collect::<Vec<_>>().join(",");
        match counter.trim_end().strip_suffix('}').map(str::trim_end) {
            Some(open) if open.ends_with(['{', ',']) => format!("{open}{matchers}}}"),
            Some(open) => format!("{open},{matchers}}}"),
            None => format!("{counter}{{{matchers}}}"),
        }
    }

    /// The query of the time of its newest sample, if it has one of its own.
    #[must_use]
    pub fn newest(&self) -> Option<String> {
        match self {
            Counter::Plain(counter) => Some(format!("max(timestamp({counter}))")),
            Counter::Query(_) => None,
        }
    }

    /// The narrowest bucket, µs, that counts rightly for something scraped each `interval`: differences of samples need one interval, `increase` four.
    #[must_use]
    pub fn narrowest(&self, interval: i64) -> i64 {
        match self {
            Counter::Plain(_) => interval.max(MINUTE / 4),
            Counter::Query(_) => interval.saturating_mul(4).max(MINUTE),
        }
    }
}

/// A length in whole seconds.
fn whole(length: i64) -> i64 {
    (length / 1_000_000).max(1)
}

/// How much each series of a counter grew in `step` µs.
fn grown(counter: &str, step: i64, scrape: i64) -> String {
    let scrape = scrape.min(step);
    let before = format!("last_over_time({counter}[{BRIDGE}s] offset {}s)", whole(scrape));
    // both sides without the metric's name, so that a series is one series in a range
    let grown = format!("(({counter}) - {before} >= 0) or (({counter}) + 0 and {before})");
    if scrape == step {
        return grown;
    }
    // a range holds both its ends on Prometheus 2 and not its beginning on 3: a millisecond less is the same on both
    format!("sum_over_time(({grown})[{}ms:{}s])", whole(step) * 1_000 - 1, whole(scrape))
}

/// Whether a text is a label's name (Prometheus, concepts/data_model).
#[must_use]
pub fn is_label(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A text between quotes; what would act on a terminal is written as an escape (Prometheus, querying/basics: as in Go).
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if hidden(c) => out.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What stands around the place that a server's error points at: `1:31: parse error: …`, line and column of the query that was asked. Its column is that
/// of what it did not expect or the one behind, as its version has it.
pub(super) fn near(words: &str, query: &str) -> Option<String> {
    /// How much is shown before the place and after it, in characters.
    const AROUND: usize = 30;
    let (place, _) = words.split_once(": parse error")?;
    let mut numbers = place.rsplit([':', ' ']);
    let (column, line) = (numbers.next()?.parse::<usize>().ok()?, numbers.next()?.parse::<usize>().ok()?);
    let before_line = query.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum::<usize>();
    let (before, after) = query.split_at_checked(before_line + column.checked_sub(1)?)?;
    let skipped = before.chars().count().saturating_sub(AROUND);
    let around = before.chars().skip(skipped).chain(after.chars().take(AROUND));
    Some(around.map(|c| if hidden(c) { ' ' } else { c }).collect())
}

/// A text cut at its windows: `[{{.window}}]`, `[{{ .window }}]` or `{{window}}`.
fn parts(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut part = String::new();
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((inside, behind)) = after.split_once("}}") else { break };
        if inside.trim().trim_start_matches('.') == WINDOW.trim_start_matches('.') {
            part.push_str(before);
            parts.push(std::mem::take(&mut part));
            rest = behind;
        } else {
            part.push_str(before);
            part.push_str("{{");
            rest = after;
        }
    }
    part.push_str(rest);
    parts.push(part);
    parts
}

/// The first place where a text is no selector, in bytes.
struct Slip {
    at: usize,
    expected: &'static str,
    in_braces: bool,
}

/// Whether a text is an instant vector selector: a name, matchers in braces, or both (Prometheus, querying/basics). Names may stand in quotes inside the
/// braces (Prometheus 3), and `or` between matchers (VictoriaMetrics).
fn selector(text: &str) -> Result<(), Slip> {
    let mut reader = Reader { text, at: 0 };
    let slip = |reader: &Reader<'_>, expected, in_braces| Err(Slip { at: reader.at, expected, in_braces });
    let has_name = reader.name();
    if !reader.takes("{") {
        return match (has_name, reader.is_done()) {
            (true, true) => Ok(()),
            (true, false) => slip(&reader, "matchers in braces or the end", false),
            (false, _) => slip(&reader, "a counter's name or `{`", false),
        };
    }
    while !reader.takes("}") {
        let quoted = reader.quoted().map_err(|at| Slip {
            at,
            expected: "a text that ends and escapes rightly",
            in_braces: true,
        })?;
        if !quoted && !reader.name() {
            return slip(&reader, "a label's name or `}`", true);
        }
        if ["=~", "!~", "!=", "="].iter().any(|operator| reader.takes(operator)) {
            let value = reader.quoted().map_err(|at| Slip {
                at,
                expected: "a text that ends and escapes rightly",
                in_braces: true,
            })?;
            if !value {
                return slip(&reader, "a text in quotes", true);
            }
        } else if !quoted {
            return slip(&reader, "one of = != =~ !~", true);
        }
        if !reader.takes(",") && !reader.takes("or ") && !reader.sees("}") {
            return slip(&reader, "`,` or `}`", true);
        }
    }
    if reader.is_done() { Ok(()) } else { slip(&reader, "the end", false) }
}

/// Reads a selector from left to right; blanks before what is read do not matter.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&mut self) -> &str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    fn is_done(&mut self) -> bool {
        self.rest().is_empty()
    }

    fn sees(&mut self, what: &str) -> bool {
        self.rest().starts_with(what)
    }

    fn takes(&mut self, what: &str) -> bool {
        let is_there = self.sees(what);
        self.at += if is_there { what.len() } else { 0 };
        is_there
    }

    fn name(&mut self) -> bool {
        let rest = self.rest();
        let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        let length = rest.find(|c| !goes_on(c)).unwrap_or(rest.len());
        let is_name = length > 0 && !rest.starts_with(|c: char| c.is_ascii_digit());
        self.at += if is_name { length } else { 0 };
        is_name
    }

    /// A text in quotes, if one stands here; where it is wrong if it does not end or holds an escape that means nothing.
    fn quoted(&mut self) -> Result<bool, usize> {
        let rest = self.rest();
        let Some(mark @ ('"' | '\'' | '`')) = rest.chars().next() else { return Ok(false) };
        let mut escaped = false;
        let mut end = None;
        for (place, c) in rest.char_indices().skip(1) {
            match c {
                _ if escaped
                    && !matches!(
                        c,
                        'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | 'x' | 'u' | 'U' | '0'..='7' | '\\' | '"' | '\''
                    ) =>
                {
                    return Err(self.at + place);
                }
                _ if escaped => escaped = false,
                '\\' if mark != '`' => escaped = true,
                c if c == mark => {
                    end = Some(place + 1);
                    break;
                }
                _ => {}
            }
        }
        let end = end.ok_or(self.at)?;
        self.at += end;
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
