//! Where the parts of a JSON text are, as byte ranges, so that one part can be replaced and every other byte stays. It
//! must not know what a flag is.
//!
//! [`check`] says whether a text is JSON at all; the other functions presume that it is, and give `None`, never a panic,
//! when it is not. Nothing here recurses: a text nested a million deep costs a counter.

use serde::de::IgnoredAny;
use std::ops::Range;

/// One member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The name, escapes resolved.
    pub name: String,
    /// The name as it is written, quotes included.
    pub key: Range<usize>,
    /// The value as it is written.
    pub value: Range<usize>,
}

/// Whether `text` is one JSON value; otherwise line, column (both from 1) and what the parser missed.
pub fn check(text: &str) -> Result<(), (usize, usize, String)> {
    serde_json::from_str::<IgnoredAny>(text).map(|_| ()).map_err(|e| {
        let said = e.to_string();
        let what = said.split(" at line ").next().unwrap_or_default().to_owned();
        (e.line(), e.column(), what)
    })
}

/// The range of the one value that `text` is.
pub fn whole(text: &str) -> Option<Range<usize>> {
    let start = skip_space(text.as_bytes(), 0);
    Some(start..skip_value(text.as_bytes(), start)?)
}

/// The members of the object at `range`, in order, repeated names included.
pub fn members(text: &str, range: &Range<usize>) -> Option<Vec<Member>> {
    let bytes = text.as_bytes().get(..range.end)?;
    let mut found = Vec::new();
    let mut at = enter(bytes, range.start, b'{')?;
    while *bytes.get(at)? != b'}' {
        let key = at..skip_string(bytes, at)?;
        at = skip_space(bytes, key.end);
        if *bytes.get(at)? != b':' {
            return None;
        }
        let start = skip_space(bytes, at + 1);
        let value = start..skip_value(bytes, start)?;
        at = next(bytes, value.end)?;
        found.push(Member { name: string(text.get(key.clone())?)?, key, value });
    }
    Some(found)
}

/// The items of the array at `range`, in order.
pub fn items(text: &str, range: &Range<usize>) -> Option<Vec<Range<usize>>> {
    let bytes = text.as_bytes().get(..range.end)?;
    let mut found = Vec::new();
    let mut at = enter(bytes, range.start, b'[')?;
    while *bytes.get(at)? != b']' {
        let item = at..skip_value(bytes, at)?;
        at = next(bytes, item.end)?;
        found.push(item);
    }
    Some(found)
}

/// The member of that name that counts: the last one, as for JavaScript, Go and Python.
pub fn last<'m>(members: &'m [Member], name: &str) -> Option<&'m Member> {
    members.iter().rev().find(|m| m.name == name)
}

/// The text that a JSON string stands for; halves of surrogate pairs, which no Rust string holds, stay as written.
pub fn string(written: &str) -> Option<String> {
    let inner = written.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(inner.to_owned());
    }
    Some(serde_json::from_str(written).unwrap_or_else(|_| inner.to_owned()))
}

fn enter(bytes: &[u8], at: usize, bracket: u8) -> Option<usize> {
    (*bytes.get(at)? == bracket).then(|| skip_space(bytes, at + 1))
}

/// After a value: the start of the next one, or the closing bracket.
fn next(bytes: &[u8], after: usize) -> Option<usize> {
    let at = skip_space(bytes, after);
    match bytes.get(at)? {
        b',' => Some(skip_space(bytes, at + 1)),
        b'}' | b']' => Some(at),
        _ => None,
    }
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

fn skip_string(bytes: &[u8], start: usize) -> Option<usize> {
    if *bytes.get(start)? != b'"' {
        return None;
    }
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn skip_value(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = start;
    loop {
        match bytes.get(at)? {
            b'"' => at = skip_string(bytes, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if depth > 0 => {
                at += 1;
                continue;
            }
            b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => return None,
            _ => {
                while bytes.get(at).is_some_and(|b| !b",:]} \t\r\n".contains(b)) {
                    at += 1;
                }
            }
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_have_their_ranges() {
        let text = " {\"a\" : [1, {\"b\": \"]}\"}] ,\r\n\t\"\\u0062\":-1.5e3, \"a\":null} ";
        let found = members(text, &whole(text).unwrap()).unwrap();
        let shown: Vec<_> = found.iter().map(|m| (m.name.as_str(), &text[m.value.clone()])).collect();
        assert_eq!(shown, [("a", "[1, {\"b\": \"]}\"}]"), ("b", "-1.5e3"), ("a", "null")]);
        assert_eq!(last(&found, "a").map(|m| &text[m.value.clone()]), Some("null"));
        assert_eq!(&text[found[1].key.clone()], "\"\\u0062\"");
    }

    #[test]
    fn a_fault_is_named_with_its_place() {
        assert_eq!(check("{\"a\": 1,\n  \"b\" 2}").unwrap_err().0, 2);
        assert!(check("{\"a\": \"\u{1}\"}").is_err());
        assert!(check("{} x").is_err());
        assert!(check("\"\\ud800\"").is_ok(), "half a pair is JSON, as JavaScript reads it");
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert!(check(&deep).is_ok());
        assert_eq!(whole(&deep), Some(0..2_000_000));
    }

    proptest! {
        #[test]
        fn whatever_it_is_given_it_does_not_panic(text in "[\\[\\]{}\",:\\\\a1 \\n\u{e9}]{0,40}", start in 0..50_usize, end in 0..50_usize) {
            let _ = whole(&text);
            let _ = members(&text, &(start..end));
            let _ = items(&text, &(start..end));
            let _ = string(&text);
        }
    }
}
