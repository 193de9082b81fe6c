//! What is said of those who were asked.

use super::*;

#[test]
fn given_a_look_back_when_said_then_hours_that_are_whole_are_hours() {
    let began = Beginning { at: Time(1_562_712_600_000_000), about: false, what: Begun::Began };
    let said = |minutes| back(began.at.minus(Span::minutes(minutes)), &began);
    assert_eq!(
        [said(24 * 60), said(60), said(75)],
        ["24 h before it began", "1 h before it began", "1 h 15 min before it began"]
    );
}
