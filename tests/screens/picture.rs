//! The screen as rows of text. It must not know how it came about.

use quarterdeck::app::{App, Spots};
use quarterdeck::incident::time::Time;

/// Draws: the rows without blanks at their ends, and where things stand.
pub fn draw(app: &App, now: Time, _size: (u16, u16)) -> (Vec<String>, Spots) {
    let mut rows = vec![format!("{:?} {} {}", app.layer, app.incident.severity(), now.clock())];
    rows.extend(app.notice.as_ref().map(|notice| notice.words.clone()));
    rows.extend(app.guide(now).map(str::to_string));
    rows.extend(app.priorities(now).iter().map(|row| format!("{row:?}")));
    rows.extend(app.log.by_time().map(|entry| {
        let line = app.incident.line(entry);
        format!("{} {} {} {} {}", app.incident.happened(entry).clock(), line.label, line.who, line.text, line.aside)
    }));
    (rows, Spots::default())
}
