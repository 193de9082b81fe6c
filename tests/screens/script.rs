//! A `.screen` file as lines: a verb, its words, and the picture below it. It must not know what a verb does.

use quarterdeck::app::key::{Key, parse_run};

/// One line that says something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place in the file, from 1.
    pub number: usize,
    /// The first word.
    pub verb: String,
    /// What follows it, as it was written, without a comment behind two blanks.
    pub rest: String,
    /// The lines with `|` that follow, without it.
    pub picture: Vec<String>,
}

/// A whole file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// What it shows: the comment at its top.
    pub about: String,
    /// Its lines.
    pub lines: Vec<Line>,
}

impl Script {
    /// Reads a file.
    pub fn parse(text: &str) -> Result<Script, String> {
        let mut script = Script::default();
        for (number, line) in (1..).zip(text.lines()) {
            if let Some(row) = line.strip_prefix('|') {
                let above = script.lines.last_mut().filter(|above| above.verb == "screen");
                above
                    .ok_or(format!("line {number}: a picture without `screen` above it"))?
                    .picture
                    .push(row.to_string());
                continue;
            }
            if let Some(words) = line.trim_start().strip_prefix('#') {
                if script.lines.is_empty() {
                    script.about.push_str(words);
                }
                continue;
            }
            let said = without_comment(line).trim();
            if said.is_empty() {
                continue;
            }
            let (verb, rest) = said.split_once(char::is_whitespace).unwrap_or((said, ""));
            let rest = rest.trim().to_string();
            script.lines.push(Line { number, verb: verb.to_string(), rest, picture: Vec::new() });
        }
        Ok(script)
    }

    /// The file with one picture drawn anew.
    pub fn blessed(text: &str, number: usize, picture: &[String]) -> String {
        let mut out = String::new();
        let mut lines = text.lines().enumerate().peekable();
        while let Some((at, line)) = lines.next() {
            out.push_str(line);
            out.push('\n');
            if at + 1 == number {
                while lines.next_if(|(_, line)| line.starts_with('|')).is_some() {}
                picture.iter().for_each(|row| out.push_str(&format!("|{row}\n")));
            }
        }
        out
    }
}

/// A comment stands behind two blanks, so that `#inc-412` can be written.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted && line.get(..at).is_some_and(|before| before.ends_with("  ")) => {
                return line.get(..at).unwrap_or(line);
            }
            _ => {}
        }
    }
    line
}

/// Words parted by blanks; a word in quotes may hold blanks and `\n \r \t \e \" \\ \u{202e}`.
pub fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('"') {
            let (word, behind) = quoted(after)?;
            words.push(word);
            rest = behind.trim_start();
        } else {
            let (word, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            words.push(word.to_string());
            rest = behind.trim_start();
        }
    }
    Ok(words)
}

fn quoted(text: &str) -> Result<(String, &str), String> {
    let mut word = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((word, text.get(at + 1..).unwrap_or(""))),
            '\\' => match chars.next().map(|(_, c)| c) {
                Some('n') => word.push('\n'),
                Some('r') => word.push('\r'),
                Some('t') => word.push('\t'),
                Some('e') => word.push('\u{1b}'),
                Some('u') => {
                    let code: String = chars.by_ref().map(|(_, c)| c).take_while(|c| *c != '}').collect();
                    let digits = code.trim_start_matches('{');
                    let c = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                    word.push(c.ok_or(format!("`\\u{code}}}` is no character"))?);
                }
                Some(c) => word.push(c),
                None => break,
            },
            c => word.push(c),
        }
    }
    Err(format!("a quote is not closed: {text}"))
}

/// Text with keys in it, `release <enter>`: blanks at the edges of a piece of text are not typed, `<space>` is.
pub fn typed(text: &str) -> Result<Vec<Key>, String> {
    let mut keys = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.match_indices('<').map(|(at, _)| at).find(|at| key_at(rest, *at).is_some());
        let (words, behind) = rest.split_at(start.unwrap_or(rest.len()));
        for c in words.trim().chars() {
            let name = match c {
                ' ' => "<space>".to_string(),
                '<' => "<lt>".to_string(),
                c => c.to_string(),
            };
            keys.extend(parse_run(&name).map_err(|e| e.to_string())?);
        }
        match key_at(behind, 0) {
            Some((key, after)) => {
                keys.push(key);
                rest = after;
            }
            None => rest = "",
        }
    }
    Ok(keys)
}

fn key_at(text: &str, at: usize) -> Option<(Key, &str)> {
    let end = text.get(at..)?.find('>')? + at + 1;
    let key = text.get(at..end)?.parse().ok()?;
    Some((key, text.get(end..)?))
}

#[test]
fn given_a_line_with_words_keys_and_a_comment_when_read_then_each_is_what_it_is() {
    let script =
        Script::parse("# what it shows\nkeys  2 j x     # stop\ntype  a b <enter>\nscreen switches\n|x\n").unwrap();
    assert_eq!(script.about, " what it shows");
    let line = |at: usize| script.lines.get(at).cloned().unwrap();
    assert_eq!((line(0).verb.as_str(), line(0).rest.as_str()), ("keys", "2 j x"));
    assert_eq!(typed(&line(1).rest).unwrap(), parse_run("a <space> b <enter>").unwrap());
    assert_eq!((line(2).number, line(2).picture), (4, vec!["x".to_string()]));
    assert_eq!(words("a \"b \\e[31m\\u{202e}\" c").unwrap(), ["a", "b \u{1b}[31m\u{202e}", "c"]);
    assert!(Script::parse("keys n\n|picture").is_err());
    assert_eq!(Script::blessed("screen\n|old\n|old\nkeys n\n", 1, &["new".into()]), "screen\n|new\nkeys n\n");
}
