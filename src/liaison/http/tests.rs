//! Requests and answers, also those that misbehave.

use super::*;
use crate::incident::time::{SECOND, Span};

const NOW: Time = Time(1_562_716_800_000_000);

#[test]
fn given_retry_after_in_any_form_when_read_then_the_wait_is_in_the_future_and_bounded() {
    let seconds = |text: Option<&str>| slowed(text, NOW, NOW).since(NOW).as_seconds();
    assert_eq!(seconds(Some("17")), 17);
    assert_eq!(seconds(Some("Wed, 10 Jul 2019 00:00:40 GMT")), 40);
    assert_eq!(seconds(Some("2019-07-10T00:00:40Z")), 40);
    for useless in [None, Some(""), Some("soon"), Some("-3"), Some("0"), Some("Tue, 09 Jul 2019 00:00:00 GMT")] {
        assert_eq!(seconds(useless), 30, "{useless:?}");
    }
    assert_eq!(seconds(Some("999999")), 3_600);
    let hour = Span::minutes(60);
    for theirs in [NOW.plus(hour), NOW.minus(hour)] {
        let date = chrono::DateTime::from_timestamp_micros(theirs.0 + 40 * SECOND).unwrap().to_rfc2822();
        assert_eq!(slowed(Some(&date), theirs, NOW).since(NOW), Span::seconds(40), "{date}");
    }
}

#[test]
fn given_a_status_when_judged_then_it_is_the_trouble_it_is() {
    let reply = |status, body: &str| Reply { status, headers: HeaderMap::new(), body: body.into() };
    let http = Http::new("metrics", "http://127.0.0.1:1", Login::Nobody, &[]).unwrap();
    let judged = |status| http.judged(reply(status, "<html>\u{1b}[31mno</html>"), |_| None, NOW).map(|_| ());
    assert!(judged(200).is_ok() && judged(204).is_ok());
    assert!(matches!(judged(401), Err(Trouble::Denied(_))) && matches!(judged(403), Err(Trouble::Denied(_))));
    assert!(matches!(judged(404), Err(Trouble::Refused(_))) && matches!(judged(422), Err(Trouble::Refused(_))));
    assert!(matches!(judged(429), Err(Trouble::Slowed(until, _)) if until == NOW.plus(Span::seconds(30))));
    let failed = judged(502).unwrap_err();
    assert!(
        matches!(&failed, Trouble::Unreachable(words) if words.contains("(502): \"<html>no</html>\"")),
        "{failed:?}"
    );
}
