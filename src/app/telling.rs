//! What is asked when people are told something, and the time that is promised unless somebody says otherwise. It must not know who reads it.

use super::App;
use super::field::Field;
use crate::incident::phase::Phase;
use crate::incident::promise::Audience;
use crate::incident::time::{Span, Time};

/// The text, until when the next one is promised, and for whom it is.
pub(super) fn fields(app: &App, audience: Audience, now: Time) -> Vec<Field> {
    let audience_word = if audience == Audience::Public { "public" } else { "internal" };
    vec![
        Field::new("text", "what people are told: impact first, no cause unless sure").with_lines(),
        Field::new("next by", "23:30 or in 30m, UTC").optional().suggested(&next_update(app, audience, now)),
        Field::new("for", "public or internal").optional().suggested(audience_word),
    ]
}

/// The slot that the next update is promised for unless somebody says otherwise: the slot after the one being answered.
fn next_update(app: &App, audience: Audience, now: Time) -> String {
    let rhythm = app.rules.rhythm(app.incident.severity());
    let minutes = if audience == Audience::Public { &rhythm.public } else { &rhythm.internal };
    let slot = crate::incident::cadence::next_slot(minutes, now.plus(Span::minutes(10)), false);
    slot.filter(|_| app.incident.phase() < Phase::Resolved).map(Time::clock_minutes).unwrap_or_default()
}
