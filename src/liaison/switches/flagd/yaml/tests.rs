//! Flag files in YAML as people write them: read, changed, put back.

use super::*;
use crate::incident::switch::{Share, Whom};
use proptest::prelude::*;

const FILE: &str = r#"# the shop's flags
flags:
  # what is released
  release:
    state: ENABLED   # never by hand
    variants:
      "on": 1823
      off: 1822
    defaultVariant: on
    targeting:
      # staff sees it first
      if:
        - in: [{var: role}, [staff]]
        - "on"
    metadata: {owner: 'web'}   # who is asked

  other: {state: ENABLED, variants: {a: true, b: false}, defaultVariant: a}  # not ours
$evaluators: {}
"#;

fn names(flag: &str) -> Names<'_> {
    Names { flag, stop: Some(if flag == "release" { "off" } else { "b" }), restore: None }
}
fn does(text: &str, flag: &str, wanted: &Wanted) -> Draft {
    draft("flags.yaml", text, &names(flag), wanted).unwrap()
}
/// The lines that one has and the other has not.
fn differ<'t>(one: &'t str, other: &str) -> Vec<&'t str> {
    one.lines().filter(|line| !other.lines().any(|same| same == *line)).map(str::trim).collect()
}
fn excluded() -> Wanted {
    Wanted::Exclude(Whom { kind: "customer".into(), key: "acme".into() })
}

#[test]
fn given_a_file_with_comments_when_read_then_its_twin_is_what_flagd_makes_of_it() {
    let yaml = Yaml::parse("flags.yaml", FILE).unwrap();
    let twin: Value = serde_json::from_str(&yaml.twin()).unwrap();
    assert_eq!(twin["flags"]["release"]["variants"], serde_json::json!({"on": 1823, "off": 1822}));
    assert_eq!(twin["flags"]["release"]["defaultVariant"], "on");
    assert_eq!(twin["flags"]["release"]["metadata"]["owner"], "web");
    assert_eq!(sight("flags.yaml", FILE, &names("other")).map(|sight| sight.value), Ok("true".into()));
}

#[test]
fn given_each_act_when_done_then_only_its_lines_change_and_putting_back_restores_every_byte() {
    let share = Wanted::Percent(Share::of_percent(25).unwrap());
    for text in [FILE.to_owned(), FILE.replace('\n', "\r\n")] {
        for flag in ["release", "other"] {
            // its own rules leave no place for a share in the first
            let share = (flag == "other").then(|| share.clone());
            for wanted in [Wanted::Stop, excluded()].into_iter().chain(share) {
                let done = does(&text, flag, &wanted);
                assert!(!done.plan.idle && done.text != text, "{wanted:?}");
                for line in differ(&text, &done.text) {
                    let own = ["defaultVariant: on", "targeting:", "# staff", "if:", "- in:", "- \"on\"", "other: {"];
                    assert!(own.iter().any(|own| line.starts_with(own)), "{wanted:?} took {line:?}\n{}", done.text);
                }
                let after = sight("flags.yaml", &done.text, &names(flag)).unwrap();
                assert_eq!(after, done.sight);
                // whoever was stopped since it was kept is put back to the byte
                let back = does(&done.text, flag, &Wanted::Put(done.plan.before.clone()));
                assert_eq!(back.text, text, "{flag} {wanted:?}");
                let (twice, kept) = (does(&done.text, flag, &Wanted::Stop), done.plan.before);
                assert_eq!(does(&twice.text, flag, &Wanted::Put(kept)).text, text, "{flag} {wanted:?}, then stopped");
            }
        }
    }
}

#[test]
fn given_an_exclusion_before_a_stop_when_stepped_back_then_it_holds_at_every_step_and_putting_back_restores_every_byte()
{
    let text = does(FILE, "other", &excluded()).text;
    let stopped = does(&text, "other", &Wanted::Stop);
    let kept = stopped.plan.before;
    let mut now = stopped.text;
    for percent in [5, 25, 100] {
        let step = Wanted::Step(Share::of_percent(percent).unwrap(), kept.clone());
        let done = does(&now, "other", &step);
        assert_eq!(done.sight.excluded.len(), 1, "{percent}: {}", done.text);
        assert_eq!(sight("flags.yaml", &done.text, &names("other")).unwrap(), done.sight);
        now = done.text;
    }
    assert_eq!(does(&now, "other", &Wanted::Put(kept)).text, text);
}

#[test]
fn given_a_plain_default_when_stopped_then_it_stays_as_it_was_written() {
    let plain = "flags:\n  a:\n    state: ENABLED\n    variants: {red: 1, blue: 2}\n    defaultVariant: red # now\n";
    let names = Names { flag: "a", stop: Some("blue"), restore: None };
    let stopped = draft("f", plain, &names, &Wanted::Stop).unwrap();
    assert_eq!(stopped.text, plain.replace("defaultVariant: red", "defaultVariant: blue"));
    let single = plain.replace("defaultVariant: red", "defaultVariant: 'red'");
    let stopped = draft("f", &single, &names, &Wanted::Stop).unwrap();
    assert_eq!(stopped.text, single.replace("'red'", "'blue'"));
    // a disabled flag, without a last line break
    let disabled = plain.replace("ENABLED", "DISABLED");
    let stopped = draft("f", disabled.trim_end(), &names, &Wanted::Stop).unwrap();
    assert!(
        stopped.text.contains("state: ENABLED") && stopped.text.contains("defaultVariant: blue # now"),
        "{}",
        stopped.text
    );
}

#[test]
fn given_flags_as_a_list_when_stopped_then_the_item_changes() {
    let list = "flags:\n  - key: a\n    state: ENABLED\n    variants: {x: 1, y: 2}\n    defaultVariant: x\n  - {key: b, state: ENABLED, variants: {x: 1, y: 2}, defaultVariant: x}\n";
    for flag in ["a", "b"] {
        let names = Names { flag, stop: Some("y"), restore: None };
        let stopped = draft("f", list, &names, &Wanted::Stop).unwrap();
        assert_eq!(differ(&stopped.text, list).len(), 1, "{}", stopped.text);
        assert_eq!(draft("f", &stopped.text, &names, &Wanted::Put(stopped.plan.before)).unwrap().text, list);
    }
}

#[test]
fn given_what_readers_understand_differently_when_read_then_it_is_refused_with_its_line() {
    let cases = [
        ("flags: [", "line 1", "."),
        ("flags: &all {}\n", "an anchor in line 1", "Write out"),
        ("a: 1\nflags: !!map {}\n", "a tag in line 2", "Write out"),
        ("flags:\n  a: 1\n  a: 2\n", "the name a for the second time in line 3", "Correct"),
        ("flags:\n  a: 0x1F\n", "0x1F, which not every reader takes for the same in line 2", "in quotes"),
        ("flags:\n  a: 2019-07-09\n", "2019-07-09", "in quotes"),
        ("flags:\n  a: 1_000\n", "1_000", "in quotes"),
        ("flags:\n  a: +5\n", "+5", "in quotes"),
        ("flags:\n  a: .inf\n", ".inf", "in quotes"),
        ("flags:\n  <<: {}\n", "a merge", "Write out"),
        ("flags: {}\n---\nflags: {}\n", "a second document", "Correct"),
        ("# nothing\n", "nothing but comments", "Correct"),
    ];
    for (text, what, next) in cases {
        let trouble =
            Yaml::parse("flags.yaml", text).err().map(|trouble| trouble.words().to_owned()).unwrap_or_default();
        assert!(
            trouble.contains(what) && trouble.contains(next) && trouble.contains("Nothing was changed"),
            "{text:?}: {trouble}"
        );
    }
    let empty = Yaml::parse("flags.yaml", " \n").err();
    assert!(empty.is_some_and(|trouble| trouble.words().contains("is empty")));
    // texts, although they look like something else at first
    let texts = "flags:\n  a: 1.2.3\n  b: on\n  c: 12:30\n  d: 1-2\n  e: \"0x1F\"\n  1: x\n  true: y\n";
    let twin: Value = serde_json::from_str(&Yaml::parse("f", texts).unwrap().twin()).unwrap();
    assert_eq!(
        twin["flags"],
        serde_json::json!({"a": "1.2.3", "b": "on", "c": "12:30", "d": "1-2", "e": "0x1F", "1": "x", "true": "y"})
    );
}

#[test]
fn given_names_or_values_of_any_kind_when_written_in_one_line_then_they_are_read_as_they_were() {
    let value = serde_json::json!({"if": [{"==": [{"var": "a: b"}, "# no comment"]}, "it's", {"n": [1, -2.5, null, true]}], "é\n": "\\ \" \u{1f600} \u{7}"});
    assert_eq!(serde_json::from_str::<Value>(&tree::read(&tree::flow(&value)).unwrap().json()).unwrap(), value);
    for taken in ["on", "Yes", "null", "1a", "a b", "", "~"] {
        assert_eq!(tree::plain(taken), None, "{taken}");
    }
}

proptest! {
    #[test]
    fn whatever_is_written_around_a_flag_stays_and_what_is_put_back_is_what_was(
        indent in 1..5_usize, comment in "[ -~]{0,12}", value in "[a-z]{1,6}", last in any::<bool>(), more in any::<bool>(),
    ) {
        let pad = " ".repeat(indent);
        let rules = if more { format!("{pad}{pad}targeting:\n{pad}{pad}{pad}if: [true, \"x\"] #{comment}\n") } else { String::new() };
        let tail = if last { String::new() } else { format!("\n#{comment}\n{pad}after: {{state: ENABLED, variants: {{x: 1}}, defaultVariant: x}}\n") };
        let text = format!(
            "#{comment}\nflags:\n{pad}a: #{comment}\n{pad}{pad}state: ENABLED\n{pad}{pad}variants:\n{pad}{pad}{pad}x: {value}\n{pad}{pad}{pad}y: \"{value}2\" #{comment}\n{pad}{pad}defaultVariant: x #{comment}\n{rules}{tail}"
        );
        let names = Names { flag: "a", stop: Some("y"), restore: None };
        for wanted in [Wanted::Stop, excluded()] {
            let done = draft("f", &text, &names, &wanted).unwrap();
            prop_assert_eq!(done.text.matches(&format!("#{comment}")).count() >= text.matches(&format!("#{comment}")).count() - usize::from(more), true);
            let back = draft("f", &done.text, &names, &Wanted::Put(done.plan.before)).unwrap();
            prop_assert_eq!(back.text, text.clone());
        }
    }

    #[test]
    fn whatever_it_is_given_it_does_not_panic(text in "[\\[\\]{}:,#&*!|>'\"%@ \\-a1\\n]{0,60}") {
        let _ = tree::read(&text);
    }
}
