//! Everything about one switch: what it serves, who says so, and what was done with it.
//!
//! It must not know how it is drawn.

use super::{Page, moment};
use crate::app::App;
use crate::incident::intent::{Act, Intent};
use crate::incident::time::{Span, Time};
use crate::view::acted::place;
use crate::view::burn::title::coarse;
use crate::view::theme::Meaning;

/// How many acts are shown, the newest first.
const MOST: usize = 50;

/// Puts the rows together; answers with words for the title.
pub(super) fn rows(app: &App, name: &str, now: Time, page: &mut Page) -> String {
    let Some(desk) = app.switches.iter().find(|desk| desk.name == name) else {
        page.add(
            "",
            format!("{name} is not configured here. Nothing is known about it. Add a [[switch]] to the configuration."),
        );
        return name.into();
    };
    page.add("in", &desk.environment);
    match &desk.feed.last {
        Some((at, sight)) => {
            let age = now.since(*at);
            let stale = age >= Span::seconds(15) || desk.feed.trouble.is_some();
            let seen = if stale { Meaning::Stale } else { Meaning::Heading };
            let stopped = match sight.standing() {
                Some(word @ "STOPPED") => format!("{word}: everybody gets the value of a stop"),
                Some(word) => format!("{word}: some get the value of a stop"),
                None => String::new(),
            };
            page.add_as("stands", stopped, if stale { Meaning::Stale } else { Meaning::Warn });
            page.add_as("serves", sight.served(desk.offers.whom.as_deref()), seen);
            page.add("variant", sight.variant.as_deref().unwrap_or_default());
            page.add("that means", &sight.words);
            if sight.targeting {
                page.add_as("but", "some get another value by a rule of their own", Meaning::Warn);
            }
            let changed = sight.changed.as_ref().map(|(at, by)| format!("{} by {by}", moment(app, *at)));
            page.add("changed there", changed.unwrap_or_default());
            let age = if stale { format!("{} ago", coarse(age)) } else { "live".into() };
            page.add_as(
                "seen",
                format!("{}   {age}", moment(app, *at)),
                if stale { Meaning::Stale } else { Meaning::Text },
            );
        }
        None => page.add_as("serves", "UNKNOWN: nobody has answered yet", Meaning::Unknown),
    }
    if let Some((at, trouble)) = &desk.feed.trouble {
        page.add_as("trouble", format!("{} {}", at.exactly_beside(now), trouble.words()), Meaning::Unknown);
    }
    page.add("a stop serves", &desk.stop);
    let friction = match (desk.critical, desk.offers.audited) {
        (true, _) => "its exact name must be typed",
        (false, true) => "a preview, then Enter, unless its provider asks for more",
        (false, false) => "a preview, then Enter",
    };
    page.add("friction", friction);
    let known = app.acts();
    let undo = known.to_undo().find(|intent| intent.what.target == name);
    let undo = undo.map(|act| {
        let (what, at) = (act.what.called(), act.at.exactly_beside(now));
        format!("the {what} of {at} by {}{}", act.by, place(app, act))
    });
    page.add_as("to undo", undo.unwrap_or_default(), Meaning::Due);
    let back = known.came_back_on(name).and_then(|act| Some((act.what.called(), act.came_back_words(now)?)));
    let back = back.map(|(what, back)| format!("the {what} was {back}: nothing is left to undo"));
    page.add("put back", back.unwrap_or_default());
    for (probe, words) in app.soaks_on(name, now) {
        page.add("probe", format!("{probe} {words}"));
    }
    let on_it = |act: &&Intent| act.what.target == name && act.what.act != Act::Publish;
    let acts: Vec<&Intent> = known.all().iter().rev().filter(on_it).take(MOST).collect();
    page.heading(if acts.is_empty() { "No act in this journal" } else { "Acts on it, the newest first" });
    for (row, act) in acts.into_iter().enumerate() {
        if row > 0 {
            page.add(" ", " ");
        }
        super::entry::act(app, act, page);
        page.add("done in", stream(app, act));
    }
    name.into()
}

/// The stream in which an act was done.
fn stream(app: &App, act: &Intent) -> String {
    match app.done_in(act.id) {
        Some(number) => format!("incident {number}"),
        None if app.standing.intents().find(act.id).is_some() => "no incident: none was open".into(),
        None => "this incident".into(),
    }
}
