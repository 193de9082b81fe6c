//! Why no series of bad events is there: what its selector names is looked for, one name after the other. Only whoever examines the configuration asks
//! this; it must not count anything.

use super::super::super::clean;
use super::super::Unseen;
use super::expr::Counter;
use super::{Body, Count, Part, Prometheus, seconds, wire};
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;

/// How far back a name is looked for.
const LATELY: &str = "1h";
/// How many values of a label are named.
const NAMED: usize = 6;
/// How many letters of a metric's name may be wrong for it to be another one's.
const WRONG: usize = 2;
/// What stands in regular expressions and seldom in a label's value.
const PATTERN: [&str; 8] = ["..", ".*", ".+", "|", "[", "\\d", "^", "$"];

impl Prometheus {
    /// Which name of the bad events' selector is not known there; nothing for a query of its own, which nobody can take apart, and where each is
    /// known.
    ///
    /// # Errors
    /// As [`Prometheus::count`].
    pub async fn unseen(&mut self, count: &Count, now: Time) -> Result<Option<Unseen>, Trouble> {
        let Part::Bad(Counter::Plain(bad)) = &count.part else { return Ok(None) };
        let Some(selector) = Selector::read(bad) else { return Ok(None) };
        let name = selector.name;
        if self.asked(&format!("topk(1, last_over_time({name}[{LATELY}]))"), now).await?.is_empty() {
            let total = match &count.total {
                Counter::Plain(total) => Selector::read(total).map(|total| total.name).unwrap_or_default(),
                Counter::Query(_) => "",
            };
            let is_mistake = total != name && !total.is_empty() && strsim::damerau_levenshtein(name, total) <= WRONG;
            let rest = if is_mistake {
                format!("total counts {total}")
            } else {
                "right only if the first failure makes it".to_owned()
            };
            return Ok(Some(said(&format!("there is no metric {name}; {rest}"), is_mistake)));
        }
        for matcher in &selector.matchers {
            let Matcher { label, operator, value } = matcher;
            let by = format!("count by ({label}) (last_over_time({name}[{LATELY}]))");
            let groups = self.asked(&by, now).await?;
            let values: Vec<&str> = groups.iter().filter_map(|labels| labels.get(*label)).map(String::as_str).collect();
            let values: Vec<&str> = values.into_iter().filter(|value| !value.is_empty()).collect();
            // one that is to be empty or another is fulfilled by a label that is not there
            if values.is_empty() && !operator.starts_with('!') && !value.is_empty() {
                let labels = self.asked(&format!("topk(1, last_over_time({name}[{LATELY}]))"), now).await?;
                let labels = labels.into_iter().flat_map(|labels| labels.into_keys());
                let labels: Vec<String> = labels.filter(|label| label != "__name__").take(NAMED).collect();
                let words = format!("{name} has no label {label}; it has {}", labels.join(", "));
                return Ok(Some(said(&words, true)));
            }
            let written = format!("{label}{operator}\"{value}\"");
            let narrowed = format!("count(last_over_time({name}{{{written}}}[{LATELY}]))");
            if self.asked(&narrowed, now).await?.is_empty() {
                let is_pattern = *operator == "=" && PATTERN.iter().any(|part| value.contains(part));
                let more = if values.len() > NAMED { " and others" } else { "" };
                let known = values.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
                let hint =
                    if is_pattern { format!("; a regular expression is written {label}=~") } else { String::new() };
                let words = format!("no series of {name} has {written}; {label} is {known}{more}{hint}");
                return Ok(Some(said(&words, is_pattern)));
            }
        }
        Ok(None)
    }

    /// The labels of each series that an instant query finds.
    async fn asked(&mut self, query: &str, now: Time) -> Result<Vec<wire::Labels>, Trouble> {
        let mut pairs = vec![("query", query.to_owned()), ("time", seconds(now.0))];
        self.quirks(&mut pairs).await?;
        let reply = self.http.ask("/api/v1/query", Body::Form(pairs), self.deadline).await?;
        let answer = self.understood(reply, query, now, wire::groups)?;
        if answer.histograms {
            // it is there, and no number: that is said beside the counts
            return Err(self.garbled("it finds native histograms, which are no counts"));
        }
        Ok(answer.groups.into_iter().map(|(labels, _)| labels).collect())
    }
}

fn said(words: &str, is_mistake: bool) -> Unseen {
    Unseen { words: clean::clean(words, 300).into_owned(), is_mistake, correct: None }
}

/// A selector that begins with a metric's name.
struct Selector<'t> {
    name: &'t str,
    matchers: Vec<Matcher<'t>>,
}

/// `code=~"5.."`, as it is written between the quotes.
struct Matcher<'t> {
    label: &'t str,
    operator: &'static str,
    value: &'t str,
}

impl<'t> Selector<'t> {
    /// Takes a selector apart, if it is of the common kind: a name, then labels with texts in double quotes.
    fn read(text: &'t str) -> Option<Selector<'t>> {
        let (name, inside) = match text.split_once('{') {
            Some((name, rest)) => (name.trim(), rest.trim_end().strip_suffix('}')?),
            None => (text.trim(), ""),
        };
        let mut matchers = Vec::new();
        let mut rest = inside.trim_start();
        while !rest.is_empty() {
            let end = rest.find(['=', '!'])?;
            let (label, behind) = rest.split_at_checked(end)?;
            let operator = ["=~", "!~", "!=", "="].into_iter().find(|operator| behind.starts_with(operator))?;
            let quoted = behind.get(operator.len()..)?.trim_start().strip_prefix('"')?;
            let mut is_escaped = false;
            let end = quoted.find(|c| {
                let ends = c == '"' && !is_escaped;
                is_escaped = c == '\\' && !is_escaped;
                ends
            })?;
            matchers.push(Matcher { label: label.trim(), operator, value: quoted.get(..end)? });
            rest = quoted.get(end + 1..)?.trim_start();
            rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
        }
        let is_name =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_:".contains(c));
        (is_name(name) && matchers.iter().all(|matcher| super::expr::is_label(matcher.label)))
            .then_some(Selector { name, matchers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, proptest};

    #[test]
    fn given_a_selector_when_taken_apart_then_its_names_and_texts() {
        let read = |text| {
            let Selector { name, matchers } = Selector::read(text)?;
            let said = matchers.iter().map(|one| format!("{}{}{}", one.label, one.operator, one.value));
            Some((name, said.collect::<Vec<_>>().join(" ")))
        };
        assert_eq!(read("lb"), Some(("lb", String::new())));
        assert_eq!(read(" lb {} "), Some(("lb", String::new())));
        let all = "lb{ code =~ \"5..|}\" , a!=\"x\\\"y\", }";
        assert_eq!(read(all), Some(("lb", "code=~5..|} a!=x\\\"y".into())));
        for odd in ["{__name__=\"lb\"}", "lb{\"a.b\"=\"c\"}", "lb{a=\"1\" or b=\"2\"}", "lb{a='1'}", "lb{a"] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart_or_left(text in "\\PC{0,60}") {
            if let Some(selector) = Selector::read(&text) {
                prop_assert!(text.contains(selector.name));
            }
        }
    }
}
