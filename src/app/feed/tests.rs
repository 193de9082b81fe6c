//! Feeds, by the answers that come and the moments at which they do.

use super::*;

#[test]
fn given_somebody_who_fails_when_asked_again_then_ever_more_seldom_until_an_answer_comes() {
    let (mut now, pace) = (Time(0), Pace::far(Span::seconds(15)));
    let mut feed: Feed<i32> = Feed::default();
    let fail = |feed: &mut Feed<i32>, now: Time, trouble: Trouble| {
        let ticket = feed.ask(now);
        feed.take(ticket, now, pace, Err(trouble));
        feed.due.map_or(0, |due| due.since(now).as_seconds())
    };
    let waits: Vec<i64> = (0..7)
        .map(|_| {
            let wait = fail(&mut feed, now, Trouble::Unreachable("down".into()));
            now = now.plus(Span::seconds(wait));
            wait
        })
        .collect();
    assert_eq!(waits, [15, 30, 60, 120, 240, 300, 300]);
    assert_eq!(feed.retries(), Some(now));
    assert_eq!(fail(&mut feed, now, Trouble::Slowed(now.plus(Span::seconds(47)), "slow".into())), 47);
    let ticket = feed.ask(now);
    feed.take(ticket, now, pace, Ok(1));
    assert_eq!((feed.retries(), feed.due), (None, Some(now.plus(pace.rhythm))));
}

#[test]
fn given_a_question_that_nobody_answers_when_time_passes_then_it_is_asked_again_and_the_late_answer_is_dropped() {
    let second = |s| Time(0).plus(Span::seconds(s));
    let mut feed = Feed::default();
    let lost = feed.ask(second(0));
    assert!(!feed.is_due(second(29)), "one question at a time");
    assert!(feed.is_due(second(30)));
    let next = feed.ask(second(30));
    assert!(!feed.take(lost, second(31), Pace::NEAR, Ok(1)));
    assert_eq!((feed.last, feed.waiting(second(31))), (None, Some(Span::seconds(1))));
    assert!(feed.take(next, second(32), Pace::NEAR, Ok(2)));
    assert_eq!((feed.last, feed.is_due(second(39)), feed.is_due(second(40))), (Some((second(32), 2)), false, true));
}

#[test]
fn given_nobody_who_answers_when_it_was_asked_all_the_time_then_that_is_silence_and_a_clock_that_is_moved_on_is_not() {
    let second = |s| Time(0).plus(Span::seconds(s));
    let long = Span::seconds(60);
    let mut feed = Feed::default();
    let first = feed.ask(second(0));
    assert!(feed.take(first, second(0), Pace::NEAR, Ok(1)));
    assert!(!feed.is_silent(second(900), long), "nobody was asked");
    feed.ask(second(5));
    // what counts as lost is asked once more, and that makes nobody heard
    feed.ask(second(35));
    assert!(!feed.is_silent(second(64), long) && feed.is_silent(second(65), long));
    feed.moved_on();
    assert!(feed.is_due(second(965)) && !feed.is_silent(second(965), long));
    let next = feed.ask(second(965));
    assert!(feed.take(next, second(966), Pace::NEAR, Err(Trouble::Unreachable("down".into()))));
    assert!(feed.is_silent(second(966), long), "it was heard, and said nothing of now");
}

#[test]
fn given_a_clock_that_runs_sixty_times_as_fast_when_an_answer_takes_a_second_then_it_is_neither_lost_nor_old_nor_silence()
 {
    let second = |s| Time(0).plus(Span::seconds(s));
    let long = Span::seconds(15);
    let mut feed = Feed::default();
    feed.keep_up_with(60_000);
    let ticket = feed.ask(second(0));
    assert!(!feed.is_due(second(60)), "a second has passed");
    assert!(feed.take(ticket, second(60), Pace::NEAR, Ok(1)) && feed.is_due(second(120)));
    feed.ask(second(120));
    assert!(feed.is_fresh(second(959), long) && !feed.is_fresh(second(960), long));
    assert!(!feed.is_silent(second(1_019), long) && feed.is_silent(second(1_020), long));
    assert!(feed.is_due(second(1_920)), "half a minute has passed");
}

#[test]
fn given_a_clock_that_is_set_back_when_it_is_asked_whether_it_is_time_then_it_is_and_once_answered_no_more() {
    let minute = |m| Time(0).plus(Span::minutes(m));
    let mut feed = Feed::default();
    let ticket = feed.ask(minute(60));
    assert!(feed.take(ticket, minute(60), Pace::NEAR, Ok(1)));
    assert!(!feed.is_due(minute(60)) && !feed.is_due(minute(60).minus(Span::seconds(4))), "that is no jump");
    assert!(feed.is_due(minute(5)), "not an hour later");
    let ticket = feed.ask(minute(5));
    assert!(!feed.is_due(minute(5)));
    assert!(feed.take(ticket, minute(5), Pace::NEAR, Err(Trouble::Unreachable("down".into()))));
    assert!(!feed.is_due(minute(5)), "nobody is asked again and again");
    feed.ask(minute(6));
    assert!(feed.is_due(minute(1)), "an answer that is waited for since then may never come");
}
