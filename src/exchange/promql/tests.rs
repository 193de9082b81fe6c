//! Queries of every kind that Sloth and OpenSLO documents hold, as they are read and as they are refused.

use super::*;
use proptest::prelude::{prop_assert, proptest};

#[test]
fn given_rate_over_the_window_however_it_is_written_when_counted_then_it_is_increase() {
    for (query, ours) in [
        ("sum(rate(a{b=\"5\"}[{{.window}}]))", "sum(increase(a{b=\"5\"}[{{.window}}]))"),
        ("sum(rate (a{b=\"rate(c)\"}[{{.window}}]))", "sum(increase (a{b=\"rate(c)\"}[{{.window}}]))"),
        (
            "sum by (rate) (rate\n # rate(x\n ( a [ {{ .window }} ] ) )",
            "sum by (rate) (increase\n # rate(x\n ( a [ {{ .window }} ] ) )",
        ),
        (
            "SUM(rate(rate{rate=~'x(\\'rate(',}[{{window}}] offset 5m)) without (a, b)",
            "SUM(increase(rate{rate=~'x(\\'rate(',}[{{window}}] offset 5m)) without (a, b)",
        ),
        (
            "(sum(rate(a_count[{{.window}}])) - sum(rate(a_bucket{le=\"0.4\"}[{{.window}}])))",
            "(sum(increase(a_count[{{.window}}])) - sum(increase(a_bucket{le=\"0.4\"}[{{.window}}])))",
        ),
        ("sum(rate(a[{{.window}}])) or on() vector(0)", "sum(increase(a[{{.window}}])) or on() vector(0)"),
        (
            "sum(rate(a[{{.window}}]) > 0) + sum(rate(my_rate{`x y`=\"1\"}[{{.window}}]))",
            "sum(increase(a[{{.window}}]) > 0) + sum(increase(my_rate{`x y`=\"1\"}[{{.window}}]))",
        ),
        (
            "sum(rate(a[{{.window}}]) and on(b) (info{c=\"d\"} == 1))",
            "sum(increase(a[{{.window}}]) and on(b) (info{c=\"d\"} == 1))",
        ),
    ] {
        assert_eq!(counted(query), Ok((ours.to_owned(), Unit::Second)), "{query}");
    }
    for same in [
        "sum(increase(a[{{.window}}]))",
        "sum_over_time((count(wifi_ratio < 0.75))[{{.window}}:]) OR on() vector(0)",
        "count_over_time((rate(a[5m]) > bool 3)[{{.window}}:1m])",
        "sum(max without (replica) (increase({__name__=\"a\"}[{{.window}}])))",
        "10 * increase(a[{{.window}}])",
        "label_replace(increase(a[{{.window}}]), \"x\", \"$1\", \"y\", \"(.*)\")",
    ] {
        assert_eq!(counted(same), Ok((same.to_owned(), Unit::Whole)));
    }
}

#[test]
fn given_what_is_no_count_when_read_then_it_is_refused_by_its_name() {
    for (query, why) in [
        ("sum(irate(a[{{.window}}]))", "`irate` over [{{.window}}] is no count of events; write increase("),
        ("deriv(a[{{.window}}])", "`deriv` over"),
        ("avg_over_time(a[{{.window}}])", "`avg_over_time` over"),
        ("avg(rate(a[{{.window}}]))", "`avg` of counts is no count; write sum"),
        ("sum(rate(a[{{.window}}])) / sum(rate(b[{{.window}}]))", "`/` makes a ratio"),
        ("sum(rate(a[{{.window}}])) * 60", "`*` with a number makes events of what is by the second"),
        ("sum(rate(a[{{.window}}])) * on(b) group_left info", "`*` makes other figures"),
        ("1 - sum(rate(a[{{.window}}]))", "`-` stands between a count and a number"),
        ("sum(rate(a[{{.window}}])) - b", "`-` stands between a count and what counts nothing"),
        ("sum(rate(a[{{.window}}])) > 5", "`>` compares counts"),
        ("sum(rate(a[{{.window}}])) - sum(increase(b[{{.window}}]))", "one part of it is by the second"),
        ("sum(rate(a[{{.window}}])) - sum(rate(b[5m]))", "what counts nothing over the window"),
        ("histogram_quantile(0.9, rate(a[{{.window}}]))", "`histogram_quantile` of counts"),
        ("1 - histogram_share(0.2, sum by (vmrange) (rate(a[{{.window}}])))", "`histogram_share` of counts"),
        ("vector(1)[{{.window}}]", "nothing in it counts events"),
        ("sum(rate(a[{{.window}}] @ 1609746000))", "`@` fixes the time"),
        ("rate(sum(rate(a[{{.window}}]))[{{.window}}:])", "a range over what has one already"),
        ("sum(rate(a[{{.window}}])", "character 25: found the end, expected `,` or `)`"),
        ("sum(rate(a[{{.windows}}]))", "character 11: `[{{.windows}}]` is no range"),
        ("rate(a{b=\"c}[{{.window}}])", "`{` without its `}`"),
        ("rate(a[{{.window}}]) + 'b", "a text that does not end"),
        ("increase(a[{{.window}}]) offset {{.window}}", "only between `[` and `]`"),
        ("sum(rate(a[5m]))", "it has a range of its own; write [{{.window}}] there"),
        ("sum(http_requests_total)", "nothing in it counts events over [{{.window}}]"),
    ] {
        let refused = counted(query).unwrap_err();
        assert!(refused.contains(why), "{query}: {refused}");
    }
    assert!(counted(&"(".repeat(100_000)).unwrap_err().contains("too deeply"));
    assert!(counted(&"-".repeat(100_000)).unwrap_err().contains("too deeply"));
}

proptest! {
    #[test]
    fn any_text_is_counted_or_refused(text in "(rate|increase|sum|[ (){}\\[\\],\"'`#\\n+*/.-]|\\{\\{\\.window\\}\\}|[a-z0-9]|é){0,40}") {
        if let Ok((ours, unit)) = counted(&text) {
            // what was converted counts, and stays as it is
            prop_assert!(unit == Unit::Whole || ours != text);
            let again = counted(&ours);
            prop_assert!(again == Ok((ours, Unit::Whole)));
        }
    }
}
