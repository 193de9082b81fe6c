//! The page a report is written on: headings, tables, items and quotations with one blank line between blocks and no space at the end
//! of a line. It must not know what it is told.

use super::escape;
use crate::incident::time::{Span, Time};
use std::io::{self, Write};

/// What stands in a cell about which nothing is known.
pub(super) const NOTHING: &str = "–";

/// A page that is being written. Every text it is given is Markdown already, unless a function says otherwise.
pub(super) struct Page<'a> {
    out: &'a mut dyn Write,
    begun: bool,
    in_list: bool,
}

impl<'a> Page<'a> {
    /// An empty page.
    pub(super) fn new(out: &'a mut dyn Write) -> Page<'a> {
        Page { out, begun: false, in_list: false }
    }
    fn line(&mut self, text: &str) -> io::Result<()> {
        self.out.write_all(text.trim_end().as_bytes())?;
        self.out.write_all(b"\n")
    }
    /// Begins a block: a blank line stands before it.
    fn block(&mut self) -> io::Result<()> {
        self.in_list = false;
        if std::mem::replace(&mut self.begun, true) { self.line("") } else { Ok(()) }
    }
    /// A heading.
    pub(super) fn heading(&mut self, level: usize, text: &str) -> io::Result<()> {
        self.block()?;
        self.line(&format!("{} {text}", "#".repeat(level)))
    }
    /// A paragraph.
    pub(super) fn says(&mut self, text: &str) -> io::Result<()> {
        self.block()?;
        self.line(text)
    }
    /// An item of a list; those that follow one another are one list.
    pub(super) fn item(&mut self, text: &str) -> io::Result<()> {
        if !self.in_list {
            self.block()?;
        }
        self.in_list = true;
        self.line(&format!("- {text}"))
    }
    /// An item under the last one.
    pub(super) fn under(&mut self, text: &str) -> io::Result<()> {
        self.line(&format!("  - {text}"))
    }
    /// A text from outside with its own lines, as a block under the last item.
    pub(super) fn verbatim(&mut self, text: &str) -> io::Result<()> {
        self.line("")?;
        for line in escape::lines(text) {
            self.line(&format!("      {line}"))?;
        }
        Ok(())
    }
    /// A text from outside, quoted, with its own lines.
    pub(super) fn quote(&mut self, text: &str) -> io::Result<()> {
        self.block()?;
        let lines = escape::split(text);
        for (place, line) in lines.iter().enumerate() {
            let next = lines.get(place + 1).is_some_and(|next| !next.is_empty());
            let end = if next && !line.is_empty() { "\\" } else { "" };
            self.line(&format!("> {}{end}", escape::inline(line)))?;
        }
        Ok(())
    }
    /// A table; an empty cell shows that nothing is known.
    pub(super) fn table<const N: usize>(&mut self, head: [&str; N], rows: &[[String; N]]) -> io::Result<()> {
        self.block()?;
        self.line(&format!("| {} |", head.join(" | ")))?;
        self.line(&format!("|{}", " --- |".repeat(N)))?;
        for row in rows {
            let cells = row.iter().map(|cell| if cell.is_empty() { NOTHING } else { cell.as_str() });
            self.line(&format!("| {} |", cells.collect::<Vec<_>>().join(" | ")))?;
        }
        Ok(())
    }
}

/// A length as people say it: `40 s`, `12 min 30 s`, `1 h 20 min`, `2 d 3 h`.
pub(super) fn length(span: Span) -> String {
    let seconds = span.0.saturating_abs() / 1_000_000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let parts = match (days, hours, minutes, seconds % 60) {
        (0, 0, 0, s) => [(s, "s"), (0, "")],
        (0, 0, m, s) => [(m, "min"), (s, "s")],
        (0, h, m, _) => [(h, "h"), (m, "min")],
        (d, h, ..) => [(d, "d"), (h, "h")],
    };
    let [(first, unit), (second, of)] = parts;
    if second == 0 { format!("{first} {unit}") } else { format!("{first} {unit} {second} {of}") }
}

/// How far a moment lies from another: `+3 min 12 s`, `-1 min`, `0 s`.
pub(super) fn offset(from: Time, to: Time) -> String {
    let by = Span(to.0.saturating_sub(from.0));
    let sign = match by.as_seconds() {
        0 => "",
        s if s < 0 => "-",
        _ => "+",
    };
    format!("{sign}{}", length(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_offsets_read_as_people_say_them() {
        let s = |n| length(Span::seconds(n));
        assert_eq!([s(0), s(40), s(60), s(750)], ["0 s", "40 s", "1 min", "12 min 30 s"]);
        assert_eq!([s(3_600), s(4_800), s(86_400), s(183_600)], ["1 h", "1 h 20 min", "1 d", "2 d 3 h"]);
        let at = |n| Time(0).plus(Span::seconds(n));
        assert_eq!(
            [offset(at(9), at(9)), offset(at(0), at(192)), offset(at(60), at(0))],
            ["0 s", "+3 min 12 s", "-1 min"]
        );
        assert_eq!(offset(Time(i64::MAX), Time(i64::MIN)), "-106751991 d 4 h");
    }

    #[test]
    fn blocks_stand_apart_and_no_line_ends_in_a_space() {
        let mut out = Vec::new();
        let mut page = Page::new(&mut out);
        let written = page
            .heading(1, "A")
            .and_then(|()| page.item("b"))
            .and_then(|()| page.verbatim("c\n\n  d"))
            .and_then(|()| page.item("e"))
            .and_then(|()| page.quote("f\ng\n\n# h"))
            .and_then(|()| page.table(["i", "j"], &[["k".into(), String::new()]]));
        assert!(written.is_ok());
        assert_eq!(
            String::from_utf8_lossy(&out),
            "# A\n\n- b\n\n      c\n\n        d\n- e\n\n> f\\\n> g\n>\n> \\# h\n\n| i | j |\n| --- | --- |\n| k | – |\n"
        );
    }
}
