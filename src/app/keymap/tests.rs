//! The table of keys, and what each of them does.

use super::*;

fn key(text: &str) -> Key {
    text.parse().unwrap()
}

fn built_in() -> Keymap {
    Keymap::built_in().unwrap()
}

fn refused(text: &str) -> String {
    built_in().overlaid("mine.toml", text).unwrap_err().to_string()
}

#[test]
fn given_the_built_in_keymap_when_read_then_every_action_has_words_and_no_key_means_two_things() {
    let keymap = built_in();
    for action in Action::ALL {
        assert!(keymap.about(*action).is_some_and(|about| !about.desc.is_empty()), "{action}");
    }
    for focus in When::ALL {
        // over the panels the letters for everywhere mean nothing
        let everywhere = !matches!(focus, When::Incidents | When::Holds | When::Changes);
        for a in &keymap.bindings {
            let holds = |b: &&Binding| b.when == focus || (everywhere && b.when == When::Any);
            let same = keymap.bindings.iter().filter(holds).filter(|b| a.key == b.key);
            assert!(same.count() <= 1, "{} in {}", a.key, focus.name());
        }
    }
}

#[test]
fn given_the_built_in_keymap_when_asked_for_danger_then_it_is_what_reaches_outside() {
    let keymap = built_in();
    let dangerous: Vec<Action> =
        keymap.lines(When::Any).filter(|line| line.about.danger).map(|line| line.action).collect();
    assert_eq!(dangerous, [Action::Update, Action::Switch]);
}

#[test]
fn given_the_built_in_keymap_when_the_footer_is_asked_then_it_is_in_order_with_keys() {
    let keymap = built_in();
    let footer: Vec<String> =
        keymap.footer(When::Timeline).iter().map(|line| format!("{} {}", line.keys[0], line.about.desc)).collect();
    assert_eq!(
        footer.join("  "),
        "n note  d decide  c check-in  u update  t task  s status  r roles  x switch  f freeze  v changes  / find  : all  ? help"
    );
}

#[test]
fn given_the_built_in_keymap_when_help_is_asked_then_it_lists_every_action_once() {
    let keymap = built_in();
    let listed: Vec<Action> = keymap.lines(When::Any).map(|line| line.action).collect();
    assert_eq!(listed, Action::ALL);
    assert_eq!(keymap.keys(When::Burn, Action::MoveDown), [key("j"), key("<down>")]);
    assert!(keymap.keys(When::Any, Action::Close).is_empty());
}

#[test]
fn given_a_keymap_of_ones_own_when_overlaid_then_its_rows_win_and_the_rest_stays() {
    let mine = "[[key]]\non = \"n\"\nrun = \"decide\"\n[[key]]\non = \"d\"\nrun = \"nothing\"\n\
                    [[key]]\non = \"j\"\nrun = \"page-down\"\nwhen = \"timeline\"\n[[key]]\non = \"X\"\nrun = \"switch\"\ndanger = false\n";
    let keymap = built_in().overlaid("mine.toml", mine).unwrap();
    assert_eq!(keymap.action(When::Any, key("n")), Some(Action::Decide));
    assert_eq!(keymap.action(When::Any, key("d")), None);
    assert_eq!(keymap.action(When::Any, key("c")), Some(Action::CheckIn));
    assert_eq!(keymap.action(When::Timeline, key("j")), Some(Action::PageDown));
    assert_eq!(keymap.action(When::Burn, key("j")), Some(Action::MoveDown));
    assert_eq!(keymap.keys(When::Timeline, Action::MoveDown), [key("<down>")]);
    assert!(keymap.keys(When::Any, Action::Note).is_empty());
    assert!(!keymap.footer(When::Any).iter().any(|line| line.action == Action::Note));
    assert_eq!(keymap.about(Action::Decide).map(|about| about.desc.as_str()), Some("decide"));
    assert!(keymap.about(Action::Switch).is_some_and(|about| about.danger), "danger is never taken away");
}

#[test]
fn given_mistakes_when_read_then_file_line_and_the_nearest_name_are_said() {
    let now = "The keymap was not loaded";
    assert_eq!(
        refused("[[key]]\non = \"n\"\nrun = \"notes\"\n"),
        format!("mine.toml, line 3: `notes` is not an action. {now}. Write `note` if that was meant.")
    );
    assert_eq!(
        refused("[[key]]\nonn = \"n\"\nrun = \"note\"\n"),
        format!("mine.toml, line 2: `onn` is not a field of a key. {now}. Write `on` if that was meant.")
    );
    assert_eq!(
        refused("\n[[key]]\non = \"<entr>\"\nrun = \"note\"\n"),
        format!("mine.toml, line 3: `<entr>` is not a key. {now}. Write `<enter>` if that was meant.")
    );
    assert_eq!(
        refused("[[key]]\non = \"a\"\nrun = \"note\"\n[[key]]\non = \"a\"\nrun = \"task\"\n"),
        format!("mine.toml, line 5: `a` stands twice for any. {now}. Remove one of the two rows.")
    );
    for (text, line) in [
        ("[[key]]\non = \"n\"\n", 1),
        ("[[kye]]\n", 1),
        ("key = 3\n", 1),
        ("key = [3]\n", 1),
        ("[[key]]\nrun = 3\n", 2),
        ("[[key]]\nrun = \"note\"\nwhen = \"timelin\"\n", 3),
        ("[[key]]\nrun = \"note\"\ndanger = \"yes\"\n", 3),
        ("[[key]]\nrun = \"note\"\nfooter = 1.5\n", 3),
        ("[[key]]\nrun = \"note\n", 2),
    ] {
        assert!(refused(text).starts_with(&format!("mine.toml, line {line}: ")), "{text}: {}", refused(text));
    }
}
