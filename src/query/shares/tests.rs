//! Shares of values, against plain counts.

use super::*;
use crate::query::breakdown::Table;
use proptest::prelude::*;

fn row(value: Literal, total: u64, bad: u64) -> Row {
    Row { values: vec![value], total, bad, percentile: None }
}

fn told(rows: Vec<Row>) -> Told {
    Told { table: Table::of(rows, false), notes: vec!["a note".into()], from: 5, to: 9 }
}

fn shares(now: Vec<Row>, quiet: Vec<Row>, most: usize) -> Shares {
    let fields = vec!["status".to_owned()];
    let asked = Asked { fields: fields.clone(), since: 0, from: 5, to: 9, percentile: None, kept: None };
    Shares::of(&asked, told(now), Some(told(quiet)), most, |values| filter(&fields, values))
}

fn code(n: i64) -> Literal {
    Literal::Int(n)
}

#[test]
fn given_a_code_that_nobody_counts_when_there_is_far_more_of_it_then_it_stands_at_the_top() {
    let now = vec![row(code(200), 800, 0), row(code(401), 120, 0), row(code(500), 50, 50), row(code(404), 30, 0)];
    let quiet = vec![row(code(200), 98_000, 0), row(code(401), 33, 0), row(code(404), 1_967, 0)];
    let told = shares(now, quiet, 10);
    let values: Vec<(&str, Verdict)> = told.rows.iter().map(|row| (row.value.as_str(), row.verdict())).collect();
    use Verdict::{Counted, NotCounted, Unseen};
    assert_eq!(values, [("401", Unseen), ("500", Counted), ("200", NotCounted), ("404", NotCounted)]);
    assert_eq!((told.rows[0].now_ppm, told.rows[0].quiet_ppm), (120_000, Some(330)));
    assert_eq!(told.rows[0].means, "status = 401");
    assert_eq!(told.notes, ["a note"]);
}

#[test]
fn given_another_objective_on_the_same_events_when_it_counts_a_code_then_only_what_nobody_counts_stands_out() {
    let rows = |bad: fn(i64) -> bool| {
        let row = |(n, total): (i64, u64)| row(code(n), total, if bad(n) { total } else { 0 });
        [(200, 700), (401, 120), (403, 100), (500, 50), (404, 30)].map(row).to_vec()
    };
    let quiet = || vec![row(code(200), 98_000, 0), row(code(401), 33, 0), row(code(403), 40, 0)];
    let mut told = shares(rows(|n| n >= 500), quiet(), 10);
    let mut logins = shares(rows(|n| n == 401), quiet(), 10);
    // 33 of before were not counted, although all of now are
    assert_eq!(told.rows[0].value, "401");
    told.beside("logins", &logins);
    let verdict = |told: &Shares, value: &str| {
        told.rows.iter().find(|row| row.value == value).map(|row| (row.verdict(), row.counted_by()))
    };
    assert_eq!(told.rows[0].value, "403", "that one nobody counts");
    assert_eq!(verdict(&told, "403"), Some((Verdict::Unseen, None)));
    assert_eq!(verdict(&told, "401"), Some((Verdict::Elsewhere, Some("partly counted by logins".into()))));
    logins.rows.iter_mut().for_each(|row| row.quiet_bad = row.quiet_total);
    let mut whole = shares(rows(|n| n >= 500), quiet(), 10);
    whole.beside("logins", &logins);
    assert_eq!(verdict(&whole, "401").and_then(|(_, words)| words), Some("counted by logins".into()));
    assert_eq!(verdict(&whole, "500").map(|(verdict, _)| verdict), Some(Verdict::Counted));
    assert_eq!(whole.others, ["logins"]);
}

#[test]
fn given_nothing_before_when_compared_then_nothing_stands_out_and_that_is_said() {
    let told = shares(vec![row(code(401), 120, 0)], Vec::new(), 10);
    assert_eq!((told.rows[0].verdict(), told.rows[0].quiet_ppm), (Verdict::NotCounted, None));
    assert!(told.notes[1].contains("nothing to compare with"), "{:?}", told.notes);
}

#[test]
fn given_a_field_that_was_not_there_before_when_compared_then_no_value_of_it_stands_out() {
    let text = |t: &str| Literal::Text(t.into());
    let quiet = vec![row(Literal::Null, 900, 0), row(text("a"), 10, 0)];
    let told = shares(vec![row(text("a"), 60, 0), row(text("b"), 40, 0)], quiet, 10);
    assert!(told.rows.iter().all(|row| row.verdict() == Verdict::NotCounted));
    // those that are gone are told too
    assert_eq!(told.rows.last().map(|row| (row.value.as_str(), row.total)), Some(("null", 0)));
}

#[test]
fn given_shares_that_mean_nothing_when_compared_then_it_is_known_why() {
    let text = |t: &str| Literal::Text(t.into());
    let many = || vec![row(code(200), 900, 0)];
    for (now, quiet, why) in [
        (many(), many(), None),
        (many(), vec![], Some(Untold::NoBefore)),
        (many(), vec![row(code(200), 9, 0)], Some(Untold::Few)),
        (vec![row(code(200), 5, 0), row(code(401), 4, 0)], many(), Some(Untold::Few)),
        (vec![row(Literal::Null, 900, 3)], vec![row(Literal::Null, 900, 0)], Some(Untold::NoField)),
        (vec![row(text("a"), 60, 0)], vec![row(Literal::Null, 900, 0), row(text("a"), 10, 0)], Some(Untold::NewField)),
        (vec![], many(), Some(Untold::Few)),
    ] {
        assert_eq!(shares(now, quiet, 10).untold, why);
    }
}

#[test]
fn given_two_fields_when_one_was_not_there_before_then_nothing_stands_out_and_that_is_said() {
    let fields = ["build".to_owned(), "status".to_owned()];
    let asked = Asked { fields: fields.to_vec(), since: 0, from: 5, to: 9, percentile: None, kept: None };
    let row = |build: Option<&str>, status: i64, total: u64, bad: u64| {
        let build = build.map_or(Literal::Null, |build| Literal::Text(build.into()));
        Row { values: vec![build, code(status)], total, bad, percentile: None }
    };
    let now = told(vec![row(Some("611"), 200, 96, 4), row(Some("612"), 200, 900, 0), row(None, 200, 4, 0)]);
    let quiet = told(vec![row(None, 200, 9_000, 0), row(None, 401, 5, 0)]);
    let shares = Shares::of(&asked, now, Some(quiet), 10, |values| filter(&fields, values));
    let told: Vec<(&str, Verdict)> = shares.rows.iter().map(|row| (row.value.as_str(), row.verdict())).collect();
    use Verdict::{NotCounted, Partly};
    assert_eq!(
        told,
        [("\"611\", 200", Partly), ("\"612\", 200", NotCounted), ("null, 200", NotCounted), ("null, 401", NotCounted)]
    );
    assert_eq!(shares.notes[1], "most events had no build before: more of a value than then means nothing");
}

#[test]
fn given_more_values_than_are_kept_when_compared_then_the_others_are_counted() {
    let told = shares((0..30).map(|n| row(code(n), 100 - n.unsigned_abs(), 0)).collect(), Vec::new(), 20);
    assert_eq!((told.rows.len(), told.hidden), (20, Some((10, (71..=80).sum()))));
}

#[test]
fn given_a_value_that_is_asked_for_when_others_have_more_bad_events_then_its_row_is_kept_and_all_bad_events_count() {
    let text = |name: &str| Literal::Text(name.into());
    let mut rows: Vec<Row> = (0..30).map(|n| row(text(&format!("c{n}")), 10, 10)).collect();
    rows.push(row(text("acme"), 300, 0));
    let of = |kept: Option<&str>| {
        let fields = vec!["customer".to_owned()];
        let kept = kept.map(str::to_owned);
        let asked = Asked { fields: fields.clone(), since: 5, from: 5, to: 9, percentile: None, kept };
        Shares::of(&asked, told(rows.clone()), None, 20, |values| filter(&fields, values))
    };
    let kept = of(Some("acme"));
    let acme = kept.rows.iter().find(|row| row.value == "\"acme\"").map(|row| (row.total, row.bad, row.now_ppm));
    assert_eq!((acme, kept.rows.len(), kept.hidden), (Some((300, 0, 500_000)), 21, Some((10, 100))));
    assert_eq!(kept.bad, 300, "those of the hidden ones too");
    let not = of(None);
    assert_eq!((not.rows.len(), not.hidden, not.bad), (20, Some((11, 400)), 300));
}

#[test]
fn given_a_condition_when_a_field_is_suggested_then_the_one_it_speaks_of() {
    for (condition, field) in [
        ("http.status_code >= 500", "http.status_code"),
        ("http.response.status_code >= 500 or status = 1", "http.response.status_code"),
        ("http_requests_total{job=\"api\",code=~\"5..\"}", "code"),
        ("status >= 500", "status"),
        ("not sli.api", "http.response.status_code"),
    ] {
        assert_eq!(suggested(condition), field, "{condition}");
    }
}

#[test]
fn given_a_share_when_it_is_small_then_it_is_not_said_to_be_nothing() {
    assert_eq!(
        [0, 1, 33, 99, 100, 70_512, 1_000_000].map(percent),
        ["0.00 %", "0.0001 %", "0.0033 %", "0.0099 %", "0.01 %", "7.05 %", "100.00 %"]
    );
}

proptest! {
    #[test]
    fn what_a_value_means_can_be_asked(texts in prop::collection::vec("\\PC{0,12}", 1..4), n: i64) {
        let fields: Vec<String> = (0..=texts.len()).map(|n| format!("f{n}")).collect();
        let values: Vec<Literal> = texts.into_iter().map(Literal::Text).chain([Literal::Int(n)]).collect();
        let read: Expr = filter(&fields, &values).parse().unwrap();
        let tests: Vec<Op> = read.tests().into_iter().map(|test| test.op.clone()).collect();
        prop_assert_eq!(tests, values.into_iter().map(Op::Eq).collect::<Vec<_>>());
    }
}
