//! What lies over the panels, drawn last.
//!
//! It must not know what is below.

use super::phrase::Part;
use super::prompt::key;
use super::sheet::{Sheet, wrapped};
use super::theme::{Meaning, Theme};
use super::{changes, confirm, deeds, details, help, holds, incidents, palette, probes, prompt, shares};
use crate::app::{App, Layer};
use crate::incident::impact::counted;
use crate::incident::time::Time;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What a layer took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    /// How many of the lowest rows of the area it lies on.
    pub rows: u16,
    /// How many of its own rows did not fit below.
    pub below: u16,
}

/// Draws the layer over an area, which is whatever it may cover. Prompt, confirmation, palette and list take the lowest rows they need, help
/// and details the whole area.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) -> Cover {
    let area = area.intersection(buf.area);
    if area.is_empty() {
        return Cover::default();
    }
    let low = |rows| Cover { rows, below: 0 };
    let whole = |below| Cover { rows: area.height, below };
    match &app.layer {
        Layer::None => Cover::default(),
        Layer::Prompt(asked) => low(prompt::draw(app, asked, theme, now, area, buf)),
        Layer::Deeds(choice) => low(deeds::draw(choice, theme, area, buf)),
        Layer::Confirm(armed) => low(confirm::draw(app, armed, theme, now, area, buf)),
        Layer::Palette(all) => low(palette::draw(app, all, theme, area, buf)),
        Layer::Help(top) => whole(help::draw(app, theme, now, *top, area, buf)),
        Layer::Details(subject, top) => {
            let keys = [key("Esc", "closes", 0), key("j k", "scroll", 1)].concat();
            whole(details::draw(app, (subject, keys), theme, now, *top, area, buf))
        }
        Layer::Probes(top) => whole(probes::draw(app, theme, now, *top, area, buf)),
        Layer::Changes(picker) => whole(changes::draw(app, picker, theme, now, area, buf)),
        Layer::Shares => whole(shares::draw(app, theme, now, area, buf)),
        Layer::Incidents(picker) => low(incidents::draw(app, picker, theme, now, area, buf)),
        Layer::Holds(picker) => low(holds::draw(app, picker, theme, now, area, buf)),
        Layer::Leave(_, count) => low(leave(*count, theme, area, buf)),
    }
}

fn leave(count: usize, theme: &Theme, area: Rect, buf: &mut Buffer) -> u16 {
    let terminals = counted(count as u64, "other terminal shows", "other terminals show");
    let words = format!("{terminals} this screen through tmux. It closes there too.");
    let rows = wrapped(&words, Sheet::cells(area, 1), 4, Meaning::Text);
    let title = vec![Part::new("Leave?", Meaning::Heading)];
    let keys = [key("y", "leaves", 0), key("any other key", "stays", 0)].concat();
    Sheet { title, columns: vec![rows], keys, ..Sheet::default() }.draw_low(theme, area, buf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Subject;
    use crate::app::key::parse_run;
    use crate::app::msg::Msg;
    use crate::app::update;
    use crate::incident::switch::Plan;
    use crate::incident::time::Span;
    use crate::view::burning::{burn, drawn, minute_14};
    use crate::view::sample::{keys, now, theme};
    use proptest::prelude::*;

    fn press(app: &mut App, keys: &str) {
        for (place, key) in (0..).zip(parse_run(keys).unwrap()) {
            update(app, now().plus(Span(place * 90_000)), Msg::Key(key));
        }
    }

    fn lines(app: &App, width: u16, height: u16) -> Vec<String> {
        let theme = theme("plain");
        drawn(width, height, |area, buf| {
            draw(app, &theme, now(), area, buf);
        })
    }

    fn typed(app: &mut App, text: &str) {
        for c in text.chars() {
            update(app, now(), Msg::Key(crate::app::key::Key::plain(crate::app::key::Code::Char(c))));
        }
    }

    fn armed() -> App {
        let mut app = minute_14(Ok(burn()));
        app.channels = vec!["page".into()];
        let changes = "/flags/release/defaultVariant: \"v1822\" -> \"v1823\"".to_string();
        let plan = Plan { from: "1822".into(), to: "1823".into(), before: "{}".into(), changes, ..Plan::default() };
        press(&mut app, "2 x <enter>");
        let Some(draft) = app.planning().cloned() else { panic!("nothing is planned") };
        update(&mut app, now(), Msg::Planned { switch: 0, draft: Box::new(draft), answer: Ok(Box::new(plan)) });
        app
    }

    #[test]
    fn given_a_note_being_typed_when_drawn_then_it_is_wrapped_and_its_time_is_echoed() {
        let mut app = minute_14(Ok(burn()));
        press(&mut app, "n");
        let empty = [
            "━━ Note ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━",
            "  note  22:49 or -5m first says when; ? asks, ! pins, > decides",
            "  Enter records   Ctrl-J new line   Esc leaves",
        ];
        assert_eq!(lines(&app, 80, 8)[5..], empty);
        typed(
            &mut app,
            "22:49 !the build came from a branch that nobody had built before, says Dev, and it has nothing in it",
        );
        press(&mut app, "<c-j> t w o");
        let filled = [
            "━━ Note ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━",
            "  note  22:49 !the build came from a branch that nobody had built before,",
            "        says Dev, and it has nothing in it",
            "        two",
            "        happened 22:49:00 UTC, 15 min ago, pinned",
            "  Enter records   Ctrl-J new line   Esc keeps the words in drafts",
        ];
        assert_eq!(lines(&app, 80, 8)[2..], filled);
        // in a low place the row with the cursor stays
        assert!(lines(&app, 40, 3)[1].contains("two"), "{:?}", lines(&app, 40, 3));
    }

    #[test]
    fn given_an_update_when_drawn_then_it_says_what_was_told_before_and_who_will_read_it() {
        let mut app = minute_14(Ok(burn()));
        press(&mut app, "u");
        assert!(lines(&app, 100, 10).iter().any(|l| l.contains("no channel is configured: recorded, sent nowhere")));
        app.channels = vec!["page".into(), "slack".into()];
        press(&mut app, "<esc>");
        update(&mut app, now().plus(Span::seconds(2)), Msg::Tick);
        app.hush = None;
        press(&mut app, "u");
        typed(&mut app, "We are going back.");
        press(&mut app, "<tab> <c-u> x <enter>");
        let expected = [
            "━━ Update ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 18 characters",
            "  before   22:56 Ben: \"We are refusing all API traffic.\"",
            "  to       everybody who reads page, slack",
            "  text     We are going back.",
            "  next by  x",
            "  for      public",
            "           \"x\" is not a time",
            "  ! \"x\" is not a time to come.",
            "  Enter records and sends   Tab next field   Esc keeps the words in drafts",
        ];
        assert_eq!(lines(&app, 80, 9), expected);
    }

    #[test]
    fn given_an_armed_act_when_drawn_then_from_to_and_the_exact_name_stand_whole() {
        let mut app = armed();
        typed(&mut app, "release");
        press(&mut app, "<enter>");
        let expected = [
            "━━ REVERT production/release  not sent yet ━━━━━━━━━━━━━━━━━━━━━ disarms in 60 s",
            "  serves now    1822",
            "  will serve    1823",
            "  in            production",
            "  changes       /flags/release/defaultVariant: \"v1822\" -> \"v1823\"",
            "  takes back    the stop of 22:58:40 by Cho",
            "  last act      22:58:40 stop by Cho, done",
            "",
            "  type exactly  production/release",
            "  type          release",
            "  why           for the record; may stay empty",
            "  ! Type production/release exactly; Esc leaves everything as it is.",
            "  Enter sends it, once   Tab next field   Esc leaves everything as it is",
        ];
        assert_eq!(lines(&app, 80, 13), expected);
        let low = lines(&app, 60, 8).join(" ");
        assert!(low.contains("1822") && low.contains("1823") && low.contains("type exactly"), "{low}");
        let tiny = lines(&app, 60, 5).join(" ");
        let tiny: Vec<&str> = tiny.split_whitespace().collect();
        assert!(
            tiny.join(" ").contains("There is no room to show what revert production/release would do."),
            "{tiny:?}"
        );
    }

    #[test]
    fn given_a_long_value_when_armed_then_it_is_wrapped_never_cut() {
        let mut app = armed();
        let long = "z".repeat(200);
        if let Layer::Confirm(confirm) = &mut app.layer {
            confirm.armed[0].plan.to.clone_from(&long);
        }
        let shown: usize = lines(&app, 80, 24).iter().map(|l| l.matches('z').count()).sum();
        assert_eq!(shown, 200);
    }

    #[test]
    fn given_letters_when_the_palette_is_drawn_then_the_chosen_action_is_marked() {
        let mut app = minute_14(Ok(burn()));
        press(&mut app, ": s w");
        let shown = lines(&app, 80, 8);
        assert!(shown[0].ends_with(&format!("1 of {}", palette_hits(&app))), "{}", shown[0]);
        assert_eq!(shown[1], "  : sw");
        assert!(shown[2].starts_with("  > x          switch         (asks first) Stop or restore"), "{}", shown[2]);
        press(&mut app, "<up>");
        let last = lines(&app, 80, 8);
        assert!(last[6].starts_with("  > "), "{}", last.join("\n"));
        press(&mut app, "q q q q");
        assert!(lines(&app, 80, 8).join(" ").contains("Nothing fits these letters."));
    }

    fn palette_hits(app: &App) -> usize {
        if let Layer::Palette(palette) = &app.layer { palette.hits.len() } else { 0 }
    }

    #[test]
    fn given_help_when_scrolled_then_every_action_and_every_state_word_comes_by() {
        let mut app = minute_14(Ok(burn()));
        for width in [60, 120] {
            app.layer = Layer::Help(0);
            let (mut seen, mut turns) = (String::new(), 0);
            loop {
                let mut buf = Buffer::empty(Rect::new(0, 0, width, 20));
                let area = buf.area;
                app.spots.below = draw(&app, &theme("plain"), now(), area, &mut buf).below;
                seen.push_str(&crate::view::sample::dump(&buf).join("\n"));
                turns += 1;
                if app.spots.below == 0 || turns > 40 {
                    break;
                }
                press(&mut app, "<pgdn>");
            }
            for word in
                ["Write down what happened", "Twice leaves", ":impact", "TRAFFIC GONE", "UNSURE", "PARTIAL", "┃"]
            {
                assert!(seen.contains(word), "{word} at {width}");
            }
        }
    }

    #[test]
    fn given_a_corrected_entry_when_asked_who_says_so_then_both_readings_stand_there() {
        let mut app = minute_14(Ok(burn()));
        let note = app.log.entries().iter().find(|e| e.fact.kind() == "noted").unwrap().clone();
        let corrected = crate::incident::record::Corrected {
            entry: note.id,
            text: Some("api-3: no api-server in the build".into()),
            at: Some(crate::view::sample::at("22:57:00")),
            struck: false,
            why: "read again".into(),
        };
        let head = app.incident.head();
        let mut entry = note.clone();
        (entry.seq, entry.id, entry.author) = (head + 1, note.id.offset(1_000), "Eli".into());
        entry.fact = corrected.into();
        update(&mut app, now(), Msg::Entries { number: note.incident, entries: vec![entry], more: false });
        app.layer = Layer::Details(Subject::Entry(note.id), 0);
        let shown = lines(&app, 100, 24);
        let row = |name: &str| shown.iter().find(|l| l.trim_start().starts_with(name)).cloned().unwrap_or_default();
        assert_eq!(row("says"), "  says           api-3: no api-server in the build");
        assert_eq!(row("happened"), "  happened       2019-07-09 22:57:00 UTC   18:57:00 New York");
        assert_eq!(row("late"), "  late           written down 2 min after it happened");
        assert_eq!(row("by"), "  by             Eli, 2019-07-09 22:59:10 UTC   18:59:10 New York");
        assert_eq!(row("said at first"), "  said at first  api-3: api-server: no such file or directory");
        assert_eq!(row("then thought"), "  then thought   2019-07-09 22:57:05 UTC   18:57:05 New York");
        assert_eq!(row("why"), "  why            read again");
    }

    #[test]
    fn given_what_if_when_asked_on_a_narrow_screen_then_the_example_is_of_the_objectives_own_field_and_whole() {
        let mut app = minute_14(Ok(burn()));
        app.slos[0].bad = "http.response.status_code >= 500".into();
        keys(&mut app, "w");
        let shown = lines(&app, 80, 24).join("\n");
        assert!(shown.contains("bad too  such as http.response.status_code = 401; may stay empty"), "{shown}");
        typed(&mut app, "x = 1");
        assert!(lines(&app, 80, 24).join("\n").contains("these too; a leading \"only\" leaves out what is bad now"));
        // a condition without a status code is an example itself
        let hint = |bad: &str, filters| {
            let mut app = minute_14(Ok(burn()));
            (app.slos[0].bad, app.slos[0].filters) = (bad.into(), filters);
            keys(&mut app, "w");
            lines(&app, 80, 24).join("\n")
        };
        assert!(hint("duration_ms > 500", true).contains("a filter like its own: duration_ms > 500"));
        assert!(hint("sum(increase(bad[1m]))", false).contains("what is bad, in the words of its backend"));
    }

    #[test]
    fn given_the_burn_or_a_switch_when_asked_who_says_so_then_source_and_exact_figures_stand_there() {
        let mut app = minute_14(Ok(burn()));
        app.layer = Layer::Details(Subject::Burn, 0);
        let shown = lines(&app, 100, 34).join("\n");
        for words in [
            "by             lb.ndjson: events, bad is http.response.status_code >= 500",
            "answered       2019-07-09 23:04:16 UTC   19:04:16 New York   live",
            "events         172,800,000",
            "allowed bad    86,400",
            "left           30.86 %",
            "burn in 1 h    333x",
            "firing         page: over 14.4x in 1 h and 5 m",
        ] {
            assert!(shown.contains(words), "{words}\n{shown}");
        }
        app.layer = Layer::Details(Subject::Switch("release".into()), 0);
        let shown = lines(&app, 100, 34).join("\n");
        for words in
            ["serves         1822", "to undo        the stop of 22:58:40 by Cho", "outcome        done", "8 of 8 hosts"]
        {
            assert!(shown.contains(words), "{words}\n{shown}");
        }
        app.layer = Layer::Details(Subject::Switch("exports".into()), 0);
        assert!(lines(&app, 100, 34).join("\n").contains("serves         UNKNOWN: nobody has answered yet"));
    }

    proptest! {
        #[test]
        fn given_any_size_when_a_layer_is_drawn_then_it_stays_inside(x in 0u16..4, y in 0u16..3, width in 0u16..130, height in 0u16..24, layer in 0usize..10, top in 0u16..200, text in "(\\PC|\n){0,80}") {
            let mut app = minute_14(Ok(burn()));
            match layer {
                0 => press(&mut app, "n"),
                1 => press(&mut app, "u"),
                2 => app = armed(),
                3 => press(&mut app, ":"),
                4 => app.layer = Layer::Help(top),
                5 => app.layer = Layer::Details(Subject::Burn, top),
                6 => app.layer = Layer::Leave(Box::default(), usize::from(top)),
                7 => app.layer = Layer::Details(Subject::Switch("release".into()), top),
                8 => press(&mut app, "W <enter>"),
                _ => app.layer = Layer::Details(Subject::Entry(app.log.entries()[usize::from(top) % 20].id), top),
            }
            update(&mut app, now(), Msg::Paste(text));
            let mut buf = Buffer::filled(Rect::new(0, 0, 140, 28), ratatui::buffer::Cell::new("~"));
            let cover = draw(&app, &theme("dark"), now(), Rect::new(x, y, width, height), &mut buf);
            prop_assert!(cover.below < 2_000 && cover.rows <= height);
            for (place, cell) in (0..).zip(&buf.content) {
                let (column, row) = (place % 140, place / 140);
                let inside = (x..x + width).contains(&column) && (y..y + height).contains(&row);
                prop_assert!(inside || cell.symbol() == "~", "{column},{row} {:?}", cell.symbol());
            }
        }
    }
}
