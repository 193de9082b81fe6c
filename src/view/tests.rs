//! Laws of every screen: it is drawn at any size, each panel stays in its place, an idle second changes only the clock, and
//! the list moves only when it must.

use super::sample::{Journal, at, dump, empty, keys, minute_14, now, overdue, theme};
use super::*;
use crate::app::msg::Msg;
use crate::app::{Notice, Panel, Stirred, update};
use crate::incident::entry::EntryId;
use crate::incident::time::Span;
use proptest::prelude::*;

fn lines(app: &App, columns: u16, rows: u16) -> Vec<String> {
    let mut buf = Buffer::empty(Rect::new(0, 0, columns, rows));
    draw(app, &theme("plain"), now(), buf.area, &mut buf);
    dump(&buf)
}

fn hostile() -> App {
    let mut j = Journal::new();
    j.entries = overdue().log.entries().to_vec();
    let texts = [
        "\u{1b}]52;c;aGk=\u{7}\u{202e}tset\u{202c}\0\u{9b}31m".to_string(),
        "日本語のとても長い文章です。".repeat(9),
        "👨\u{200d}👩\u{200d}👧🇪🇺e\u{301}".repeat(50),
        "x".repeat(4_000),
        "first\nsecond\r\nthird\n".repeat(40),
        String::new(),
    ];
    for (n, text) in texts.iter().enumerate() {
        j.note(&format!("23:04:0{n}"), text.get(..60).unwrap_or(text), text);
    }
    let mut app = sample::with(j.entries);
    app.person.name = texts.concat().into();
    app.switches = vec![sample::switch(&texts[1], &texts[2], Err(&texts[3]), now())];
    app.switches.push(sample::switch(&texts[0], &texts[4], Ok(&texts[2]), at("22:00:00")));
    app.hush = Some((now(), texts[2].clone()));
    app
}

/// How many states a law must hold in.
const STATES: usize = 7;

/// One of them.
fn state(which: usize) -> App {
    match which {
        0 => minute_14(),
        1 => overdue(),
        2 => empty(),
        3 => hostile(),
        4 => {
            let mut app = sample::in_a_drill(overdue());
            let words =
                "The journal cannot be written: the disk is full. What is typed is kept beside it. Free some space.";
            app.trouble = Some(words.into());
            app.notice = Some(Notice { words: words.repeat(3), bad: true, until: at("23:10:00") });
            app
        }
        5 => {
            let mut app = empty();
            let entries = overdue().log.entries().to_vec();
            update(&mut app, now(), Msg::Glimpse { number: 412, entries, total: 100_000 });
            app
        }
        _ => {
            let mut app = minute_14();
            keys(&mut app, "/ r e l e a s e <enter>");
            app
        }
    }
}

#[test]
fn given_a_drill_when_a_form_is_open_then_what_to_type_stays_in_sight() {
    let mut app = sample::in_a_drill(empty());
    keys(&mut app, "i");
    for (columns, rows) in [(80, 24), (120, 36)] {
        let shown = lines(&app, columns, rows);
        assert!(shown.iter().any(|row| row.starts_with("guide  Requests are refused.")), "{shown:#?}");
        assert!(shown.iter().any(|row| row.contains("Enter declares")), "{shown:#?}");
        assert!(!shown.iter().any(|row| row.contains("Esc hides")), "{shown:#?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_state_is_drawn_at_any_size_and_nothing_outside(
        which in 0..STATES, columns in 1u16..200, rows in 1u16..70, focus in 0usize..4, zoomed: bool,
    ) {
        let mut app = state(which);
        app.focus = Panel::ALL[focus];
        app.zoomed = zoomed;
        let mut buf = sample::marked(columns + 4, rows + 3);
        let area = Rect::new(2, 1, columns, rows);
        draw(&app, &theme("dark"), now(), area, &mut buf);
        prop_assert!(sample::is_marked_outside(&buf, area));
    }

    #[test]
    fn every_panel_stays_in_its_place(which in 0..STATES, panel in 0usize..7, columns in 0u16..150, rows in 0u16..20) {
        let panels: [super::Panel; 7] = [
            header::draw,
            priorities::draw,
            switches::draw,
            presence::draw,
            presence::guide,
            footer::draw,
            |app, theme, now, area, buf| {
                timeline::draw(app, theme, now, area, buf);
            },
        ];
        let mut buf = sample::marked(columns + 4, rows + 3);
        let area = Rect::new(2, 1, columns, rows);
        panels[panel](&state(which), &theme("dark"), now(), area, &mut buf);
        prop_assert!(sample::is_marked_outside(&buf, area));
        // nor beyond the buffer, wherever it is told to draw
        let beyond = Rect::new(columns, rows, columns, rows);
        panels[panel](&minute_14(), &theme("dark"), now(), beyond, &mut buf);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn the_selection_is_visible_and_the_list_moves_only_when_it_must(
        pressed in proptest::collection::vec(0usize..6, 1..40), columns in 60u16..130, rows in 16u16..50,
    ) {
        let mut app = hostile();
        app.switches.clear();
        app.focus = Panel::Timeline;
        let mut before: Option<(EntryId, EntryId)> = None;
        for key in pressed {
            keys(&mut app, ["j", "k", "g", "G", "<pgup>", "<pgdn>"][key]);
            let mut buf = Buffer::empty(Rect::new(0, 0, columns, rows));
            let spots = draw(&app, &theme("plain"), now(), buf.area, &mut buf);
            let place = |id: EntryId| app.log.row_of(id).expect("a row");
            let (first, last) = spots.timeline.expect("entries");
            if let Some(selected) = app.timeline.selected {
                prop_assert!((place(first)..=place(last)).contains(&place(selected)));
                if let Some((top, end)) = before {
                    // what was visible above the last row stays where it was
                    let inside = place(top) <= place(selected) && place(selected) < place(end);
                    prop_assert!(!inside || first == top, "moved without need");
                }
            } else {
                prop_assert_eq!(place(last) + 1, app.log.rows(), "following shows the newest");
            }
            before = spots.timeline;
            app.spots = spots;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_is_drawn_again_after_moving_is_what_a_whole_frame_shows(
        which in 0..STATES, pressed in proptest::collection::vec(0usize..12, 1..25), columns in 1u16..170, rows in 1u16..60,
        noticed: bool, zoomed: bool,
    ) {
        let mut app = state(which);
        app.focus = Panel::Timeline;
        app.zoomed = zoomed;
        if noticed {
            app.notice = Some(Notice { words: "Something was done.".into(), bad: false, until: at("23:59:00") });
        }
        let area = Rect::new(0, 0, columns, rows);
        let mut stands = Buffer::empty(area);
        app.spots = draw(&app, &theme("dark"), now(), area, &mut stands);
        for key in pressed {
            let key = ["j", "k", "j", "k", "g", "G", "<pgup>", "<pgdn>", "<tab>", "4", "z", "<esc>"][key];
            for key in crate::app::key::parse_run(key).expect("a key") {
                update(&mut app, now(), Msg::Key(key));
            }
            let mut whole = Buffer::empty(area);
            let whole_spots = draw(&app, &theme("dark"), now(), area, &mut whole);
            if app.stirred == Stirred::Record {
                let mut rubbish = sample::marked(columns, rows);
                if let Some((spots, places)) = draw_record(&app, &theme("dark"), now(), area, &mut rubbish) {
                    for place in places {
                        for position in place.positions() {
                            stands[position] = rubbish[position].clone();
                        }
                    }
                    prop_assert_eq!(&spots, &whole_spots);
                    prop_assert!(stands == whole, "{:#?}\nis not\n{:#?}", dump(&stands), dump(&whole));
                }
            }
            stands = whole;
            app.timeline.top = whole_spots.timeline.map(|(top, _)| top);
            app.spots = whole_spots;
        }
    }
}

#[test]
fn moving_in_the_record_is_drawn_alone_and_nothing_else_is() {
    let mut app = minute_14();
    let area = Rect::new(0, 0, 120, 36);
    app.spots = draw(&app, &theme("dark"), now(), area, &mut Buffer::empty(area));
    keys(&mut app, "4 k");
    assert_eq!(app.stirred, Stirred::Record);
    assert!(draw_record(&app, &theme("dark"), now(), area, &mut Buffer::empty(area)).is_some());
    for run in ["1 j", "2 j", "n a", "<esc>", ":", "<esc>"] {
        keys(&mut app, run);
        assert_eq!(app.stirred, Stirred::All, "{run}");
    }
    // what was ignored stands in the footer, and goes with the next key
    keys(&mut app, "4");
    app.hush = Some((now().minus(Span::minutes(1)), "xyz".into()));
    for key in crate::app::key::parse_run("k").expect("a key") {
        update(&mut app, now(), Msg::Key(key));
    }
    assert_eq!((app.stirred, &app.hush), (Stirred::All, &None));
}

#[test]
fn an_idle_second_changes_only_the_clock() {
    for app in [minute_14(), overdue(), empty()] {
        for theme in ["dark", "plain"].map(theme) {
            let area = Rect::new(0, 0, 120, 36);
            let then = at("23:02:30");
            let mut one = Buffer::empty(area);
            draw(&app, &theme, then, area, &mut one);
            let mut other = Buffer::empty(area);
            draw(&app, &theme, then.plus(Span::seconds(1)), area, &mut other);
            let changed: Vec<_> = one.diff(&other).into_iter().map(|(x, y, _)| (x, y)).collect();
            assert!(changed.len() <= 2 && changed.iter().all(|(_, y)| *y == 0), "{changed:?}");
        }
    }
}

#[test]
fn a_small_screen_says_so_and_shows_what_is_most_urgent() {
    assert_eq!(
        lines(&overdue(), 36, 6),
        [
            "SEV1 INVESTIGATING 11 min",
            "OVERDUE 4 min  check-in 23:00  c",
            "OVERDUE 4 min  first internal updat…",
            "in 25 min  public update 23:30  u",
            "",
            "too small: 80x24 shows all"
        ]
    );
    assert_eq!(lines(&overdue(), 20, 1), ["SEV1 too small"]);
    assert_eq!(lines(&empty(), 24, 2), ["none declared too small", ""]);
    assert_eq!(lines(&overdue(), 1, 1), ["…"]);
}

#[test]
fn what_is_not_configured_is_not_drawn() {
    let mut app = overdue();
    assert!(lines(&app, 120, 36).iter().any(|line| line.contains("Switches")));
    app.switches.clear();
    let drawn = lines(&app, 120, 36);
    assert!(!drawn.iter().any(|line| line.contains("Switches")), "{drawn:#?}");
    assert_eq!(drawn.iter().filter(|line| line.contains("Timeline")).count(), 1);
}

#[test]
fn zoomed_the_focused_panel_has_everything_between_header_and_footer() {
    let mut app = overdue();
    keys(&mut app, "1 z");
    let drawn = lines(&app, 120, 36);
    assert!(drawn[3].starts_with("━━ Priorities"), "{drawn:#?}");
    assert!(!drawn.iter().any(|line| line.contains("Timeline")));
    keys(&mut app, "z");
    assert!(lines(&app, 120, 36).iter().any(|line| line.contains("Timeline")));
}

#[test]
fn before_everything_was_read_no_figure_is_claimed() {
    let drawn = lines(&state(5), 100, 30);
    assert!(drawn[0].starts_with("SEV –   reading 0 of 100,000"), "{drawn:#?}");
    assert!(!drawn.iter().any(|line| line.contains("no answer yet") || line.contains("OVERDUE")));
}

#[test]
fn given_a_prompt_when_it_is_open_then_the_record_above_it_still_ends_with_the_newest_entry() {
    let mut app = overdue();
    let newest = "keep 1823 off new hosts";
    for size in [(80, 24), (120, 36)] {
        assert!(lines(&app, size.0, size.1).iter().any(|line| line.contains(newest)), "{size:?}");
    }
    keys(&mut app, "n");
    for size in [(80, 24), (120, 36)] {
        let drawn = lines(&app, size.0, size.1);
        let place = |words: &str| drawn.iter().position(|line| line.contains(words));
        assert!(place(newest) < place("━━ Note") && place(newest).is_some(), "{drawn:#?}");
    }
}

#[test]
fn given_a_chosen_entry_when_it_is_asked_about_then_the_question_does_not_hide_it() {
    let mut app = overdue();
    keys(&mut app, "4 k k e");
    let drawn = lines(&app, 120, 36);
    let id = app.timeline.selected.expect("one is chosen");
    let entry = app.log.entries().iter().find(|entry| entry.id == id).expect("it is there");
    let clock = entry.at.clock();
    let place = |words: &str| drawn.iter().position(|line| line.starts_with(words));
    assert!(place(&clock).is_some_and(|row| Some(row) < place("━━ Correct")), "{drawn:#?}");
}
