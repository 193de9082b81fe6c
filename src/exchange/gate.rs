//! What holds releases, as a JSON document for pipelines that cannot read the journal. It must not know where it is put, nor judge what a text
//! says: cleaning is for those who read it from outside.
//!
//! ```json
//! {"quarterdeck-gate": 2, "written": "2019-07-09T22:58:02Z", "journal": "…32 hex…", "head": 7,
//!  "holds": [{"hold": "hold 1", "number": 1, "scope": "prod", "by": "Ana", "at": "…", "why": "1823 is not understood", "review": true}],
//!  "passes": [{"pass": "pass 1", "scope": "prod", "ref": "1f2e3d4", "by": "Ana", "at": "…", "why": "the fix", "holds": [1]}]}
//! ```
//!
//! A pass with `until` goes through every hold until then, one with `holds` through these only.
//! `drill` is there and true in a rehearsal. Keys that a reader does not know are passed over; another number is another format.
//! What a reader that passes a key over would let through needs another number: a document with a pass of some holds only is of format 2,
//! any other of format 1, which every reader knows. A scope that no hold can have meets no place: whoever read past it would find the gate open, so
//! that it makes the whole document unreadable.

use crate::incident::entry::EntryId;
use crate::incident::gate::{Gate, Granted, Held};
use crate::incident::scope;
use crate::incident::time::Time;
use serde::{Deserialize, Serialize};

/// The number of the format without passes that are bound to holds.
pub const PLAIN: u64 = 1;
/// The number of the format with such passes: whoever does not know them takes them for passes through everything.
pub const BOUND: u64 = 2;
/// The name of the file.
pub const FILE: &str = "gate.json";

#[derive(Serialize, Deserialize)]
struct Document {
    #[serde(rename = "quarterdeck-gate")]
    format: u64,
    written: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    journal: Option<EntryId>,
    head: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    drill: bool,
    holds: Vec<HoldRow>,
    passes: Vec<PassRow>,
}

#[derive(Serialize, Deserialize)]
struct HoldRow {
    hold: String,
    #[serde(default)]
    number: u32,
    scope: String,
    by: String,
    at: String,
    why: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    review: bool,
}

#[derive(Serialize, Deserialize)]
struct PassRow {
    pass: String,
    scope: String,
    #[serde(rename = "ref")]
    reference: String,
    by: String,
    at: String,
    why: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holds: Option<Vec<u32>>,
}

/// The document.
pub fn write(gate: &Gate) -> String {
    let hold = |held: &Held| HoldRow {
        hold: held.called.clone(),
        number: held.number,
        scope: held.scope.clone(),
        by: held.by.clone(),
        at: held.at.iso(),
        why: held.why.clone(),
        until: held.until.map(Time::iso),
        review: held.review,
    };
    let pass = |pass: &Granted| PassRow {
        pass: pass.called.clone(),
        scope: pass.scope.clone(),
        reference: pass.reference.clone(),
        by: pass.by.clone(),
        at: pass.at.iso(),
        why: pass.why.clone(),
        until: pass.until.map(Time::iso),
        holds: pass.through.clone(),
    };
    let document = Document {
        format: if gate.passes.iter().any(|pass| pass.through.is_some()) { BOUND } else { PLAIN },
        written: gate.written.iso(),
        journal: gate.journal,
        head: gate.head,
        drill: gate.drill,
        holds: gate.holds.iter().map(hold).collect(),
        passes: gate.passes.iter().map(pass).collect(),
    };
    // our own flat structs serialize into memory; nothing at all would be read as no gate
    serde_json::to_string_pretty(&document).map(|text| text + "\n").unwrap_or_default()
}

/// Reads a document.
///
/// # Errors
/// What stands against it, in words without a full stop.
pub fn read(text: &str) -> Result<Gate, String> {
    #[derive(Deserialize)]
    struct Number {
        #[serde(rename = "quarterdeck-gate")]
        format: u64,
    }
    let number: Number =
        serde_json::from_str(text).map_err(|e| format!("it is no gate that quarterdeck wrote ({e})"))?;
    if !(PLAIN..=BOUND).contains(&number.format) {
        return Err(format!("it is of format {}, and {PLAIN} to {BOUND} is what is read here", number.format));
    }
    let document: Document = serde_json::from_str(text).map_err(|e| format!("it is not whole ({e})"))?;
    let time = |text: &str| Time::parse_iso(text).ok_or_else(|| format!("\"{}\" is no time", text.escape_debug()));
    let end = |text: &Option<String>| text.as_deref().map(time).transpose();
    let place = |text: &str| scope::check(text, true).map_err(|_| format!("\"{}\" is no scope", text.escape_debug()));
    let hold = |row: HoldRow| {
        place(&row.scope)?;
        let (at, until) = (time(&row.at)?, end(&row.until)?);
        let HoldRow { hold: called, number, scope, by, why, review, .. } = row;
        Ok(Held { called, number, scope, by, at, why, until, review })
    };
    let pass = |row: PassRow| {
        place(&row.scope)?;
        let (at, until) = (time(&row.at)?, end(&row.until)?);
        let PassRow { pass: called, scope, reference, by, why, holds: through, .. } = row;
        Ok(Granted { called, scope, reference, by, at, why, until, through })
    };
    Ok(Gate {
        written: time(&document.written)?,
        journal: document.journal,
        head: document.head,
        drill: document.drill,
        holds: document.holds.into_iter().map(hold).collect::<Result<_, String>>()?,
        passes: document.passes.into_iter().map(pass).collect::<Result<_, String>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::sample::text;
    use crate::incident::entry::Session;
    use proptest::prelude::*;

    fn gates() -> impl Strategy<Value = Gate> {
        let until = || proptest::option::of((0i64..4_000_000_000_000_000).prop_map(Time));
        let scope = || "[a-z]{1,4}(/[a-z0-9@:+.-]{1,5}){0,2}(/\\*)?";
        let hold = (text(), scope(), text(), text(), until(), any::<bool>());
        let held = |(called, scope, by, why, until, review)| Held {
            called,
            number: 3,
            scope,
            by,
            at: Time(7),
            why,
            until,
            review,
        };
        let through = proptest::option::of(proptest::collection::vec(0..9_u32, 0..3));
        let pass = (scope(), text(), text(), text(), until(), through);
        let granted = |(scope, reference, by, why, until, through)| Granted {
            called: "pass 1".into(),
            scope,
            reference,
            by,
            at: Time(8),
            why,
            until,
            through,
        };
        let all = (
            proptest::collection::vec(hold.prop_map(held), 0..3),
            proptest::collection::vec(pass.prop_map(granted), 0..3),
            any::<bool>(),
            any::<u64>(),
        );
        all.prop_map(|(holds, passes, drill, head)| Gate {
            written: Time(1_562_712_600_000_001),
            journal: drill.then(|| EntryId::of(Session(7), 1)),
            head,
            drill,
            holds,
            passes,
        })
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(gate in gates()) {
            prop_assert_eq!(read(&write(&gate)), Ok(gate));
        }

        #[test]
        fn half_a_document_is_none(gate in gates(), share in 0usize..100) {
            let text = write(&gate);
            let end = (0..=text.trim_end().len() * share / 100).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            prop_assert!(read(&text[..end]).is_err());
        }
    }

    #[test]
    fn given_a_pass_that_is_bound_to_holds_when_written_then_only_who_knows_such_passes_reads_it() {
        let pass = |through: Option<Vec<u32>>| Granted {
            called: "pass 1".into(),
            scope: "prod".into(),
            reference: "1f2e3d4".into(),
            by: "Ana".into(),
            at: Time(8),
            why: "the fix".into(),
            until: None,
            through,
        };
        let of = |passes: Vec<Granted>| Gate {
            written: Time(1_562_712_600_000_001),
            journal: None,
            head: 7,
            drill: false,
            holds: Vec::new(),
            passes,
        };
        let number = |gate: &Gate| write(gate).lines().nth(1).map(|line| line.trim().to_owned());
        let (open, free) = (of(Vec::new()), of(vec![pass(None)]));
        let (bound, both) = (of(vec![pass(Some(vec![1]))]), of(vec![pass(None), pass(Some(Vec::new()))]));
        // who reads format 1 alone refuses any other number, and what cannot be read lets nothing through
        for gate in [&open, &free] {
            assert_eq!(number(gate).as_deref(), Some("\"quarterdeck-gate\": 1,"));
        }
        for gate in [&bound, &both] {
            assert_eq!(number(gate).as_deref(), Some("\"quarterdeck-gate\": 2,"));
            assert_eq!(read(&write(gate)).as_ref(), Ok(gate));
        }
        // as it was written before there were two numbers
        let before = write(&bound).replace("\"quarterdeck-gate\": 2", "\"quarterdeck-gate\": 1");
        assert_eq!(read(&before), Ok(bound));
    }

    #[test]
    fn given_a_scope_that_nothing_can_have_when_read_then_nothing_of_the_gate_is_believed() {
        let of = |rows: &str| {
            let text = format!(r#"{{"quarterdeck-gate":1,"written":"2019-07-09T22:58:02Z","head":1,{rows}}}"#);
            read(&text).map(|gate| gate.holds.len() + gate.passes.len())
        };
        let row = |scope: &str| {
            format!(
                r#"{{"hold":"hold 1","pass":"pass 1","ref":"1","scope":"{scope}","by":"Ana","at":"2019-07-09T22:58:02Z","why":"x"}}"#
            )
        };
        for (scope, said) in
            [("", ""), (" prod", " prod"), ("prod ", "prod "), ("prod/", "prod/"), ("p\\u0000", "p\\0")]
        {
            let no = Err(format!("\"{said}\" is no scope"));
            assert_eq!(of(&format!(r#""holds":[{}],"passes":[]"#, row(scope))), no);
            assert_eq!(of(&format!(r#""holds":[],"passes":[{}]"#, row(scope))), no);
        }
        assert_eq!(of(&format!(r#""holds":[{}],"passes":[{}]"#, row("prod/*"), row("*"))), Ok(2));
    }

    #[test]
    fn given_what_is_no_gate_when_read_then_it_says_why() {
        let why = |text: &str| read(text).unwrap_err();
        assert!(why("<html>log in</html>").contains("no gate that quarterdeck wrote"));
        assert!(why("{}").contains("no gate"));
        assert!(why(r#"{"quarterdeck-gate":3}"#).contains("format 3"));
        assert!(why(r#"{"quarterdeck-gate":0}"#).contains("format 0"));
        assert!(why(r#"{"quarterdeck-gate":1,"written":"2019-07-09T22:58:02Z"}"#).contains("not whole"));
        let odd = r#"{"quarterdeck-gate":1,"written":"yesterday","head":0,"holds":[],"passes":[]}"#;
        assert!(why(odd).contains("no time"));
        let later =
            r#"{"quarterdeck-gate":1,"written":"2019-07-09T22:58:02Z","head":0,"holds":[],"passes":[],"probes":[1]}"#;
        assert!(read(later).is_ok(), "what a later version adds is passed over");
    }
}
