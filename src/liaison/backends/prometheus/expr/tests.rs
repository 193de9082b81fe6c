//! Expressions as people write them, and what is made of them.

use super::*;
use proptest::prelude::{prop_assert, proptest};

#[test]
fn given_a_counter_when_asked_then_differences_of_its_samples() {
    let counter = Counter::read(" http_requests_total{code=~\"5..|{}\"} ").unwrap();
    let asked = counter.increase(60_000_000, 60_000_000);
    let s = "http_requests_total{code=~\"5..|{}\"}";
    let before = format!("last_over_time({s}[3600s] offset 60s)");
    assert_eq!(asked, format!("sum((({s}) - {before} >= 0) or (({s}) + 0 and {before}))"));
    let wide = format!("sum(sum_over_time(((({s}) - {before} >= 0) or (({s}) + 0 and {before}))[1799999ms:60s]))");
    assert_eq!(counter.increase(1_800_000_000, 60_000_000), wide);
    assert_eq!(counter.newest(), Some(format!("max(timestamp({s}))")));
    assert_eq!(counter.narrowest(60_000_000), 60_000_000);
}

#[test]
fn given_labels_when_asked_apart_then_one_sum_for_each_and_a_selector_of_each() {
    let labels = ["code".to_owned(), "host".to_owned()];
    let counter = Counter::read("a{job=\"x\", }").unwrap();
    let asked = counter.apart(&labels, 120_000_000, 60_000_000).unwrap();
    let a = "a{job=\"x\", }";
    let before = format!("last_over_time({a}[3600s] offset 60s)");
    let grown = format!("(({a}) - {before} >= 0) or (({a}) + 0 and {before})");
    assert_eq!(asked, format!("sum by (code, host) (sum_over_time(({grown})[119999ms:60s]))"));
    let values = [Literal::Text("5\"\\\n".into()), Literal::Null];
    assert_eq!(counter.narrowed(&labels, &values), "a{job=\"x\",code=\"5\\\"\\\\\\U0000000a\",host=\"\"}");
    for (plain, narrowed) in
        [("up", "up{code=\"200\"}"), ("up{}", "up{code=\"200\"}"), ("a{b='c'} ", "a{b='c',code=\"200\"}")]
    {
        let counter = Counter::read(plain).unwrap();
        assert_eq!(counter.narrowed(&labels[..1], &[Literal::Text("200".into())]), narrowed);
        assert!(Counter::read(narrowed).is_ok());
    }
    assert!(is_label("code_2") && !is_label("http.code") && !is_label("2x") && !is_label("") && !is_label("a) or (b"));
}

#[test]
fn given_a_query_with_windows_when_asked_then_each_is_a_bucket() {
    let query = Counter::read("sum(increase(a[{{.window}}])) + sum(increase(b{x=\"{{y}}\"}[{{ .window }}]))").unwrap();
    assert_eq!(query.increase(300_000_000, 60_000_000), "sum(increase(a[300s])) + sum(increase(b{x=\"{{y}}\"}[300s]))");
    assert_eq!((query.newest(), query.narrowest(60_000_000)), (None, 240_000_000));
}

#[test]
fn given_what_does_not_count_when_read_then_it_is_refused_with_a_hint() {
    for (text, position, expected) in [
        ("sum(http_requests_total)", 4, "found `(`, expected matchers in braces or the end"),
        (" rate(http_requests_total[5m])", 26, "has a range of its own"),
        ("http_requests_total[5m]", 20, "has a range of its own"),
        ("a{b=\"c\"", 8, "found the end, expected `,` or `}`"),
        ("a{b=\"c}", 5, "a text that ends"),
        ("a{b=\"\\d+\"}", 7, "found `d`, expected a text that ends and escapes rightly"),
        ("lb{code=503}", 9, "found `5`, expected a text in quotes"),
        ("lb{code==\"503\"}", 9, "found `=`, expected a text in quotes"),
        ("lb{code \"503\"}", 9, "expected one of = != =~ !~"),
        ("lb{5=\"503\"}", 4, "a label's name or `}`"),
        ("lb{é=\"5\" x=\"4\"}", 4, "found `é`, expected a label's name"),
        ("lb{a=\"é\" b=\"4\"}", 10, "found `b`, expected `,` or `}`"),
        ("a{} or b{}", 5, "found `o`, expected the end"),
        ("a{x=\"1\"}) or sum(b{y=\"2\"}", 9, "found `)`, expected the end"),
        ("a{b=\"c\"}[5m]", 9, "has a range of its own"),
        ("5xx", 1, "found `5`, expected a counter's name"),
        ("", 1, "found the end"),
    ] {
        let unfit = Counter::read(text).unwrap_err();
        assert!(unfit.to_string().contains(expected), "{text}: {unfit}");
        assert_eq!(unfit.place.position, position, "{text}: {unfit}");
    }
    let good = [
        "{\"a.b\"}",
        "{\"a.b\", \"c.d\"=\"e\",}",
        "a{b=\"1\" or c=\"2\"}",
        "a{b=~\"\\\\d+\"}",
        "a{b=~`\\d+`}",
        " a { b != 'c' } ",
    ];
    for good in good {
        assert!(Counter::read(good).is_ok(), "{good}: {:?}", Counter::read(good));
    }
    for good in ["up", "{__name__=\"up\"}", "a:b{c='d', e!~`f`}", "up {}"] {
        assert!(Counter::read(good).is_ok(), "{good}");
    }
}

#[test]
fn given_an_error_that_names_a_place_when_read_then_what_stands_there() {
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(near("1:9: parse error: x", "sum(a[]))"), some("sum(a[]))"));
    assert_eq!(near("invalid parameter \"query\": 2:3: parse error: x", "a +\nb )"), some("a + b )"));
    let long = format!("{}({}", "a".repeat(90), "b".repeat(90));
    assert_eq!(near("1:91: parse error: x", &long), some(&format!("{}({}", "a".repeat(30), "b".repeat(29))));
    for (words, query) in
        [("1:99: parse error: x", "a"), ("0:0: parse error: x", "a"), ("no", "a"), ("1:2: parse error", "é")]
    {
        assert_eq!(near(words, query), None, "{words}");
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_and_nothing_is_lost(text in "\\PC{0,60}") {
        if let Ok(counter) = Counter::read(&text) {
            prop_assert!(!counter.increase(60_000_000, 15_000_000).is_empty());
        }
        let text = text.replace("{{", "").replace("}}", "");
        prop_assert!(parts(&text).concat() == text);
    }
}
