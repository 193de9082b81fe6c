//! The burn chart that looks back, drawn.

use super::*;

/// The words that are drawn, and with which look.
fn looked(app: &App, words: &str) -> Vec<ratatui::style::Style> {
    let mut buf = Buffer::empty(Rect::new(0, 0, 120, 14));
    let area = buf.area;
    draw(app, &sample::theme("dark"), sample::now(), area, &mut buf);
    let text: String = buf.content.iter().map(ratatui::buffer::Cell::symbol).collect();
    let cells = text.match_indices(words).map(|(at, _)| text[..at].chars().count());
    cells.map(|cell| buf.content[cell].style()).collect()
}

#[test]
fn given_a_look_back_when_drawn_then_what_was_then_stands_first_and_nothing_of_now_without_the_word() {
    let now_has_its_word = |rows: &[String], words: &str| {
        let all = rows.join("\n");
        let found = all.match_indices(words).all(|(at, _)| all[..at].ends_with("now ") || all[..at].ends_with("now: "));
        assert!(all.contains(words) && found, "{words}: {all}");
    };
    let mut app = looking_back(past());
    let mut other = slo(Ok(Burn { burn_milli: [Some(2_000); 3], ..burn() }));
    other.name = "servers".into();
    app.slos.push(other);
    for width in [80, 120, 200] {
        let rows = lines(&app, sample::now(), width, 14);
        assert!(rows[0].contains("LOOKING BACK until 23:03, 33.9 % left then"), "{rows:#?}");
        let said = rows[12].as_str();
        assert!(said.starts_with("then: refused 35,100 of 92,000"), "{said}");
        assert!(rows[12..].concat().contains("page: over 14.4x in 1 h and 5 m from 22:52 on"), "{rows:#?}");
        now_has_its_word(&rows, "servers burning");
    }
    // a time of which parts were missing has that word first
    let mut doubted = past();
    if let Some(then) = &mut doubted.then {
        then.state = State::Partial;
    }
    let doubted = lines(&looking_back(doubted), sample::now(), 80, 14);
    assert!(doubted[12].starts_with("PARTIAL   then: refused 35,100 of 92,000"), "{doubted:#?}");
    let rows = lines(&app, sample::now(), 200, 14);
    now_has_its_word(&rows, "NO DATA since 23:04");
    now_has_its_word(&rows, "since 1822 was asked");
    assert!(!rows.concat().contains("exit:"), "{rows:#?}");
    let unknown = sample::theme("dark").style(Meaning::Unknown).fg;
    assert_eq!(looked(&app, "now NO DATA").iter().map(|style| style.fg).collect::<Vec<_>>(), [unknown]);
    // dead servers are as loud as ever
    app.slos[0] = slo(Ok(Burn { state: State::TrafficGone, ..past() }));
    let urgent = sample::theme("dark").style(Meaning::Urgent).fg;
    assert_eq!(looked(&app, "now TRAFFIC GONE").iter().map(|style| style.fg).collect::<Vec<_>>(), [urgent]);
}

#[test]
fn given_a_look_back_when_now_is_known_then_what_is_left_now_has_its_word() {
    let alive = Burn { state: State::Value, remaining_ppm: Some(123_000), ..past() };
    let mut app = looking_back(alive);
    let title = lines(&app, sample::now(), 120, 12).remove(0);
    assert!(title.contains("33.9 % left then, ") && title.contains("12.3 % left now   "), "{title}");
    assert!(!title.contains("before") && !title.contains("live"), "{title}");
    // an answer about the present or about another time says nothing of then
    let (earlier, wider) = (past().from.minus(Span::minutes(1)), Span::seconds(20));
    for other in [burn(), Burn { from: earlier, ..past() }, Burn { step: wider, ..past() }] {
        app.slos[0] = slo(Ok(other));
        let rows = lines(&app, sample::now(), 120, 12);
        assert!(!rows.concat().contains("left then") && !rows.concat().contains("then: "), "{rows:#?}");
    }
}

#[test]
fn given_a_look_back_when_its_time_is_stretched_then_nothing_of_the_time_before_stands_beside_it() {
    let shown = |app: &App| lines(app, sample::now(), 120, 14).concat();
    let mut app = looking_back(past());
    let before = shown(&app);
    assert!(before.contains("left then") && before.contains("then: refused 35,100 of 92,000"), "{before}");
    assert!(!before.contains("reading that time"), "{before}");
    for keys in ["3 +", "-", "-"] {
        sample::keys(&mut app, keys);
        let after = shown(&app);
        assert!(!after.contains("left then") && !after.contains("then: ") && !after.contains("HELD"), "{after}");
        assert!(after.contains("LOOKING BACK until 23:03") && after.contains(" reading that time "), "{after}");
    }
    // whose turn has not come yet has not failed
    let turn = Trouble::Slowed(sample::now().plus(Span::seconds(40)), "Its turn has not come.".into());
    let ticket = app.slos[0].feed.ask(sample::now());
    app.slos[0].feed.take(ticket, sample::now(), crate::app::feed::Pace::NEAR, Err(turn));
    assert!(shown(&app).contains(" reading that time "), "{}", shown(&app));
}

#[test]
fn given_a_look_back_when_what_is_known_of_now_is_doubtful_then_that_has_its_word() {
    let title = |app: &App, later| lines(app, sample::now().plus(Span::seconds(later)), 200, 12).remove(0);
    for (state, words) in [(State::Partial, "now PARTIAL"), (State::Unproven, "now UNPROVEN")] {
        let shown = title(&looking_back(Burn { state, ..past() }), 0);
        assert!(shown.contains(&format!("left then, Esc returns   {words}   ")), "{shown}");
    }
    let alive = Burn { state: State::Value, ..past() };
    let stale = title(&looking_back(alive.clone()), 40);
    assert!(stale.contains("   now stale 40 s   "), "{stale}");
    let mut app = looking_back(alive);
    let ticket = app.slos[0].feed.ask(sample::now());
    let down = Trouble::Unreachable("down".into());
    app.slos[0].feed.take(ticket, sample::now(), crate::app::feed::Pace::NEAR, Err(down));
    assert!(title(&app, 0).contains("   now failing, 0 s old   "), "{}", title(&app, 0));
}

#[test]
fn given_a_look_back_when_there_was_no_event_then_that_is_not_called_unknown() {
    let told = |total| {
        let mut quiet = past();
        quiet.columns.fill(Column { total, bad: 0, remaining_ppm: None });
        lines(&looking_back(quiet), sample::now(), 120, 14).concat()
    };
    assert!(told(Some(0)).contains("then: no events"), "{}", told(Some(0)));
    assert!(told(None).contains("nothing is known of that time"), "{}", told(None));
}

#[test]
fn given_a_look_back_when_nobody_answered_yet_then_it_says_that_it_reads_and_claims_nothing() {
    let mut app = minute_14(Ok(burn()));
    app.look.until = Some(sample::at("20:00:00"));
    let shown = lines(&app, sample::now(), 120, 12);
    assert!(shown[3].contains(" reading that time "), "{}", shown.join("\n"));
    let failed = Err(Trouble::Unreachable("The backend did not answer.".into()));
    app.slos[0].feed.asked = Some((99, sample::now()));
    app.slos[0].feed.take(99, sample::now(), crate::app::feed::Pace::NEAR, failed);
    let shown = lines(&app, sample::now(), 120, 12);
    assert!(shown[3].contains(" that time could not be read "), "{}", shown.join("\n"));
}

#[test]
fn given_a_look_back_out_of_reach_when_drawn_then_that_is_said_and_not_that_nobody_answered_about_now() {
    let beyond = || Err(Trouble::Beyond("hny can be asked about the last 7 days, to X. Nothing was counted.".into()));
    for mut app in [minute_14(beyond()), minute_14(Ok(burn()))] {
        app.look.until = Some(sample::at("20:00:00"));
        app.slos[0].feed.asked = Some((99, sample::now()));
        app.slos[0].feed.take(99, sample::now(), crate::app::feed::Pace::NEAR, beyond());
        for later in [0, 600] {
            let shown = lines(&app, sample::now().plus(Span::seconds(later)), 120, 12);
            assert!(shown[0].contains("LOOKING BACK") && shown[0].contains("OUT OF REACH"), "{}", shown[0]);
            assert!(shown[3].contains(" that time is out of reach "), "{}", shown.join("\n"));
            let all = shown.join("\n");
            assert!(!all.contains("NO ANSWER") && !all.contains("left now"), "{all}");
        }
    }
}
