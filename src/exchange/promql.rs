//! Queries of Prometheus over `[{{.window}}]`, as Sloth's and OpenSLO's files hold them, read as counts of events (Prometheus, querying/basics, operators,
//! functions). It must not know whose they are or how they are asked.
//!
//! Sloth divides one query by the other, so that events by the second do as well there as events; here they are counted. `rate` is `increase` by the
//! second, so the one becomes the other wherever it is a function over the window. What else would not be a count afterwards is refused by its name.

mod token;

use token::{Token, What, tokens};

/// What stands for the length of a bucket.
const WINDOW: &str = "[{{.window}}]";
/// Aggregations of counts that are counts.
const SUMS: [&str; 3] = ["sum", "max", "min"];
/// Those that are none.
const OTHERS: [&str; 11] = [
    "avg",
    "count",
    "group",
    "stddev",
    "stdvar",
    "topk",
    "bottomk",
    "quantile",
    "count_values",
    "limitk",
    "limit_ratio",
];
/// Functions of counts that are counts: what they change is labels, order or sign.
const KEEPS: [&str; 6] = ["abs", "sort", "sort_desc", "label_replace", "label_join", "histogram_count"];
/// Functions that count samples over a range.
const SAMPLES: [&str; 2] = ["sum_over_time", "count_over_time"];
/// How deep a query may be nested.
const DEEPEST: usize = 64;

/// What a query counts in before `rate` becomes `increase`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Events by the second.
    Second,
    /// Events.
    Whole,
}

/// Whether a query has a window in it, or what may be meant as one.
pub(super) fn has_window(query: &str) -> bool {
    tokens(query).map_or_else(|_| query.contains("{{"), |all| all.iter().any(|token| token.what == What::Window))
}

/// A query without line breaks, tabs and comments, which mean nothing in it (Prometheus, querying/basics); what stands in quotes stays as it is.
pub(super) fn on_one_line(query: &str) -> String {
    if !query.contains(['\n', '\r', '\t']) {
        return query.trim().to_owned();
    }
    let mut line = String::with_capacity(query.len());
    let (mut mark, mut is_escaped, mut is_comment) = (None, false, false);
    for c in query.chars() {
        match (mark, c) {
            (Some(open), _) => {
                mark = (is_escaped || c != open).then_some(open);
                is_escaped = !is_escaped && c == '\\' && open != '`';
                line.push(c);
            }
            (None, '\n') => {
                is_comment = false;
                line.push(' ');
            }
            (None, _) if is_comment => {}
            (None, '#') => is_comment = true,
            (None, c) if c.is_whitespace() => line.push(' '),
            (None, c) => {
                mark = matches!(c, '"' | '\'' | '`').then_some(c);
                line.push(c);
            }
        }
        // one blank is as good as many
        if mark.is_none() && line.ends_with("  ") {
            line.pop();
        }
    }
    line.trim().to_owned()
}

/// A query as one that counts events over the window, and what it counted in.
///
/// # Errors
/// It cannot be one: what in it, and what to write instead.
pub(super) fn counted(query: &str) -> Result<(String, Unit), String> {
    let tokens = tokens(query)?;
    let mut reader = Reader { query, tokens: &tokens, at: 0, deep: 0, rates: Vec::new() };
    let is = reader.expression(0)?;
    if reader.at < tokens.len() {
        return Err(reader.unexpected("an operator or the end"));
    }
    let Is::Counts(unit) = is else {
        let has = |what: What| tokens.iter().any(|token| token.what == what);
        return Err(if has(What::Range) && !has(What::Window) {
            format!("it has a range of its own; write {WINDOW} there")
        } else {
            format!("nothing in it counts events over {WINDOW}; write increase(a_counter{WINDOW})")
        });
    };
    let mut text = String::with_capacity(query.len() + 16);
    let mut from = 0;
    for (start, end) in reader.rates {
        text.push_str(query.get(from..start).unwrap_or_default());
        text.push_str("increase");
        from = end;
    }
    text.push_str(query.get(from..).unwrap_or_default());
    Ok((text, unit))
}

/// What a part of a query is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Is {
    /// Counts of events over the window.
    Counts(Unit),
    /// `vector(0)`.
    Zero,
    Number(f64),
    Text,
    /// Values of a moment, such as those of a gauge.
    Values,
    /// Such values over the window.
    Window,
    /// Such values over a range of its own.
    Range,
}

/// Reads a query from left to right.
struct Reader<'q> {
    query: &'q str,
    tokens: &'q [Token],
    at: usize,
    deep: usize,
    /// Where `rate` stands over the window, in bytes.
    rates: Vec<(usize, usize)>,
}

impl<'q> Reader<'q> {
    fn peek(&self, ahead: usize) -> Option<(What, &'q str)> {
        let token = self.tokens.get(self.at + ahead)?;
        Some((token.what, self.query.get(token.start..token.end).unwrap_or_default()))
    }

    fn sees(&self, ahead: usize, word: &str) -> bool {
        let is =
            |(what, text): (What, &str)| matches!(what, What::Name | What::Sign) && text.eq_ignore_ascii_case(word);
        self.peek(ahead).is_some_and(is)
    }

    fn takes(&mut self, word: &str) -> bool {
        let is_there = self.sees(0, word);
        self.at += usize::from(is_there);
        is_there
    }

    fn wants(&mut self, word: &str) -> Result<(), String> {
        if self.takes(word) { Ok(()) } else { Err(self.unexpected(&format!("`{word}`"))) }
    }

    fn unexpected(&self, expected: &str) -> String {
        let start = self.tokens.get(self.at).map_or(self.query.len(), |token| token.start);
        let place = token::character(self.query, start);
        let found = self.peek(0).map_or("the end".into(), |(_, text)| format!("`{text}`"));
        format!("cannot be read at character {place}: found {found}, expected {expected}")
    }

    /// How strongly the operator binds that stands here, and its word.
    fn operator(&self) -> Option<(u8, String)> {
        let (_, text) = self.peek(0).filter(|(what, _)| matches!(what, What::Name | What::Sign))?;
        let word = text.to_ascii_lowercase();
        let binds = match &*word {
            "or" => 1,
            "and" | "unless" => 2,
            "==" | "!=" | ">" | "<" | ">=" | "<=" => 3,
            "+" | "-" => 4,
            "*" | "/" | "%" | "atan2" => 5,
            "^" => 6,
            _ => return None,
        };
        Some((binds, word))
    }

    fn expression(&mut self, least: u8) -> Result<Is, String> {
        self.deep += 1;
        if self.deep > DEEPEST {
            return Err("it is nested too deeply".into());
        }
        let mut left = self.unary()?;
        while let Some((binds, word)) = self.operator().filter(|(binds, _)| *binds > least) {
            self.at += 1;
            let is_bool = self.takes("bool");
            for words in [["on", "ignoring"], ["group_left", "group_right"]] {
                if words.into_iter().any(|word| self.takes(word)) && self.sees(0, "(") {
                    self.labels()?;
                }
            }
            // only powers are read from the right
            let right = self.expression(if word == "^" { binds - 1 } else { binds })?;
            left = joined(&word, left, right, is_bool)?;
        }
        self.deep -= 1;
        Ok(left)
    }

    fn unary(&mut self) -> Result<Is, String> {
        if self.takes("-") {
            return match self.expression(5)? {
                Is::Number(number) => Ok(Is::Number(-number)),
                Is::Counts(_) => Err("`-` before a count leaves none; write counts that grow".into()),
                other => Ok(other),
            };
        }
        let _ = self.takes("+");
        let mut is = self.primary()?;
        loop {
            if let Some((What::Window | What::Range, _)) = self.peek(0) {
                let is_window = matches!(self.peek(0), Some((What::Window, _)));
                is = match is {
                    Is::Values | Is::Zero | Is::Number(_) if is_window => Is::Window,
                    Is::Values | Is::Zero | Is::Number(_) => Is::Range,
                    _ => return Err("a range over what has one already counts nothing twice rightly".into()),
                };
                self.at += 1;
            } else if self.takes("offset") {
                let _ = self.takes("-");
                if !matches!(self.peek(0), Some((What::Number, _))) {
                    return Err(self.unexpected("a length of time"));
                }
                self.at += 1;
            } else if self.sees(0, "@") {
                return Err("`@` fixes the time, so that every bucket would count the same; leave it out".into());
            } else {
                return Ok(is);
            }
        }
    }

    fn primary(&mut self) -> Result<Is, String> {
        let Some((what, text)) = self.peek(0) else { return Err(self.unexpected("a query")) };
        self.at += 1;
        match what {
            What::Number => Ok(Is::Number(text.parse().unwrap_or(f64::NAN))),
            What::Text => Ok(Is::Text),
            What::Braces => Ok(Is::Values),
            What::Sign if text == "(" => {
                let is = self.expression(0)?;
                self.wants(")")?;
                Ok(is)
            }
            What::Name => {
                let name = text.to_ascii_lowercase();
                let by = |ahead| self.sees(ahead, "by") || self.sees(ahead, "without");
                let is_sum = SUMS.contains(&&*name);
                if (is_sum || OTHERS.contains(&&*name)) && (self.sees(0, "(") || by(0)) {
                    return self.aggregation(&name, is_sum);
                }
                if self.sees(0, "(") {
                    return self.function(&name);
                }
                if matches!(self.peek(0), Some((What::Braces, _))) {
                    self.at += 1;
                }
                let number = matches!(&*name, "inf" | "nan");
                Ok(if number { Is::Number(f64::NAN) } else { Is::Values })
            }
            What::Sign | What::Window | What::Range => {
                self.at -= 1;
                Err(self.unexpected("a counter, a function or `(`"))
            }
        }
    }

    /// What stands in brackets, between commas.
    fn arguments(&mut self) -> Result<Vec<Is>, String> {
        self.wants("(")?;
        let mut all = Vec::new();
        while !self.takes(")") {
            all.push(self.expression(0)?);
            if !self.takes(",") && !self.sees(0, ")") {
                return Err(self.unexpected("`,` or `)`"));
            }
        }
        Ok(all)
    }

    /// Names of labels in brackets.
    fn labels(&mut self) -> Result<(), String> {
        self.wants("(")?;
        while !self.takes(")") {
            if !matches!(self.peek(0), Some((What::Name | What::Text, _))) && !self.sees(0, ",") {
                return Err(self.unexpected("a label's name or `)`"));
            }
            self.at += 1;
        }
        Ok(())
    }

    fn aggregation(&mut self, name: &str, is_sum: bool) -> Result<Is, String> {
        let mut by = self.takes("by") || self.takes("without");
        if by {
            self.labels()?;
        }
        let of = self.arguments()?;
        by = !by && (self.takes("by") || self.takes("without"));
        if by {
            self.labels()?;
        }
        match of.last() {
            Some(Is::Counts(unit)) if is_sum => Ok(Is::Counts(*unit)),
            Some(Is::Counts(_)) => Err(format!("`{name}` of counts is no count; write sum")),
            Some(Is::Window | Is::Range) | None => Err(self.unexpected("values of a moment")),
            Some(_) => Ok(Is::Values),
        }
    }

    fn function(&mut self, name: &str) -> Result<Is, String> {
        let place = self.tokens.get(self.at - 1).map(|token| (token.start, token.end));
        let of = self.arguments()?;
        let first = of.first().copied();
        match (name, first) {
            ("rate", Some(Is::Window)) => {
                self.rates.extend(place);
                // one inside of brackets was found before the one around them
                self.rates.sort_unstable();
                Ok(Is::Counts(Unit::Second))
            }
            ("increase", Some(Is::Window)) => Ok(Is::Counts(Unit::Whole)),
            (name, Some(Is::Window)) if SAMPLES.contains(&name) => Ok(Is::Counts(Unit::Whole)),
            ("vector", Some(Is::Number(0.0))) => Ok(Is::Zero),
            (name, Some(Is::Counts(unit))) if KEEPS.contains(&name) => Ok(Is::Counts(unit)),
            ("clamp_min", Some(Is::Counts(unit))) if of.get(1) == Some(&Is::Number(0.0)) => Ok(Is::Counts(unit)),
            _ if of.contains(&Is::Window) => {
                Err(format!("`{name}` over {WINDOW} is no count of events; write increase(a_counter{WINDOW})"))
            }
            _ if of.iter().any(|is| matches!(is, Is::Counts(_))) => {
                Err(format!("`{name}` of counts is no count; write the counts alone"))
            }
            _ => Ok(Is::Values),
        }
    }
}

/// What two parts with an operator between them are.
fn joined(operator: &str, left: Is, right: Is, is_bool: bool) -> Result<Is, String> {
    let counts = |is: &Is| matches!(is, Is::Counts(_));
    let alone = |is: &Is| matches!(is, Is::Values | Is::Number(_) | Is::Zero);
    match (operator, left, right) {
        (_, Is::Window | Is::Range | Is::Text, _) | (_, _, Is::Window | Is::Range | Is::Text) => {
            Err(format!("`{operator}` stands beside what is no value of a moment"))
        }
        ("or" | "+" | "-", Is::Counts(one), Is::Counts(other)) if one != other => {
            Err("one part of it is by the second and another is not; write increase in both".into())
        }
        ("or" | "+" | "-", Is::Counts(unit), Is::Counts(_) | Is::Zero | Is::Number(0.0))
        | ("+", Is::Zero | Is::Number(0.0), Is::Counts(unit))
        | ("and" | "unless", Is::Counts(unit), Is::Counts(_) | Is::Values) => Ok(Is::Counts(unit)),
        (">" | ">=" | "!=", Is::Counts(unit), Is::Number(0.0)) if !is_bool => Ok(Is::Counts(unit)),
        // so many events for each that was counted
        ("*", Is::Counts(Unit::Whole), Is::Number(_)) | ("*", Is::Number(_), Is::Counts(Unit::Whole)) | ("/", Is::Counts(Unit::Whole), Is::Number(_)) => {
            Ok(Is::Counts(Unit::Whole))
        }
        ("*" | "/", Is::Counts(_), Is::Number(_)) | ("*", Is::Number(_), Is::Counts(_)) => {
            Err(format!("`{operator}` with a number makes events of what is by the second, or others; write increase and no number"))
        }
        ("-", Is::Number(left), Is::Number(right)) => Ok(Is::Number(left - right)),
        ("+", Is::Number(left), Is::Number(right)) => Ok(Is::Number(left + right)),
        ("*", Is::Number(left), Is::Number(right)) => Ok(Is::Number(left * right)),
        (_, Is::Number(_), Is::Number(_)) => Ok(Is::Number(f64::NAN)),
        (_, left, right) if alone(&left) && alone(&right) => Ok(Is::Values),
        ("/", ..) => Err("`/` makes a ratio, which cannot be summed; write the count above it and the count below it as the two queries".into()),
        ("*" | "%" | "^" | "atan2", ..) => Err(format!("`{operator}` makes other figures of counts; write the counts alone")),
        ("==" | "!=" | ">" | "<" | ">=" | "<=", ..) => {
            Err(format!("`{operator}` compares counts of one window with what was meant for another; leave it out"))
        }
        _ => {
            let other = if counts(&left) { right } else { left };
            let what = if let Is::Number(_) = other { "a number" } else { "what counts nothing over the window" };
            Err(format!("`{operator}` stands between a count and {what}; write counts over {WINDOW} alone"))
        }
    }
}

#[cfg(test)]
mod tests;
