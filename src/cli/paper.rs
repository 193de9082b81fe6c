//! How answers are written: harmless lines for people, stable keys for programs. It must not know which command answers.

use super::desk::Io;
use super::fault::{Fault, Kind};
use crate::incident::Incident;
use crate::incident::entry::{Entry, STANDING};
use crate::incident::time::{Span, Time};
use crate::shell::typed;
use serde_json::{Value, json};
use std::io::{self, Write};

/// One harmless line of at most `max` characters.
pub fn line(text: &str, max: usize) -> String {
    typed::line(text, max)
}

/// A word as a shell reads it back.
pub fn for_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

/// A length as people say it: `40 s`, `12 min`, `2 h 5 min`, `3 d 4 h`.
pub fn length(span: Span) -> String {
    let seconds = span.as_seconds();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let with = |big: i64, unit: &str, small: i64, part: &str| match small {
        0 => format!("{big} {unit}"),
        _ => format!("{big} {unit} {small} {part}"),
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} min"),
        3600..86_400 => with(hours, "h", minutes % 60, "min"),
        _ => with(days, "d", hours % 24, "h"),
    }
}

/// A moment as data has it.
pub fn iso(at: Time) -> Value {
    Value::String(at.iso())
}

/// A moment as data has it, or nothing.
pub fn iso_or_null(at: Option<Time>) -> Value {
    at.map_or(Value::Null, iso)
}

/// Writes data on one line. What a terminal would obey, or would show in another order, is spelt `\uXXXX`: the data are the same.
///
/// # Errors
/// Those of the writer.
pub fn data(out: &mut dyn Write, value: &Value) -> io::Result<()> {
    writeln!(out, "{}", spelt(&value.to_string()))
}

/// JSON text without a character that a terminal obeys or hides.
pub fn spelt(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if is_odd(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            text.push(c);
        }
    }
    text
}

/// Control characters but the line break, which stands between tokens only; marks of direction and others that do not show.
fn is_odd(c: char) -> bool {
    let hidden = matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    hidden || (c.is_control() && c != '\n')
}

/// An entry as data.
pub fn entry_data(incident: &Incident, entry: &Entry) -> Value {
    let line = incident.line(entry);
    json!({
        "seq": entry.seq,
        "entry": entry.id.to_string(),
        "at": incident.happened(entry).iso(),
        "recorded": entry.recorded.iso(),
        "late_min": entry.recorded.since(incident.happened(entry)).as_minutes(),
        "author": entry.author,
        "kind": entry.fact.kind(),
        "label": line.label,
        "who": line.who,
        "text": line.text,
        "aside": line.aside,
    })
}

/// Writes an entry for people: its number, when, what, who, the words; the lines that follow the first stand below it.
///
/// # Errors
/// Those of the writer.
pub fn entry(out: &mut dyn Write, incident: &Incident, entry: &Entry, day: Option<&str>) -> io::Result<()> {
    let said = incident.line(entry);
    let at = incident.happened(entry);
    let date = if day.is_some_and(|day| day != at.date()) { format!("{} ", at.date()) } else { String::new() };
    let late = entry.recorded.since(at).as_minutes();
    let late = if late >= 1 { format!("+{late} min") } else { String::new() };
    let text = typed::words(&said.text);
    let mut lines = text.lines();
    let asides: Vec<String> = [typed::line(&said.aside, 80), late].into_iter().filter(|a| !a.is_empty()).collect();
    let aside = if asides.is_empty() { String::new() } else { format!("   [{}]", asides.join(", ")) };
    let who = typed::line(&said.who, 40);
    writeln!(
        out,
        "{:>5}  {date}{}  {:<9} {who:<8} {}{aside}",
        entry.seq,
        at.clock(),
        said.label,
        lines.next().unwrap_or_default()
    )?;
    for line in lines {
        writeln!(out, "{:>36}{line}", "")?;
    }
    Ok(())
}

/// Answers what was recorded.
///
/// # Errors
/// Those of the writer.
pub fn recorded(io: &mut Io<'_>, as_data: bool, incident: &Incident, entries: &[Entry]) -> Result<(), Fault> {
    if as_data {
        let entries: Vec<Value> = entries.iter().map(|entry| entry_data(incident, entry)).collect();
        return Ok(data(io.out, &json!({"incident": incident.number(), "entries": entries}))?);
    }
    if incident.number() != STANDING {
        writeln!(io.out, "incident {}", incident.number())?;
    }
    for one in entries {
        entry(io.out, incident, one, None)?;
    }
    Ok(())
}

/// Once something is recorded, a reader that went away changes nothing about it.
///
/// # Errors
/// Every other trouble.
pub fn told(io: &mut Io<'_>, answer: Result<(), Fault>) -> Result<(), Fault> {
    match answer.and_then(|()| Ok(io.out.flush()?)) {
        Err(fault) if fault.kind == Kind::Pipe => {
            io.deaf = true;
            Ok(())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_data_with_control_characters_when_spelt_then_it_is_harmless_and_the_same() {
        let value = json!({"text": "a\u{1b}[2J\u{9b}b\u{202e}c\u{7f}\u{e0041} é"});
        let text = spelt(&value.to_string());
        assert!(text.chars().all(|c| !is_odd(c)), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value);
    }

    #[test]
    fn given_a_length_when_said_then_two_units_are_enough() {
        assert_eq!(length(Span::seconds(59)), "59 s");
        assert_eq!(length(Span::minutes(12)), "12 min");
        assert_eq!(length(Span::minutes(125)), "2 h 5 min");
        assert_eq!(length(Span::minutes(26 * 60)), "1 d 2 h");
    }
}
