//! Reading a filter expression from text. Every error names the place, what stands there and what was expected.
//!
//! `or` binds weaker than `and`, `and` weaker than `not`. Words are read without regard to case, names of fields with it.
//! It must not know what an expression means.

use std::fmt;

use super::super::pointer::Pointer;
use super::{Expr, Finite, Literal, Op, Test};

/// How deep parentheses and `not` may nest; deeper ones are refused, so that no text can exhaust the stack.
const DEPTH: usize = 64;

/// Why a text is not a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where.
    pub place: Pointer,
    /// What stands there.
    pub found: String,
    /// What would be right.
    pub expected: String,
}

impl Error {
    /// Its sentences, on one line.
    #[must_use]
    pub fn sentences(&self) -> String {
        let Error { place, found, expected } = self;
        format!(
            "The filter cannot be read at character {}: found {found}. It is not used. Expected {expected}.",
            place.position
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.sentences(), self.place)
    }
}

impl std::error::Error for Error {}

/// Reads a filter.
///
/// # Errors
/// The first place where the text is not a filter.
pub fn parse(text: &str) -> Result<Expr, Error> {
    let mut parser = Parser { text, at: 0, token: Token::End, start: 0 };
    parser.advance()?;
    let expr = parser.any(0)?;
    match parser.token {
        Token::End => Ok(expr),
        _ => Err(parser.wrong("`and`, `or` or the end of the filter")),
    }
}

/// Whether a field's name can stand without backticks.
pub(super) fn is_bare_field(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(starts_word)
        && chars.all(goes_on_word)
        && !["and", "or", "not"].iter().any(|w| name.eq_ignore_ascii_case(w))
}

fn starts_word(c: char) -> bool {
    c.is_alphabetic() || c == '_' || c == '@'
}

fn goes_on_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@')
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    Symbol(&'static str),
    Word(String),
    Field(String),
    Text(String),
    Number(Literal),
    End,
}

struct Parser<'t> {
    text: &'t str,
    /// Where reading goes on, in bytes.
    at: usize,
    /// The token that is looked at.
    token: Token,
    /// Where that token begins, in bytes.
    start: usize,
}

impl<'t> Parser<'t> {
    fn any(&mut self, depth: usize) -> Result<Expr, Error> {
        let first = self.all(depth)?;
        let mut list = vec![first];
        while self.is_word("or") {
            self.advance()?;
            list.push(self.all(depth)?);
        }
        Ok(single(list).unwrap_or_else(Expr::Or))
    }

    fn all(&mut self, depth: usize) -> Result<Expr, Error> {
        let first = self.one(depth)?;
        let mut list = vec![first];
        while self.is_word("and") {
            self.advance()?;
            list.push(self.one(depth)?);
        }
        Ok(single(list).unwrap_or_else(Expr::And))
    }

    fn one(&mut self, depth: usize) -> Result<Expr, Error> {
        if depth > DEPTH {
            return Err(self.wrong("at most 64 levels of parentheses and `not`"));
        }
        if self.is_word("not") {
            self.advance()?;
            return Ok(Expr::Not(Box::new(self.one(depth + 1)?)));
        }
        match std::mem::replace(&mut self.token, Token::End) {
            Token::Open => {
                self.advance()?;
                let inner = self.any(depth + 1)?;
                if self.token != Token::Close {
                    return Err(self.wrong("`and`, `or` or `)`"));
                }
                self.advance()?;
                Ok(inner)
            }
            Token::Word(field) if is_bare_field(&field) => self.test(field),
            Token::Field(field) => self.test(field),
            other => {
                self.token = other;
                Err(self.wrong("a field's name, `not` or `(`"))
            }
        }
    }

    fn test(&mut self, field: String) -> Result<Expr, Error> {
        self.advance()?;
        let word = match &self.token {
            Token::Symbol(symbol) => (*symbol).to_owned(),
            Token::Word(word) => word.to_ascii_lowercase(),
            _ => String::new(),
        };
        let expected = "one of = != > >= < <= in not-in exists does-not-exist contains does-not-contain starts-with does-not-start-with ends-with does-not-end-with";
        if !expected.split(' ').skip(2).any(|known| known == word) {
            return Err(self.wrong(expected));
        }
        self.advance()?;
        let op = match word.as_str() {
            "=" => Op::Eq(self.literal()?),
            "!=" => Op::Ne(self.literal()?),
            ">" => Op::Gt(self.ordered()?),
            ">=" => Op::Ge(self.ordered()?),
            "<" => Op::Lt(self.ordered()?),
            "<=" => Op::Le(self.ordered()?),
            "in" => Op::In(self.list()?),
            "not-in" => Op::NotIn(self.list()?),
            "exists" => Op::Exists,
            "does-not-exist" => Op::DoesNotExist,
            "contains" => Op::Contains(self.quoted()?),
            "does-not-contain" => Op::DoesNotContain(self.quoted()?),
            "starts-with" => Op::StartsWith(self.quoted()?),
            "does-not-start-with" => Op::DoesNotStartWith(self.quoted()?),
            "ends-with" => Op::EndsWith(self.quoted()?),
            _ => Op::DoesNotEndWith(self.quoted()?),
        };
        Ok(Expr::Test(Test { field, op }))
    }

    fn list(&mut self) -> Result<Vec<Literal>, Error> {
        if self.token != Token::Open {
            return Err(self.wrong("`(` and values with commas between them"));
        }
        let mut list = Vec::new();
        loop {
            self.advance()?;
            list.push(self.literal()?);
            match self.token {
                Token::Comma => {}
                Token::Close => break,
                _ => return Err(self.wrong("`,` or `)`")),
            }
        }
        self.advance()?;
        Ok(list)
    }

    fn literal(&mut self) -> Result<Literal, Error> {
        let literal = match &self.token {
            Token::Number(number) => number.clone(),
            Token::Text(text) => Literal::Text(text.clone()),
            Token::Word(w) if w.eq_ignore_ascii_case("true") => Literal::Bool(true),
            Token::Word(w) if w.eq_ignore_ascii_case("false") => Literal::Bool(false),
            Token::Word(w) if w.eq_ignore_ascii_case("null") => Literal::Null,
            _ => return Err(self.wrong("a number, a text in quotes, true, false or null")),
        };
        self.advance()?;
        Ok(literal)
    }

    fn ordered(&mut self) -> Result<Literal, Error> {
        match self.token {
            Token::Number(_) | Token::Text(_) => self.literal(),
            _ => Err(self.wrong("a number or a text in quotes, because only these have an order")),
        }
    }

    fn quoted(&mut self) -> Result<String, Error> {
        match std::mem::replace(&mut self.token, Token::End) {
            Token::Text(text) => {
                self.advance()?;
                Ok(text)
            }
            other => {
                self.token = other;
                Err(self.wrong("a text in quotes"))
            }
        }
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(&self.token, Token::Word(w) if w.eq_ignore_ascii_case(word))
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    /// Reads the next token into `self.token`.
    fn advance(&mut self) -> Result<(), Error> {
        let rest = self.rest();
        let trimmed = rest.trim_start();
        self.start = self.at + (rest.len() - trimmed.len());
        self.at = self.start;
        let mut chars = trimmed.chars();
        let Some(first) = chars.next() else {
            self.token = Token::End;
            return Ok(());
        };
        let second = chars.next();
        self.token = match first {
            '(' => self.symbol(1, Token::Open),
            ')' => self.symbol(1, Token::Close),
            ',' => self.symbol(1, Token::Comma),
            '=' if second == Some('=') => {
                return Err(self.error_at(self.start, "`==`".to_owned(), "`=`, which is written once"));
            }
            '=' => self.symbol(1, Token::Symbol("=")),
            '!' if second == Some('=') => self.symbol(2, Token::Symbol("!=")),
            '>' if second == Some('=') => self.symbol(2, Token::Symbol(">=")),
            '<' if second == Some('=') => self.symbol(2, Token::Symbol("<=")),
            '>' => self.symbol(1, Token::Symbol(">")),
            '<' => self.symbol(1, Token::Symbol("<")),
            '"' | '\'' => Token::Text(self.between(first)?),
            '`' => {
                let name = self.between(first)?;
                if name.is_empty() {
                    return Err(self.error_at(
                        self.start,
                        "an empty name".to_owned(),
                        "a field's name between the backticks",
                    ));
                }
                Token::Field(name)
            }
            c if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => Token::Number(self.number()?),
            c if starts_word(c) => {
                let word: String = trimmed.chars().take_while(|c| goes_on_word(*c)).collect();
                self.at += word.len();
                Token::Word(word)
            }
            c => {
                return Err(self.error_at(
                    self.start,
                    show(&c.to_string()),
                    "a field's name (odd ones in backticks), an operator, a value, `(` or `)`",
                ));
            }
        };
        Ok(())
    }

    fn symbol(&mut self, length: usize, token: Token) -> Token {
        self.at += length;
        token
    }

    fn number(&mut self) -> Result<Literal, Error> {
        let mut last = ' ';
        let run: String = self
            .rest()
            .chars()
            .take_while(|c| {
                let goes_on = c.is_alphanumeric()
                    || matches!(c, '.' | '_')
                    || (matches!(c, '+' | '-') && matches!(last, ' ' | 'e' | 'E'));
                last = *c;
                goes_on
            })
            .collect();
        self.at += run.len();
        let plain = run.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
        let whole = run.parse::<i64>().ok().map(Literal::Int);
        let number = whole.or_else(|| run.parse::<f64>().ok().and_then(Finite::new).map(Literal::Float));
        number.filter(|_| plain).ok_or_else(|| {
            self.error_at(self.start, show(&run), "a number such as 401, -2.5 or 1e3, or a text in quotes")
        })
    }

    /// Reads up to the closing mark and undoes the escapes.
    fn between(&mut self, mark: char) -> Result<String, Error> {
        let mut out = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        let mut end = None;
        while let Some((i, c)) = chars.next() {
            if c == mark {
                end = Some(i + c.len_utf8());
                break;
            }
            if c != '\\' {
                out.push(c);
                continue;
            }
            let escaped = match chars.next().map(|(_, c)| c) {
                Some('n') => Some('\n'),
                Some('r') => Some('\r'),
                Some('t') => Some('\t'),
                Some(c @ ('\\' | '"' | '\'' | '`')) => Some(c),
                Some('u') => {
                    let code: String = chars.by_ref().map(|(_, c)| c).take_while(|c| *c != '}').take(8).collect();
                    code.strip_prefix('{').and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32)
                }
                _ => None,
            };
            match escaped {
                Some(c) => out.push(c),
                None => {
                    return Err(self.error_at(
                        self.at + i,
                        "an escape that means nothing".to_owned(),
                        r#"\n, \r, \t, \\, \", \', \` or \u{…} after a backslash"#,
                    ));
                }
            }
        }
        match end {
            Some(end) => {
                self.at += end;
                Ok(out)
            }
            None => Err(self.error_at(self.start, "a quotation without end".to_owned(), &format!("a closing {mark}"))),
        }
    }

    /// The token that is looked at is not what must stand there.
    fn wrong(&self, expected: &str) -> Error {
        let found = match self.token {
            Token::End if self.start >= self.text.trim_end().len() => "the end".to_owned(),
            _ => show(self.text.get(self.start..self.at).unwrap_or("")),
        };
        self.error_at(self.start, found, expected)
    }

    fn error_at(&self, byte: usize, found: String, expected: &str) -> Error {
        Error { place: Pointer::at(self.text, byte), found, expected: expected.to_owned() }
    }
}

fn single(mut list: Vec<Expr>) -> Result<Expr, Vec<Expr>> {
    match list.pop() {
        Some(only) if list.is_empty() => Ok(only),
        Some(last) => {
            list.push(last);
            Err(list)
        }
        None => Err(list),
    }
}

/// A piece of the text for a message: at most forty characters, none of them hidden.
fn show(piece: &str) -> String {
    let short: String = piece.chars().take(40).map(|c| if super::hidden(c) { '?' } else { c }).collect();
    format!("`{short}{}`", if piece.chars().count() > 40 { "…" } else { "" })
}

#[cfg(test)]
mod tests;
