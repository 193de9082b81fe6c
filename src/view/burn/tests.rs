//! The burn chart, drawn.

mod back;

use super::*;
use crate::query::series::{Bucket, MINUTE};
use crate::view::burning::{burn, drawn, looking_back, minute_14, past, slo};
use crate::view::sample;

use crate::app::feed::Burn;
use crate::incident::trouble::Trouble;
use crate::query::state::State;
use proptest::prelude::*;

fn lines(app: &App, now: Time, width: u16, height: u16) -> Vec<String> {
    let theme = sample::theme("plain");
    drawn(width, height, |area, buf| {
        draw(app, &theme, now, area, buf);
    })
}

#[test]
fn given_servers_that_do_not_say_what_the_balancer_says_when_drawn_then_both_figures_stand_first() {
    let counted = |total, bad| {
        let minute = |m| Bucket { start: m * MINUTE, total, bad };
        Burn { minutes: (0..5).map(minute).collect(), ..burn() }
    };
    let mut app = minute_14(Ok(counted(4_000, 1_600)));
    let servers = SloDesk { same_as: Some("api-availability".into()), ..slo(Ok(counted(2_400, 0))) };
    app.slos.push(SloDesk { name: "servers".into(), ..servers });
    let rows = lines(&app, sample::now(), 120, 14);
    let words = "servers and api-availability DISAGREE: 2,400/min and 4,000/min, 0 and 1,600 bad";
    assert!(rows.iter().any(|row| row.starts_with(words)), "{rows:#?}");
    // what has no room beside it stands below, whole
    let narrow = lines(&app, sample::now(), 80, 14);
    assert!(narrow.iter().any(|row| row.trim_end() == words), "{narrow:#?}");
    // an answer of some minutes ago is not held against one of now
    let later = sample::now().plus(Span::minutes(3));
    assert!(app.disputes(later).is_empty());
    app.slos.truncate(1);
    assert!(app.disputes(sample::now()).is_empty());
}

#[test]
fn given_failures_that_are_no_episode_when_drawn_then_they_are_within_the_budget_only_where_they_are() {
    let few = |rate, hour, left| Burn {
        bad_minute: Some(rate),
        burn_milli: [Some(0), Some(hour / 2), Some(hour)],
        remaining_ppm: Some(left),
        conditions: Vec::new(),
        bad_between: None,
        doubts: Vec::new(),
        ..burn()
    };
    let said = |burn: Burn| {
        let mut app = sample::empty();
        app.slos.push(slo(Ok(burn)));
        lines(&app, sample::now(), 120, 12)[10].clone()
    };
    assert!(said(few(1, 900, 500_000)).starts_with("refused 1/min, within the budget   burn 0.9x"));
    // one of sixty a minute, at 99.9 %
    assert!(said(few(1, 16_667, 500_000)).starts_with("refused 1/min, more than the budget allows   burn 16.7x"));
    let page = Burn { conditions: burn().conditions, ..few(1, 900, 500_000) };
    assert!(said(page).starts_with("refused 1/min, more than the budget allows   page: over 14.4x"));
    assert!(said(few(1, 900, -1)).starts_with("refused 1/min   burn 0.9x"));
    assert!(said(few(0, 16_667, 500_000)).starts_with("refused 0/min   burn 16.7x"));
    // what is not all counted yet says so wherever there is little room
    let counting = Burn { counting: true, bad_between: burn().bad_between, ..few(0, 2_600, 500_000) };
    let mut app = sample::empty();
    app.slos.push(slo(Ok(counting)));
    let narrow = lines(&app, sample::now(), 80, 7).concat();
    assert!(narrow.contains("0/min now   still being counted"), "{narrow}");
}

#[test]
fn given_a_budget_that_is_spent_soon_when_drawn_then_dots_lead_to_zero_and_its_time_stands_there() {
    let fast = Burn { lasts: Some(Span::minutes(20)), ..burn() };
    let rows = lines(&minute_14(Ok(fast)), sample::at("23:02:00"), 120, 14);
    let ahead: Vec<&str> = rows.iter().filter_map(|row| row.split_once('┃').map(|(_, right)| right)).collect();
    let dotted = |row: &&&str| row.contains(['⠁', '⠂', '⠄', '⡀']);
    assert!(ahead.iter().filter(dotted).count() >= 2, "{rows:#?}");
    assert!(ahead.iter().any(|row| row.contains("0 at 23:22 ")), "{rows:#?}");
    // one that lasts for hours, or of which nothing is known, has none
    let gone = Burn { lasts: Some(Span::minutes(20)), state: State::NoData, ..burn() };
    for other in [burn(), gone] {
        let rows = lines(&minute_14(Ok(other)), sample::at("23:02:00"), 120, 14);
        assert!(!rows.iter().any(|row| row.contains("0 at 23:22")), "{rows:#?}");
    }
}

#[test]
fn given_minute_14_when_drawn_then_cause_act_effect_and_debt_stand_on_one_axis() {
    let app = minute_14(Ok(burn()));
    let expected = "\
── Burn   api-availability   30.8 % left (80.0 before)   live, traffic 98 % of usual ───── owed ────────────────────────
   80 % ⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠒⠒⠒⠒⠒⠢⠤⠤⠤⢄⣀⣀⣀                                     ┃ │keep 1823 off new hosts Fay
                                                    ⠉⠉⠉⠒⠒⠒⠤⠤⠤⣀⣀⣀                         ┃             │may resolve
   40 %                                                         ⠉⠉⠉⠒⠒⠒⠤⠤⠤⣀⣀⣀⣀⡀           ┃         public update Ben│
                                                                             ⠈⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉┃
    0 %                                                                                  ┃
refused      most 1,000 in 15 s ▂▃▄▄▄▅▅▆▆▆▆▇▇▇▇████████████████████████████▆▆▆▆          ┃
changed                  │build 1823   │page                   │freeze decided           ┃
  acted                                    │declared   │public   │1822 asked  │1822 seen ┃
           │22:45              │22:50              │22:55              │23:00         now┃ │23:05      │23:17  23:30│
since 1822 was asked: refused 4,000/min -> 0 after 3 min 20 s   page: over 14.4x in 1 h and 5 m
burn 333x in 1 h, 0x in 1 m   lasts 4 h, to 03:04   exit: 15 min good, 2 done   5 of 30 days known   3 bad lines";
    assert_eq!(lines(&app, sample::now(), 120, 12).join("\n"), expected);
}

#[test]
fn given_little_room_when_drawn_then_the_same_order_in_fewer_rows() {
    let app = minute_14(Ok(burn()));
    let expected = "\
── Burn  30.8 % left (80.0 before), traffic 98 % of usual ── owed ──────────────
 80 %     ⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠉⠑⠒⠒⠒⠒⠤⠤⠤⠤⣀⣀⣀⣀⡀         ┃│task Fay
  0 %                                            ⠈⠉⠉⠉⠉⠉⠉⠉⠉⠉┃      │may resolve
  bad      most 2,000 in 30 s ▂▃▄▅▆▆▇▇██████████████▆▆     ┃   public Ben│
 acts                      │1823  ! public│    │1822 │seen ┃
          │22:40    │22:45    │22:50    │22:55          now┃│23:05       │23:30
since 1822 was asked: refused 4,000/min -> 0 after 3 min 20 s";
    assert_eq!(lines(&app, sample::now(), 80, 7).join("\n"), expected);
    assert_eq!(lines(&app, sample::now(), 30, 1).join("\n"), "─ Burn  30.8 % left ──────────");
}

#[test]
fn given_a_budget_far_overspent_when_there_is_little_room_then_no_figure_beside_the_curve_is_cut() {
    for (left, label) in [(1_900_000, "-200% "), (29_900_000, "-3000 "), (140_000_000, "-15k%")] {
        let mut far = burn();
        far.columns.iter_mut().for_each(|column| column.remaining_ppm = column.remaining_ppm.map(|is| is - left));
        let rows = lines(&minute_14(Ok(far)), sample::now(), 80, 7);
        assert!(rows.iter().any(|row| row.starts_with(label)) && !rows.concat().contains('…'), "{label} {rows:#?}");
    }
}

#[test]
fn given_a_source_that_went_quiet_when_drawn_then_nothing_looks_healthy() {
    for (state, word) in [
        (State::NoData, "NO DATA since 22:54"),
        (State::TrafficGone, "TRAFFIC GONE since 22:54"),
        (State::NoTraffic, "NO TRAFFIC since 22:54"),
    ] {
        let quiet = Burn { state, since: Some(sample::at("22:54:00")), good_since: None, ..burn() };
        let shown = lines(&minute_14(Ok(quiet)), sample::now(), 120, 12);
        assert!(shown[0].contains(word) && !shown[0].contains("live"), "{}", shown[0]);
        assert!(shown[3].contains(word), "{}", shown.join("\n"));
        // the curve ends there, and the sentence claims no zero
        let ended = shown[1..6].iter().flat_map(|l| l.chars().skip(60).take(28));
        assert_eq!(ended.filter(|c| ('\u{2801}'..='\u{28ff}').contains(c)).count(), 0);
        let said = shown[10..].join(" ");
        assert!(said.contains("-> not known") && !said.contains("-> 0"), "{said}");
        assert!(said.contains("exit: not known") && !said.contains("burn "), "{said}");
    }
}

#[test]
fn given_answers_that_stop_when_drawn_then_their_age_is_said_and_at_last_that_nobody_answers() {
    let mut app = minute_14(Ok(burn()));
    // nobody was asked: this machine slept
    let slept = lines(&app, sample::now().plus(Span::seconds(120)), 120, 12).remove(0);
    assert!(slept.contains("stale 2 min") && !slept.contains("NO ANSWER"), "{slept}");
    app.slos[0].feed.ask(sample::now());
    let title = |seconds| lines(&app, sample::now().plus(Span::seconds(seconds)), 120, 12).remove(0);
    assert!(title(0).contains("live"));
    assert!(title(30).contains("stale 30 s"), "{}", title(30));
    assert!(title(120).contains("NO ANSWER since 23:04   "), "{}", title(120));
    assert!(title(120).contains("30.8 % left at 23:04"), "{}", title(120));
    let refused = "The backend did not answer. Nothing is known about now. Look at its address.";
    let failing = minute_14(Err(Trouble::Unreachable(refused.into())));
    let shown = lines(&failing, sample::now(), 120, 12);
    assert!(shown[0].contains("NO ANSWER since 23:04") && shown[3].contains("NO ANSWER"), "{}", shown.join("\n"));
    assert!(shown[10].starts_with("The backend did not answer."), "{}", shown[10]);
    let mut asking = minute_14(Ok(burn()));
    asking.slos[0].feed = crate::app::feed::Feed::default();
    assert!(lines(&asking, sample::now(), 120, 12)[3].contains("asking…"));
}

#[test]
fn given_an_act_of_a_moment_ago_when_what_followed_is_told_then_the_minute_before_it_is_not_its_doing() {
    let said = |answered: &str| {
        let after = burn().aftermath.map(|after| crate::app::feed::Aftermath { calm_after: None, ..after });
        let answer = Burn { good_since: None, bad_minute: Some(5_100), aftermath: after, ..burn() };
        let mut app = minute_14(Ok(answer.clone()));
        app.slos[0] = crate::view::burning::slo_asked(sample::at(answered), Ok(answer));
        lines(&app, sample::at(answered), 120, 12).join("\n")
    };
    let soon = said("22:59:10");
    assert!(soon.contains("refused 4,000/min -> too soon to say") && !soon.contains("5,100"), "{soon}");
    assert!(said("22:59:40").contains("refused 4,000/min -> 5,100/min now"), "{}", said("22:59:40"));
}

#[test]
fn given_another_objective_that_burns_when_there_is_little_room_then_these_figures_have_their_own_name_before_them() {
    let mut app = minute_14(Ok(burn()));
    let burning = slo(Ok(Burn { burn_milli: [Some(2_000); 3], ..burn() }));
    app.slos.push(SloDesk { name: "servers".into(), ..burning });
    let title = lines(&app, sample::now(), 80, 7).remove(0);
    assert!(title.starts_with("── Burn  api-availability  30.8 % left  servers burning ─"), "{title}");
}

#[test]
fn given_a_chart_that_is_drawn_in_other_columns_than_were_asked_when_answered_then_it_is_asked_once_more_at_once() {
    use crate::app::feed::Pace;
    use crate::app::msg::{Effect, Msg};
    let mut app = minute_14(Ok(burn()));
    let now = sample::now().plus(Span::seconds(10));
    let asked = |app: &mut App| {
        let effects = crate::app::update(app, now, Msg::Tick);
        let ask = |effect: Effect| if let Effect::Ask(ask) = effect { Some((ask.ticket, ask.columns)) } else { None };
        effects.into_iter().filter_map(ask).collect::<Vec<_>>()
    };
    assert_eq!(asked(&mut app), [(2, 80)], "nothing was drawn yet");
    let area = Rect::new(0, 0, 140, 12);
    app.spots.chart = draw(&app, &sample::theme("plain"), now, area, &mut Buffer::empty(area));
    assert_eq!(asked(&mut app), [], "it is under way");
    app.slos[0].feed.take(2, now, Pace::NEAR, Ok(burn()));
    assert_eq!(asked(&mut app), [(3, 96)]);
    app.slos[0].feed.take(3, now, Pace::NEAR, Ok(burn()));
    assert_eq!(asked(&mut app), []);
}

#[test]
fn given_an_idle_second_when_drawn_again_then_nothing_changes() {
    let app = minute_14(Ok(burn()));
    assert_eq!(lines(&app, sample::now(), 120, 12), lines(&app, sample::now().plus(Span::seconds(1)), 120, 12));
}

#[test]
fn given_a_chart_when_drawn_then_it_is_the_one_that_will_be_asked_for() {
    let mut app = minute_14(Ok(burn()));
    let mut buf = Buffer::empty(Rect::new(0, 0, 120, 12));
    let area = buf.area;
    app.spots.chart = draw(&app, &sample::theme("plain"), sample::now(), area, &mut buf);
    assert_eq!(app.spots.chart, Some(app.chart(sample::now())));
}

proptest! {
    #[test]
    fn given_any_size_when_drawn_then_it_stays_inside(x in 0u16..6, y in 0u16..4, width in 0u16..130, height in 0u16..20, state in 0usize..4, later in 0i64..400_000) {
        let state = [State::Value, State::NoData, State::TrafficGone, State::Partial][state];
        let app = minute_14(Ok(Burn { state, ..burn() }));
        let mut buf = Buffer::empty(Rect::new(0, 0, 140, 24));
        let area = Rect::new(x, y, width, height);
        draw(&app, &sample::theme("dark"), sample::now().plus(Span::seconds(later)), area, &mut buf);
        for (place, cell) in (0..).zip(&buf.content) {
            let (column, row) = (place % 140, place / 140);
            let inside = (x..x + width).contains(&column) && (y..y + height).contains(&row);
            prop_assert!(inside || cell.symbol() == " ", "{column},{row} {:?}", cell.symbol());
        }
    }
}

#[test]
fn given_a_doubt_with_an_explanation_when_drawn_then_the_doubt_stays_and_the_explanation_goes_first() {
    let hole = "no event at all from 2019-07-08 22:50 to 23:50: either nothing was asked of it, or nothing was written";
    let app = minute_14(Ok(Burn { doubts: vec![hole.into(), "3 bad lines".into()], ..burn() }));
    let rows = lines(&app, sample::now(), 120, 12);
    let below = rows.last().unwrap();
    assert!(
        below.starts_with("burn 333x in 1 h, 0x in 1 m   exit: 15 min good, 2 done   no event at all from"),
        "{rows:#?}"
    );
    assert!(below.contains("22:50 to 23:50") && !below.contains("either"), "{rows:#?}");
    let wide = lines(&app, sample::now(), 200, 12);
    assert!(wide.iter().any(|row| row.contains(hole) && row.contains("3 bad lines")), "{wide:#?}");
    // a row of an explanation alone is none
    for width in 60..220 {
        let rows = lines(&app, sample::now(), width, 12);
        assert!(!rows.iter().any(|row| row.contains("either") && !row.contains("no event at all")), "{rows:#?}");
    }
}

#[test]
fn given_figures_that_are_long_when_titled_then_a_time_is_left_out_and_not_cut() {
    let gone = Burn { state: State::TrafficGone, since: Some(sample::at("23:00:00")), ..burn() };
    for (left, words) in [
        (308_000, "Burn  TRAFFIC GONE since 23:00  30.8 % left at 23:04 ━"),
        (-128_765_000, "Burn  TRAFFIC GONE since 23:00  -12876.5 % left ━"),
    ] {
        let mut app = minute_14(Ok(Burn { remaining_ppm: Some(left), ..gone.clone() }));
        (app.zoomed, app.focus) = (true, crate::app::Panel::Burn);
        let rows = lines(&app, sample::now(), 80, 20);
        assert!(rows[0].contains(words), "{rows:#?}");
    }
}

#[test]
fn given_an_objective_that_no_condition_watches_when_titled_then_that_is_said_where_there_is_room() {
    let calm = Burn { conditions: Vec::new(), ..burn() };
    let ticket =
        crate::app::feed::Held { urgency: crate::incident::alert::Urgency::Ticket, ..burn().conditions.remove(0) };
    let title = |burn: Burn, width: u16| lines(&minute_14(Ok(burn)), sample::now(), width, 12).remove(0);
    assert!(
        title(calm.clone(), 160).contains("left (80.0 before)   no condition watches it   "),
        "{}",
        title(calm.clone(), 160)
    );
    assert!(title(Burn { conditions: vec![ticket], ..burn() }, 160).contains("no condition wakes anybody"));
    assert!(!title(burn(), 200).contains("no condition"));
    // it takes no figure's place
    let narrow = title(calm, 80);
    assert!(narrow.contains("30.8 % left (80.0 before), traffic 98 % of usual"), "{narrow}");
}
