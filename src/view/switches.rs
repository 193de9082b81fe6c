//! What can be switched off: what each switch serves, what was asked of it and what came of that.
//!
//! Asked, done, refused, unsure and seen are said in words; a value that nobody can vouch for now is never shown as served.
//! It must not know how a switch is reached.

use super::ages::{FRESH, moment};
use super::footer::key;
use super::held;
use super::row::{Row, narrow, nth, select, title};
use super::text;
use super::theme::{Meaning, Theme};
use crate::app::action::Action;
use crate::app::aftercare::flapping;
use crate::app::{App, Panel, PlanDesk, SwitchDesk};
use crate::incident::intent::{Intent, Outcome};
use crate::incident::second::Asked;
use crate::incident::switch::{Share, Sight, Whom};
use crate::incident::time::{Span, Time};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// An act of another run of the program without an outcome is shown as unsure after this long.
const ORPHANED: Span = Span::minutes(1);
/// What was done within this time was done at once.
const AT_ONCE: Span = Span::seconds(5);
/// Names get so many cells at most.
const NAME: usize = 16;
/// Below this width a switch has one line.
const NARROW: u16 = 44;

/// How many rows it would like to have, its title included.
pub fn wanted(app: &App, now: Time, cells: u16) -> u16 {
    let rows = app.switches.iter().map(|desk| Told::of(app, desk, now).lines(cells, 2));
    narrow(rows.sum::<usize>() + app.plans.len() + held::wanted(app, now)).saturating_add(1)
}

/// There is something to be shown.
pub fn is_needed(app: &App, now: Time) -> bool {
    !app.switches.is_empty() || held::wanted(app, now) > 0
}

/// Draws the panel.
pub fn draw(app: &App, theme: &Theme, now: Time, area: Rect, buf: &mut Buffer) {
    let area = area.intersection(buf.area);
    let body = Rect { y: area.y + area.height.min(1), height: area.height.saturating_sub(1), ..area };
    let told: Vec<Told<'_>> = app.switches.iter().map(|desk| Told::of(app, desk, now)).collect();
    // what is held keeps a row, whatever there is to be switched
    let all = usize::from(body.height);
    let most = all.saturating_sub(told.len()).max(1).min(all);
    let held = held::rows(app, theme, now, most.min(held::wanted(app, now)));
    // a plan is one row; it gives way to what it is made of
    let plans = app.plans.len().min((all - held.len()).saturating_sub(told.len()));
    let rows = all - held.len() - plans;
    let detail = [2, 1, 0].into_iter().find(|d| told.iter().map(|t| t.lines(area.width, *d)).sum::<usize>() <= rows);
    let detail = detail.unwrap_or(0);
    let mut places: Vec<usize> = (0..told.len()).collect();
    places.sort_by_key(|place| told.get(*place).map(|t| t.urgency));
    places.truncate(rows);
    places.sort_unstable();
    let cells = told.iter().map(|t| text::width(&t.desk.name)).max().unwrap_or(0).min(NAME);
    let mut line = 0;
    for told in places.iter().filter_map(|place| told.get(*place)) {
        let top = line;
        for row in told.rows(theme, cells, area.width, detail) {
            row.draw(nth(body, line), buf);
            line += 1;
        }
        if app.focus == Panel::Switches && told.selected {
            let block = Rect { y: body.y + top, height: line - top, ..body };
            select(block.intersection(body), theme, buf);
        }
    }
    for plan in app.plans.iter().take(plans) {
        planned(app, plan, theme).draw(nth(body, line), buf);
        if app.focus == Panel::Switches && app.switch.as_ref() == Some(&plan.name) {
            select(nth(body, line).intersection(body), theme, buf);
        }
        line += 1;
    }
    for row in held {
        row.draw(nth(body, line), buf);
        line += 1;
    }
    heading(app, theme, now, (&told, told.len() - places.len()), area, buf);
}

/// A plan: what it stops, how much of that is stopped, and what the key does.
fn planned<'a>(app: &'a App, plan: &'a PlanDesk, theme: &Theme) -> Row<'a> {
    let stopped = plan.switches.iter().filter(|name| app.acts().undoable(name).is_some()).count();
    let all = plan.switches.len();
    let (words, look, does) = match stopped {
        0 => (format!("stops {}", plan.switches.join(", ")), Meaning::Text, "stops all"),
        n if n == all => (format!("all {all} are stopped"), Meaning::Warn, "reverts all"),
        n => (format!("{n} of {all} are stopped"), Meaning::Warn, "stops the rest"),
    };
    let mut row = Row::new(2);
    row.left(format!("plan {}", plan.name), theme.style(Meaning::Heading), 0).left(words, theme.style(look), 0);
    let key = key(app, Action::Switch);
    if !key.is_empty() && app.switch.as_ref() == Some(&plan.name) {
        row.right(key, theme.style(Meaning::Key), 3).right_near(does, theme.style(Meaning::Muted), 4, 1);
    }
    row
}

fn heading(app: &App, theme: &Theme, now: Time, (told, hidden): (&[Told<'_>], usize), area: Rect, buf: &mut Buffer) {
    let mut row = Row::new(3);
    let name = match (app.switches.is_empty(), held::wanted(app, now)) {
        (true, _) => "Holds",
        (false, 0) => "Switches",
        (false, _) => "Switches and holds",
    };
    row.left(name, theme.style(Meaning::Heading), 0);
    let undo = app.incident.intents().to_undo().count() + app.incident.tasks().undo().count();
    if undo > 0 {
        row.left(format!("{undo} to undo before close"), theme.style(Meaning::Warn), 1);
    }
    let unknown = told.iter().filter(|t| !t.vouched).count();
    if unknown > 0 {
        row.left(format!("{unknown} unknown"), theme.style(Meaning::Unknown), 1);
    }
    if hidden > 0 {
        row.left(format!("{hidden} more"), theme.style(Meaning::Text), 0);
    }
    let environment = app.switches.first().map(|s| s.environment.as_str()).unwrap_or_default();
    if app.switches.iter().all(|s| s.environment == environment) {
        row.left(environment, theme.style(Meaning::Muted), 3);
    }
    title(row, app.focus == Panel::Switches, theme, area, buf);
}

/// What is known about a switch, in words.
struct Told<'a> {
    desk: &'a SwitchDesk,
    selected: bool,
    /// The value shown is what was just read.
    vouched: bool,
    /// The lowest stay when not all fit.
    urgency: u8,
    /// What is served, and its look.
    served: (String, Meaning),
    /// Why that is not known.
    trouble: String,
    /// When it was seen, and its look.
    seen: (String, Meaning),
    /// The last act, how it stands, and its look; short and whole.
    act: Option<(String, String, Meaning)>,
    /// What was seen of its effect.
    effect: (String, String),
    /// What the key does here.
    hint: (String, String),
}

impl<'a> Told<'a> {
    fn of(app: &'a App, desk: &'a SwitchDesk, now: Time) -> Told<'a> {
        let acts = app.acts();
        let stop = acts.undoable(&desk.name);
        // what another incident did and left stopped is not over because this one began
        let last = app.incident.intents().last_on(&desk.name).or(stop);
        let was = stop.and_then(|i| i.what.from.clone());
        let for_some = stop.is_some_and(|i| i.what.whom.is_some() || i.what.share.is_some());
        let (served, seen, vouched) = served(desk, was.as_deref().filter(|_| !for_some), now);
        let trouble = desk.feed.trouble.as_ref().map(|(_, trouble)| first_sentence(trouble.words()));
        let trouble = trouble.unwrap_or_default().to_string();
        let act = last.map(|intent| act(app, desk, intent, now));
        // what was asked for since and not done is not what the last act left
        let waits = app.incident.seconds().open(now).filter(|asked| asked.what.target == desk.name).last();
        let act = waits.map(waiting).or(act);
        let effect = last.map(effect).unwrap_or_default();
        let alarming = act.as_ref().is_some_and(|(.., meaning)| matches!(meaning, Meaning::Unknown | Meaning::Overdue));
        let is_plan = app.plans.iter().any(|plan| Some(&plan.name) == app.switch.as_ref());
        let selected = !is_plan && app.selected_switch().is_some_and(|(_, s)| s.name == desk.name);
        let urgency = match (selected && app.focus == Panel::Switches, alarming, vouched, last) {
            (true, ..) | (_, true, ..) => 0,
            (_, _, _, Some(_)) => 1,
            (_, _, false, _) => 2,
            _ => 3,
        };
        let offers = desk.offers.whom.is_some() || desk.offers.percent;
        let hint = match (stop, was) {
            (Some(stop), Some(was)) if desk.offers.percent && stop.what.whom.is_none() => {
                format!("reverts to {was}, or less")
            }
            (None, _) if offers => "stops for one, some or all".to_owned(),
            (Some(_), Some(was)) => format!("reverts to {was}"),
            (Some(_), None) => "reverts it".into(),
            (None, _) => format!("stops: serve {}", desk.stop),
        };
        let shown = selected && app.incident.opened().is_some();
        let key = if shown || stop.is_some() { key(app, Action::Switch) } else { String::new() };
        Told { desk, selected, vouched, urgency, served, trouble, seen, act, effect, hint: (key, hint) }
    }

    /// How many lines it takes at a level of detail: 0 one, 1 with its act, 2 with what can be done.
    fn lines(&self, cells: u16, detail: u8) -> usize {
        if cells < NARROW || detail == 0 || self.act.is_none() {
            return 1;
        }
        if detail == 1 { 2 } else { 3 }
    }

    fn rows(&self, theme: &Theme, name: usize, cells: u16, detail: u8) -> Vec<Row<'_>> {
        let look = |meaning| theme.style(meaning);
        let lines = self.lines(cells, detail);
        let mut first = Row::new(2);
        first.left(text::pad_right(&self.desk.name, name), look(Meaning::Heading), 0);
        first.left(self.served.0.as_str(), look(self.served.1), 0);
        first.left(self.trouble.as_str(), look(Meaning::Text), 0);
        let targeting = self.desk.feed.last.as_ref().is_some_and(|(_, sight)| sight.targeting);
        if targeting && self.vouched {
            first.left("some get other values", look(Meaning::Warn), 1);
        }
        let (key, hint) = &self.hint;
        if lines == 1 {
            if let Some((short, _, meaning)) = &self.act {
                let rank = if *meaning == Meaning::Text { 3 } else { 0 };
                first.left(short.as_str(), look(*meaning), rank);
            }
            first.right(self.seen.0.as_str(), look(self.seen.1), 2);
            if !key.is_empty() && self.act.is_some() {
                first.right(key.as_str(), look(Meaning::Key), 4);
            }
            return vec![first];
        }
        first.right(self.seen.0.as_str(), look(self.seen.1), 1);
        let mut rows = vec![first];
        let indent = " ".repeat(name);
        if let Some((_, whole, meaning)) = &self.act {
            let mut row = Row::new(2);
            row.left(indent.clone(), look(Meaning::Text), 0).left(whole.as_str(), look(*meaning), 0);
            rows.push(row);
        }
        if lines == 3 {
            let mut row = Row::new(2);
            row.left(indent, look(Meaning::Text), 0).left(self.effect.0.as_str(), look(Meaning::Text), 0);
            row.left(self.effect.1.as_str(), look(Meaning::Muted), 1);
            if !key.is_empty() {
                row.right(key.as_str(), look(Meaning::Key), 0).right_near(hint.as_str(), look(Meaning::Muted), 0, 1);
            }
            rows.push(row);
        }
        rows
    }
}

/// What is served, when it was seen, and whether anybody can vouch for it now.
fn served(desk: &SwitchDesk, was: Option<&str>, now: Time) -> ((String, Meaning), (String, Meaning), bool) {
    let is_news = |was: &&str| desk.feed.last.as_ref().is_none_or(|(_, sight)| sight.value != **was);
    let was = was.filter(is_news).map(|was| format!(", was {was}")).unwrap_or_default();
    match (&desk.feed.trouble, &desk.feed.last) {
        (Some(_), last) => {
            let before = match last {
                Some((at, sight)) => format!("{} at {}", sight.value, moment(*at, now)),
                None => "never seen".into(),
            };
            (("UNKNOWN".into(), Meaning::Unknown), (before, Meaning::Muted), false)
        }
        (None, None) => (("UNKNOWN  looking…".into(), Meaning::Unknown), (String::new(), Meaning::Muted), false),
        (None, Some((at, sight))) => {
            let fresh = now.since(*at) < FRESH;
            let value = match &sight.variant {
                Some(variant) if *variant != sight.value => format!("{} ({variant})", sight.value),
                _ => sight.value.clone(),
            };
            let value = format!("{value}{}", partly(desk, sight));
            if fresh {
                ((format!("serves {value}{was}"), Meaning::Text), ("live".into(), Meaning::Muted), true)
            } else {
                let seen = format!("STALE, seen {}", at.clock());
                ((format!("served {value}{was}"), Meaning::Stale), (seen, Meaning::Stale), false)
            }
        }
    }
}

/// Who gets something else, as far as that is known.
fn partly(desk: &SwitchDesk, sight: &Sight) -> String {
    let share = sight.share.filter(|share| *share != Share::EVERYBODY).map(|share| format!(" to {share}"));
    let mut words = share.unwrap_or_default();
    match sight.excluded.as_slice() {
        [] => {}
        [one] => words.push_str(&format!(", not to {}", called(desk, one))),
        [one, others @ ..] => words.push_str(&format!(", not to {} and {} more", called(desk, one), others.len())),
    }
    words
}

/// A context, without its kind where the switch knows only one.
fn called(desk: &SwitchDesk, whom: &Whom) -> String {
    match &desk.offers.whom {
        Some(kind) if *kind == whom.kind => whom.key.clone(),
        _ => whom.to_string(),
    }
}

/// What happened, without what is true now and what to do next: these are one Enter away.
fn first_sentence(words: &str) -> &str {
    words.split_once(". ").map_or(words, |(first, _)| first).trim_end_matches('.')
}

/// What waits for a second person: nothing was sent.
fn waiting(asked: &Asked) -> (String, String, Meaning) {
    let (deed, by) = (asked.what.draft().deed(), &asked.by);
    let words = format!("{deed} asked {} by {by}, waits for a second person", asked.at.clock());
    (format!("{deed} asked by {by}, WAITS"), words, Meaning::Due)
}

/// That it was done, and when where that took longer than a glance.
fn done(asked: Time, done: Time) -> String {
    if done.since(asked) < AT_ONCE { "done".into() } else { format!("done {}", done.clock()) }
}

/// How the last act stands, short and whole.
fn act(app: &App, desk: &SwitchDesk, intent: &Intent, now: Time) -> (String, String, Meaning) {
    let verb = match (&intent.what.whom, intent.what.share) {
        (Some(whom), _) => format!("stop for {}", called(desk, whom)),
        (None, Some(share)) => format!("{share}"),
        (None, None) => intent.what.act.word().to_owned(),
    };
    let (by, at) = (&intent.by, moment(intent.at, now));
    // whoever it is about needs the room
    let asked = match intent.what.whom {
        Some(_) => format!("{verb}, {by} {}", intent.at.clock()),
        None => format!("{verb} asked {} by {by}", intent.at.clock()),
    };
    let unsure = |since: Time, why: &str| {
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        let short = format!("UNSURE since {}", moment(since, now));
        (format!("{short}, {by}"), format!("{short}, {verb} asked by {by}{why}"), Meaning::Unknown)
    };
    let (short, whole, meaning) = match &intent.end {
        None if intent.is_orphan(app.session) && now.since(intent.at) > ORPHANED => unsure(intent.at, "no outcome"),
        None => (format!("{verb} asked, {by} {at}"), format!("{asked}, no answer yet"), Meaning::Due),
        Some(end) => match end.outcome {
            Outcome::Unsure if intent.is_unsure() => unsure(end.at, &end.detail),
            Outcome::Unsure => (format!("{by} {at}"), asked, Meaning::Text),
            // what a provider has accepted need not have reached anybody yet
            Outcome::Done if observes(app, intent) && intent.seen.is_none() => {
                let whole = format!("{asked}, accepted {}, not observed yet", end.at.clock());
                (format!("{verb} accepted, {by} {at}"), whole, Meaning::Due)
            }
            Outcome::Done => {
                (format!("{verb} done, {by} {at}"), format!("{asked}, {}", done(intent.at, end.at)), Meaning::Text)
            }
            Outcome::Refused if end.approval => {
                let whole = format!("{verb} needs an APPROVAL there: {}", end.detail);
                (format!("{verb} needs APPROVAL, {by} {at}"), whole, Meaning::Due)
            }
            Outcome::Refused => {
                let whole = format!("{verb} REFUSED {}: {}", end.at.clock(), end.detail);
                (format!("{verb} REFUSED, {by} {at}"), whole, Meaning::Warn)
            }
        },
    };
    if let Some(value) = flapping(intent) {
        let by = intent.seen.as_ref().map(|(.., detail)| detail.as_str()).unwrap_or_default();
        let words = format!("FLAPPING BACK: serves {value} again, {by}");
        return (format!("FLAPPING BACK, {by}"), words, Meaning::Overdue);
    }
    let until = intent.what.until.filter(|_| intent.is_done());
    let until = until.map(|until| match until.since(now).as_minutes() {
        left if until > now => format!(", until {} in {} min", until.clock_minutes(), left + 1),
        _ => format!(", was to end {}", until.clock_minutes()),
    });
    let until = until.unwrap_or_default();
    match &intent.seen {
        Some((at, value, _)) => (format!("{short}{until}, seen {value} {}", moment(*at, now)), whole + &until, meaning),
        None => (format!("{short}{until}"), whole + &until, meaning),
    }
}

/// Somebody can say what clients are served after such an act: not which side of a share they are on.
fn observes(app: &App, intent: &Intent) -> bool {
    let desk = app.switches.iter().find(|desk| desk.name == intent.what.target);
    intent.what.serves() && intent.what.share.is_none() && desk.is_some_and(|desk| desk.offers.observes)
}

/// What was seen of an act's effect, where and when.
fn effect(intent: &Intent) -> (String, String) {
    let Some((at, value, detail)) = &intent.seen else { return Default::default() };
    (format!("seen {value} {}", at.clock()), detail.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::intent::{Act, Intended};
    use crate::view::sample::{Journal, at, intended, lines, minute_14, now, overdue, settled, switch, with};

    fn acted(outcome: Option<(Outcome, &str)>) -> App {
        let mut j = Journal { entries: overdue().log.entries().to_vec() };
        let stop = Intended { to: Some("off".into()), ..intended(Act::Stop, "ingest") };
        let stop = j.add("23:02:00", "Cho", stop);
        if let Some((outcome, detail)) = outcome {
            j.add("23:02:10", "Cho", settled(stop, outcome, detail));
        }
        let mut app = with(j.entries);
        app.switches = vec![switch("ingest", "off", Ok("on"), now())];
        app
    }

    #[test]
    fn it_says_what_is_served_what_was_asked_and_what_was_seen() {
        assert_eq!(
            lines(&minute_14(), draw, 60, 6),
            [
                "── Switches   2 to undo before close   1 unknown ───────────",
                "release  serves 1822, was 1823                          live",
                "         stop asked 22:58:40 by Cho, done",
                "         seen 1822 23:01:52  8 of 8 hosts  x reverts to 1823",
                "ingest   serves on                                      live",
                "exports  UNKNOWN  The provider did not answer     never seen",
            ]
        );
    }

    #[test]
    fn with_two_rows_what_was_acted_on_and_what_is_unknown_stay() {
        assert_eq!(
            lines(&minute_14(), draw, 80, 3),
            [
                "── Switches   2 to undo before close   1 unknown   1 more   production ─────────",
                "release  serves 1822, was 1823  stop done, Cho 22:58, seen 1822 23:01    live  x",
                "exports  UNKNOWN  The provider did not answer                         never seen",
            ]
        );
    }

    #[test]
    fn each_outcome_has_its_word() {
        let said = |outcome| lines(&acted(outcome), draw, 80, 4)[2].trim().to_string();
        assert_eq!(said(None), "UNSURE since 23:02, stop asked by Cho: no outcome");
        let unsure = said(Some((Outcome::Unsure, "no answer in 10 s")));
        assert_eq!(unsure, "UNSURE since 23:02, stop asked by Cho: no answer in 10 s");
        assert_eq!(said(Some((Outcome::Refused, "403"))), "stop REFUSED 23:02:10: 403");
        assert_eq!(said(Some((Outcome::Done, ""))), "stop asked 23:02:00 by Cho, done 23:02:10");
        let mut ours = acted(None);
        ours.session = crate::incident::entry::Session(7);
        assert_eq!(lines(&ours, draw, 80, 4)[2].trim(), "stop asked 23:02:00 by Cho, no answer yet");
    }

    #[test]
    fn what_nobody_vouches_for_is_never_said_to_be_served_now() {
        let mut app = minute_14();
        app.switches = vec![switch("ingest", "off", Ok("on"), at("23:03:50"))];
        assert_eq!(lines(&app, draw, 60, 2)[1], "ingest  served on                       STALE, seen 23:03:50");
        let ticket = app.switches[0].feed.ask(now());
        let lost = crate::incident::trouble::Trouble::Unreachable("Nobody answered. Nothing was changed.".into());
        app.switches[0].feed.take(ticket, now(), crate::app::feed::Pace::NEAR, Err(lost));
        assert_eq!(lines(&app, draw, 60, 2)[1], "ingest  UNKNOWN  Nobody answered                 on at 23:03");
    }

    #[test]
    fn some_who_get_another_value_are_mentioned() {
        let mut app = minute_14();
        let sight = Sight { value: "on".into(), targeting: true, ..Sight::default() };
        app.switches = vec![switch("ingest", "off", Ok("on"), now())];
        let ticket = app.switches[0].feed.ask(now());
        app.switches[0].feed.take(ticket, now(), crate::app::feed::Pace::NEAR, Ok(sight));
        assert_eq!(lines(&app, draw, 60, 2)[1], "ingest  serves on  some get other values                live");
    }
}
