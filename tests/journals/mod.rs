//! A frozen journal of every schema version ever shipped: what was recorded then is read now, word for word.
//!
//! A sample is made only where there is none, with `BLESS=1`; after a release it is never made again.
#![allow(clippy::expect_used, reason = "a test stops at the first surprise, in its helping functions too")]

use quarterdeck::incident::entry::{Entry, EntryId, STANDING, Session, When};
use quarterdeck::incident::fact::Fact;
use quarterdeck::incident::time::Time;
use quarterdeck::journal::{After, Journal};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Once;
use tempfile::TempDir;

/// One fact of every kind, and some that no program knows.
const SAMPLES: [(&str, &str); 66] = [
    (
        "declared",
        r#"{"title":"API refuses all traffic","severity":"sev1","began":1562712600000000,"began_about":true,"detected_by":"page","restricted":true}"#,
    ),
    ("declared", r#"{"title":"Slow","severity":"sev4","ended":1562712600000001,"ended_about":true}"#),
    ("joined", r#"{"person":"Ben"}"#),
    ("folded", r#"{"into":413}"#),
    ("noted", "{\"text\":\"api-3: no such file\\nsecond line\\u0000\\u001b[2J\u{202e} ☎\",\"pinned\":true}"),
    ("decided", r#"{"text":"go back to 1822","serves":3}"#),
    ("asked", r#"{"text":"how many events lost?","of":"Eli","goal":1}"#),
    ("answered", r#"{"question":"000000000000002a0000000000000007","text":"40,000"}"#),
    ("impact", r#"{"what":"requests refused","who":"everybody","count":40000,"certainty":"known","data":"at-risk"}"#),
    ("changed", r#"{"what":"deploy","subject":"api","from":"1822","to":"1823","by":"ci","source":"events"}"#),
    ("linked", r#"{"to":"bridge","address":"https://meet.example/inc-412"}"#),
    ("severity", r#"{"severity":"sev2","why":"half of it"}"#),
    ("phase", r#"{"phase":"mitigated","why":"1822 serves"}"#),
    ("milestone", r#"{"milestone":"recovered","from":"the SLI says so"}"#),
    ("role-taken", r#"{"role":"commander","person":"Ana"}"#),
    ("role-offered", r#"{"role":"comms","to":"Ben"}"#),
    ("role-declined", r#"{"role":"scribe","by":"Dev"}"#),
    ("role-left", r#"{"role":"ops"}"#),
    ("goal", r#"{"rank":1,"text":"customer data is safe","why":"always"}"#),
    ("task-opened", r#"{"text":"keep 1823 off new hosts","owner":"Fay","due":1562713500000000,"goal":3,"undo":true}"#),
    ("task-done", r#"{"task":"000000000000002a0000000000000014","result":"pinned"}"#),
    ("task-dropped", r#"{"task":"000000000000002a0000000000000014","why":"moot"}"#),
    ("task-reopened", r#"{"task":"000000000000002a0000000000000014"}"#),
    ("checked-in", r#"{"slot":1562713200000000,"answered":["Ben","Cho"],"note":"on it"}"#),
    ("check-in-skipped", r#"{"slot":1562714100000000,"why":"all on the bridge"}"#),
    ("updated", r#"{"text":"We are refusing all API traffic.","audience":"public","next":1562715000000000}"#),
    ("promised", r#"{"to":"public","what":"next update","by":1562715000000000,"owner":"Ben"}"#),
    ("promise-kept", r#"{"promise":"000000000000002a000000000000001b","how":"posted"}"#),
    ("promise-withdrawn", r#"{"promise":"000000000000002a000000000000001b","why":"resolved"}"#),
    (
        "intended",
        r#"{"act":"stop","target":"release","from":"1823","to":"1822","before":"{\"v\":1}","why":"red","update":"000000000000002a000000000000001a","reverts":"000000000000002a0000000000000001"}"#,
    ),
    (
        "act-asked",
        r#"{"act":"percent","target":"release","from":"off","to":"5 %","before":"{\"v\":2}","why":"step by step","reverts":"000000000000002a0000000000000001","share":5000,"expires":1562714400000000}"#,
    ),
    ("act-withdrawn", r#"{"asked":"000000000000002a000000000000001f","why":"it is mended"}"#),
    (
        "intended",
        r#"{"act":"exclude","target":"release","from":"on","to":"on","before":"{\"v\":1}","whom":"customer:acme","until":1562714400000000,"expect_max":40,"expect_by":1562713320000000,"confirms":"000000000000002a0000000000000001","widens":true,"glass":true}"#,
    ),
    (
        "intended",
        r#"{"act":"extend","target":"release","why":"still draining","reverts":"000000000000002a0000000000000021","until":1562717000000000,"was":1562714400000000,"there":"schedule 7"}"#,
    ),
    (
        "end-moved",
        r#"{"act":"000000000000002a0000000000000021","from":1562714400000000,"to":1562717000000000,"why":"still draining"}"#,
    ),
    (
        "marker-intended",
        r#"{"target":"hny","words":"412 declared: API refuses all traffic","moment":1562712792000000,"about":"000000000000002a0000000000000001"}"#,
    ),
    (
        "settled",
        r#"{"intent":"000000000000002a000000000000001e","outcome":"unsure","detail":"timeout","value":"1822"}"#,
    ),
    ("seen", r#"{"target":"release","value":"1822","intent":"000000000000002a000000000000001e","detail":"8 of 8"}"#),
    (
        "burn",
        r#"{"slo":"api-availability","target_ppm":999500,"window_s":2592000,"total":100000000,"bad":40000,"remaining_ppm":-1,"burn_1h_milli":333000,"burn_5m_milli":0,"state":"value","source":"lb","why":"declared"}"#,
    ),
    (
        "chart-pinned",
        r#"{"slo":"api-availability","target_ppm":999500,"window_s":2592000,"from":1562712000000000,"step_s":60,"total":[4000,null],"bad":[500,0],"remaining_ppm":[-1,null],"state":"value","source":"lb","link":"https://ui.example/q"}"#,
    ),
    (
        "alerted",
        r#"{"slo":"api-availability","urgency":"page","condition":"over 14.4x in 1 h and 5 m","ended":true,"peak_milli":333334,"source":"lb","long":3600000000,"long_milli":14285,"short":300000000,"short_milli":0,"left_ppm":337000}"#,
    ),
    ("marked", r#"{"entry":"000000000000002a0000000000000005","text":"look here"}"#),
    (
        "corrected",
        r#"{"entry":"000000000000002a0000000000000005","text":"api-4","at":1562712660000000,"struck":true,"why":"typo"}"#,
    ),
    (
        "rehearsed",
        r#"{"scenario":"missing-binary","seed":7,"start":1562712600000000,"real":1700000000000000,"speed_milli":1000}"#,
    ),
    (
        "ran",
        r#"{"changed":"000000000000002a0000000000000009","code":1,"signal":15,"took_us":12900000,"tail":"one\ntwo"}"#,
    ),
    (
        "probed",
        r#"{"probe":"complete","subject":"artifact","scope":"prod/*","outcome":"red","words":"3 files are missing","served_s":300,"after":"000000000000002a0000000000000009"}"#,
    ),
    (
        "probe-asked",
        r#"{"probe":"complete","after":"000000000000002a0000000000000009","since":1562712600000000,"due":1562712900000000,"until":1562712940000000}"#,
    ),
    ("clock-moved", r#"{"to":1562712900000000,"real":1700000001000000,"why":"23:00 check-in"}"#),
    (
        "hold-placed",
        r#"{"scope":"prod/*","why":"1823 is not understood","until":1562715000000000,"name":"first","cause":"budget","slo":"api-availability","left_ppm":-30000,"incident":412}"#,
    ),
    ("hold-placed", r#"{"scope":"prod","why":"a look"}"#),
    (
        "hold-lifted",
        r#"{"hold":"000000000000002a0000000000000029","scope":"prod/*","why":"the fix cannot wait","review":"https://wiki.example/412","glass":true,"incident":412}"#,
    ),
    (
        "hold-lifted",
        r#"{"hold":"000000000000002a0000000000000029","scope":"prod","why":"it is mended","confirms":"000000000000002a000000000000002a","asked_by":"Ben"}"#,
    ),
    (
        "lift-asked",
        r#"{"hold":"000000000000002a0000000000000029","scope":"prod/*","why":"it is mended","review":"https://wiki.example/412","glass":true,"incident":412,"expires":1562715000000000}"#,
    ),
    (
        "lift-withdrawn",
        r#"{"asked":"000000000000002a000000000000002a","scope":"prod/*","why":"not yet","incident":412}"#,
    ),
    (
        "hold-reviewed",
        r#"{"hold":"000000000000002a0000000000000029","scope":"prod/*","review":"https://wiki.example/412","incident":412}"#,
    ),
    ("pass-granted", r#"{"scope":"prod","ref":"1f2e3d4","why":"the fix","until":1562715000000000,"incident":412}"#),
    (
        "pass-bound",
        r#"{"scope":"prod","ref":"1f2e3d4","why":"the fix","holds":["000000000000002a0000000000000029"],"incident":412}"#,
    ),
    (
        "pass-withdrawn",
        r#"{"pass":"000000000000002a000000000000002d","ref":"1f2e3d4","why":"deployed","incident":412}"#,
    ),
    (
        "hold-told",
        r#"{"what":"lifted","about":"000000000000002a000000000000002b","by":"Ana","words":"prod/*, held by Ana","owes":"review why hold 1 was lifted without one"}"#,
    ),
    ("noted", r#"{"text":""}"#),
    (
        "act-asked",
        r#"{"act":"exclude","target":"release","from":"on","to":"on, not for customer acme","before":"{\"v\":3}","whom":"customer:acme","until":1562719800000000,"expect_max":40,"expect_by":1562713200000000,"widens":true,"expires":1562714400000000}"#,
    ),
    ("dived", r#"{"depth":3,  "why":"a kind of a later release"}"#),
    ("noted", r#"{"text":"a field of a later release","colour":"red"}"#),
    ("noted", "not even JSON \u{0} \u{1b}]0;x\u{7}"),
    ("", ""),
    ("noted", r#"{"text":"its when cannot be read"}"#),
];

fn place(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals").join(name)
}

fn sample(incident: u32, seq: u64, kind: &str, text: &str) -> Entry {
    let at = 1_562_712_600_000_000 + seq.cast_signed() * 1_000_000;
    let when = match seq % 5 {
        _ if text.contains("its when") => {
            Some(When { source: Some(r#"unread when: {"moon":"full"}"#.into()), ..When::default() })
        }
        0 => Some(When::about()),
        1 => Some(When { until: Some(Time(at + 1)), source: Some("burn".into()), ..When::default() }),
        2 => Some(When { open: true, zone: Some("Europe/Paris".into()), ..When::default() }),
        _ => None,
    };
    Entry {
        incident,
        seq,
        id: EntryId::of(Session(42), u64::from(incident) << 16 | seq),
        at: Time(at),
        recorded: Time(at + 90_000_000),
        when: when.map(Box::new),
        author: ["Ana", "", "Bén \u{202e}\u{0}"][seq as usize % 3].into(),
        session: Session(u64::MAX - seq),
        fact: Fact::decode(kind, text),
    }
}

/// A copy of the sample, because even reading leaves SQLite's files beside it; made first if it may be.
fn frozen() -> (TempDir, PathBuf) {
    static MADE: Once = Once::new();
    let journal = place("v1.journal");
    MADE.call_once(|| {
        if !journal.exists() && std::env::var_os("BLESS").is_some() {
            bless(&journal, &place("v1.json"));
        }
    });
    let home = tempfile::tempdir().expect("a directory");
    let copy = home.path().join("journal");
    fs::copy(&journal, &copy)
        .expect("the sample is there; if facts were added before a release, remove it and BLESS=1");
    (home, copy)
}

/// Makes the sample of this version, and what it reads as.
fn bless(journal: &Path, listing: &Path) {
    let home = tempfile::tempdir().expect("a directory");
    let made = home.path().join("journal");
    let all: Vec<Entry> = (1..).zip(SAMPLES).map(|(seq, (kind, text))| sample(412, seq, kind, text)).collect();
    let standing = vec![sample(STANDING, 1, "noted", r#"{"text":"outlives an incident"}"#)];
    let mut store = Journal::open_for_writing(&made, true).expect("made");
    let streams =
        [After { number: 412, head: 0, entries: all }, After { number: STANDING, head: 0, entries: standing }];
    store.append(&streams).expect("appended");
    drop(store);
    fs::copy(&made, journal).expect("kept");
    fs::write(listing, list(&made)).expect("kept");
}

/// Everything in a journal as this program understands it, one line of JSON for each entry.
fn list(path: &Path) -> String {
    let journal = Journal::open_for_reading(path).expect("opens");
    let mut out = String::new();
    for (number, head) in journal.heads().expect("readable") {
        let read = journal.read_since(number, 0, usize::MAX).expect("readable");
        assert_eq!((read.damage, read.entries.len() as u64), (None, head));
        for entry in read.entries {
            let line = serde_json::json!({
                "incident": entry.incident, "seq": entry.seq, "id": entry.id, "at": entry.at, "recorded": entry.recorded,
                "when": entry.when, "author": entry.author, "session": entry.session.0,
                "understood": !matches!(entry.fact, Fact::Unknown(_)), "kind": entry.fact.kind(), "fact": entry.fact.encode(),
            });
            out.push_str(&format!("{line}\n"));
        }
    }
    out
}

#[test]
fn a_journal_of_version_1_reads_as_it_did() {
    let (_home, copy) = frozen();
    let expected = fs::read_to_string(place("v1.json")).expect("the listing is there");
    for (found, expected) in list(&copy).lines().zip(expected.lines()) {
        assert_eq!(found, expected);
    }
    assert_eq!(list(&copy).lines().count(), expected.lines().count());
    let kinds: BTreeSet<&str> = SAMPLES.iter().map(|(kind, _)| *kind).collect();
    let absent: Vec<&&str> = Fact::KINDS.iter().filter(|kind| !kinds.contains(**kind)).collect();
    assert!(absent.is_empty(), "add a sample of {absent:?}, then remove v1.journal and run with BLESS=1");
}

#[test]
fn the_columns_of_version_1_hold_the_texts_verbatim() {
    let (_home, copy) = frozen();
    let raw = rusqlite::Connection::open(&copy).expect("opens");
    let mut rows =
        raw.prepare(r#"SELECT kind, fact, "when" FROM entries WHERE incident = 412 ORDER BY seq"#).expect("asked");
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).expect("asked");
    let rows: Vec<(String, String, Option<String>)> = rows.collect::<Result<_, _>>().expect("read");
    let texts: Vec<(&str, &str)> = rows.iter().map(|(kind, fact, _)| (kind.as_str(), fact.as_str())).collect();
    assert_eq!(texts, SAMPLES, "what was written is in the file, and our facts are written as they were");
    assert_eq!(rows.last().and_then(|(_, _, when)| when.as_deref()), Some(r#"{"moon":"full"}"#));
}

#[test]
fn every_sample_of_a_known_kind_is_understood() {
    let unknown = SAMPLES.iter().filter(|(kind, text)| matches!(Fact::decode(kind, text), Fact::Unknown(_)));
    assert_eq!(unknown.map(|(kind, _)| *kind).collect::<Vec<_>>(), ["dived", "noted", "noted", ""]);
}
