//! The world of a `.screen` file: switches, channels and a budget that answer only as written. It must not know the screen.

use quarterdeck::app::SwitchDesk;
use quarterdeck::app::changes::ChangesAsk;
use quarterdeck::app::condition::Spell;
use quarterdeck::app::feed::{Aftermath, Burn, BurnAsk, Column, Held};
use quarterdeck::app::msg::{Errand, Msg};
use quarterdeck::app::probes::{ProbesAsk, Which};
use quarterdeck::app::shares::SharesAsk;
use quarterdeck::app::switches::Offers;
use quarterdeck::app::then::Then;
use quarterdeck::app::would::WouldAsk;
use quarterdeck::incident::alert::Urgency;
use quarterdeck::incident::change::{Changed, Reported, Told};
use quarterdeck::incident::intent::{Act, Intended, Outcome, Seen, Settled};
use quarterdeck::incident::marker::Marker;
use quarterdeck::incident::probe::{Light, Probed, Reading};
use quarterdeck::incident::said::{self, Lean};
use quarterdeck::incident::second::Two;
use quarterdeck::incident::sought::{Found, Sought};
use quarterdeck::incident::switch::{Level, Plan, Share, Sight, Wanted, Whom};
use quarterdeck::incident::time::{Span, Time};
use quarterdeck::incident::trouble::Trouble;
use quarterdeck::query::alert::Verdict;
use quarterdeck::query::breakdown::{self, Row, Table};
use quarterdeck::query::calendar::Window;
use quarterdeck::query::filter::Literal;
use quarterdeck::query::paging::{Compared, Figures, Past};
use quarterdeck::query::series::{Bucket, Coverage, DAY, MINUTE, Series};
use quarterdeck::query::shares::{self, Shares};
use quarterdeck::query::slo::Slo;
use quarterdeck::query::state::State;
use std::collections::{BTreeMap, BTreeSet};

/// How long somebody waits for an answer that does not come.
const DEADLINE: Span = Span::seconds(10);

/// How an act ends.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ending {
    /// It is done, and read back.
    Done,
    /// They say no.
    Refused(String),
    /// Refused because somebody else came first.
    Conflict(String),
    /// Somebody has to approve it there first.
    Approval(String),
    /// Nobody answers within the deadline; it happened, or not.
    Timeout { happened: bool },
    /// There is never an outcome; it happened, or not.
    Never { happened: bool },
}

/// What a provider wishes that calls its environment critical.
const WISH: &str = "LaunchDarkly calls environment production critical";

/// A switch outside.
#[derive(Clone, Debug, Default)]
struct Switch {
    value: String,
    stop: String,
    /// Its provider's wish for more care, as a plan brings it.
    wish: Option<String>,
    /// What is said instead of an answer; empty words are silence.
    trouble: Option<String>,
    /// Whom it is not served to.
    excluded: Vec<Whom>,
    /// The share it is served to.
    share: Option<Share>,
    /// Some are served something else by a rule: nobody can say how many.
    by_rule: bool,
    /// What clients are served, where somebody can ask.
    observed: Option<String>,
    /// Who changed it last, and when.
    changed: Option<(Time, String)>,
}

impl Switch {
    /// What a look at it shows.
    fn sight(&self) -> Sight {
        Sight {
            value: self.value.clone(),
            level: match () {
                () if !self.excluded.is_empty() || self.share.is_some() || self.by_rule => Level::Partly,
                () if self.value == self.stop => Level::Off,
                () => Level::On,
            },
            excluded: self.excluded.clone(),
            share: self.share,
            targeting: self.by_rule,
            by_rule: self.is_let_through().then(|| "others".to_owned()),
            observed: self.observed.clone(),
            changed: self.changed.clone(),
            ..Sight::default()
        }
    }

    /// How it is, beside what an act had found and wanted.
    fn compared(&self, sought: &Sought) -> Found {
        let is_whole = |value: &str| self.value == value && self.excluded.is_empty() && self.share.is_none();
        let is_wanted = match &sought.wanted {
            Wanted::Stop => is_whole(&self.stop),
            Wanted::Exclude(whom) => self.excluded.contains(whom),
            Wanted::Percent(share) | Wanted::Step(share, _) => self.share == Some(*share),
            Wanted::Restore => is_whole("on"),
            Wanted::Put(state) => is_whole(state),
        };
        Found::of(is_wanted, self.value == sought.before)
    }

    /// Its value would be taken for what everybody gets, and rules serve another one to some.
    fn is_let_through(&self) -> bool {
        self.by_rule && self.value == self.stop
    }

    /// Whom a plan finds reached: all others where only some by name are not.
    fn reached(&self) -> Option<Share> {
        let is_all = !self.excluded.is_empty() && self.share.is_none() && !self.by_rule && self.value != self.stop;
        self.sight().reach().or(is_all.then_some(Share::EVERYBODY))
    }
}

/// A value, its events now, those that are bad, and its events before.
type Shared = (Literal, [u64; 3]);

/// The world.
#[derive(Clone, Debug, Default)]
pub struct World {
    switches: BTreeMap<String, Switch>,
    endings: BTreeMap<(&'static str, String), Ending>,
    /// The markers that stand on the graphs, and whether nobody can look at them.
    markers: BTreeSet<String>,
    graphs_fail: bool,
    burn: Option<Burning>,
    /// What is said instead of figures; empty words are silence.
    burn_trouble: Option<String>,
    /// What single objectives say that do not say the same as the others, by their places.
    burns: BTreeMap<usize, Burning>,
    would: Option<u64>,
    /// The sources of changes: what each tells, or what is said instead.
    pub changes: Vec<(String, Result<Vec<Reported>, String>)>,
    /// The probes: what each was found to be.
    pub probes: Vec<Probe>,
    /// Each value's events now, those that are bad, and its events before; or what is said instead.
    values: Option<Result<Vec<Shared>, Trouble>>,
    /// When each switch began to serve what it serves, for a drill's world.
    pub flips: Vec<(Time, String, String)>,
}

/// A probe, and what it says when it is asked.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Its name.
    pub name: String,
    /// What it is found to be, in words.
    pub answer: (Light, String),
    /// The place it speaks for.
    pub scope: String,
    /// Its soak.
    pub soak: Option<Span>,
    /// The switch it stops.
    pub trips: Option<String>,
}

/// What the indicator says.
#[derive(Clone, Debug)]
struct Burning {
    left_ppm: i64,
    before_ppm: i64,
    total: u64,
    bad: u64,
    per_minute: u64,
    state: State,
    since: Option<Time>,
    good_since: Option<Time>,
    bad_from: Option<Time>,
    bad_until: Option<Time>,
    traffic_ppm: Option<u64>,
    rates: [Option<u64>; 3],
    conditions: Vec<Held>,
    doubts: Vec<String>,
    known_days: i64,
}

impl World {
    /// `flags release = 1823 stop 1822 critical`.
    pub fn flag(&mut self, words: &[String]) -> Result<SwitchDesk, String> {
        let [name, equals, value, stop, to, more @ ..] = words else {
            return Err("`flags NAME = VALUE stop VALUE [critical] [exclude-by KIND]`".into());
        };
        if equals != "=" || stop != "stop" {
            return Err("`flags NAME = VALUE stop VALUE [critical] [exclude-by KIND]`".into());
        }
        let switch = Switch {
            value: value.clone(),
            stop: to.clone(),
            wish: more.iter().any(|word| word == "critical-there").then(|| WISH.to_owned()),
            trouble: None,
            excluded: Vec::new(),
            share: None,
            by_rule: false,
            observed: None,
            changed: None,
        };
        self.switches.insert(name.clone(), switch);
        let has = |word: &str| more.iter().any(|known| known == word);
        let after = |word: &str| more.iter().skip_while(|known| *known != word).nth(1).cloned();
        let two = match after("two-people").as_deref() {
            Some("widening") => Two::Widening,
            Some("always") => Two::Always,
            _ => Two::Never,
        };
        let offers = Offers {
            whom: after("exclude-by"),
            field: after("field"),
            percent: has("percent"),
            restores: has("restores"),
            requests: has("requests"),
            schedules: has("schedules"),
            observes: has("observes"),
            audited: has("audited"),
            two,
        };
        Ok(SwitchDesk {
            name: name.clone(),
            environment: after("environment").unwrap_or_else(|| "production".into()),
            stop: to.clone(),
            critical: more.iter().any(|word| word == "critical"),
            offers,
            pace: quarterdeck::app::feed::Pace::NEAR,
            compared: None,
            feed: quarterdeck::app::feed::Feed::default(),
        })
    }

    /// A line beginning with `world`.
    pub fn told(&mut self, words: &[String], now: Time) -> Result<(), String> {
        let some: Vec<&str> = words.iter().map(String::as_str).collect();
        match some.as_slice() {
            ["burn", "silent"] => self.burn_trouble = Some(String::new()),
            ["burn", "fails", why] => self.burn_trouble = Some((*why).to_string()),
            ["burn", "of", place, ..] => {
                self.burns.insert(number(place)?, burning(words.get(3..).unwrap_or_default(), now)?);
            }
            ["burn", ..] => {
                self.burn_trouble = None;
                self.burn = Some(burning(words.get(1..).unwrap_or_default(), now)?);
            }
            ["probe", name, light, words @ ..] => {
                let known = [Light::Green, Light::Unknown, Light::Red].into_iter().find(|known| known.word() == *light);
                let light = known.ok_or_else(|| format!("`{light}` is not green, red or unknown"))?;
                let answer = (light, words.join(" "));
                match self.probes.iter_mut().find(|known| known.name == *name) {
                    Some(known) => known.answer = answer,
                    None => {
                        let (name, scope) = ((*name).to_string(), "prod/*".to_string());
                        self.probes.push(Probe { name, answer, scope, soak: None, trips: None });
                    }
                }
            }
            ["scope", name, scope] => {
                let probe = self.probes.iter_mut().find(|known| known.name == *name);
                probe.ok_or_else(|| format!("there is no probe {name} yet"))?.scope = (*scope).to_string();
            }
            ["soak", name, soak, more @ ..] => {
                let probe = self.probes.iter_mut().find(|known| known.name == *name);
                let probe = probe.ok_or_else(|| format!("there is no probe {name} yet"))?;
                probe.soak = Some(said::span(soak).ok_or_else(|| format!("`{soak}` is no length of time"))?);
                probe.trips = more.iter().skip_while(|word| **word != "trips").nth(1).map(|name| (*name).to_string());
            }
            ["values", "silent"] => self.values = None,
            ["values", "queued", seconds] => {
                let until = now.plus(Span::seconds(number(seconds)?));
                self.values = Some(Err(Trouble::Slowed(until, format!("queued until {}", until.clock()))));
            }
            ["values", "fails", why] => self.values = Some(Err(Trouble::Refused((*why).to_string()))),
            // as many values more, with ten bad events each
            ["values", "many", count, values @ ..] => {
                let many = (0..number(count)?).map(|n: u64| Ok((Literal::Text(format!("c{n}")), [10, 10, 0])));
                self.values =
                    Some(Ok(many.chain(values.iter().map(|word| value(word))).collect::<Result<_, String>>()?));
            }
            ["values", values @ ..] => {
                self.values = Some(Ok(values.iter().map(|word| value(word)).collect::<Result<_, _>>()?))
            }
            ["what-if", a_minute] => self.would = Some(number(a_minute)?),
            ["graphs", how @ ("fail" | "answer")] => self.graphs_fail = *how == "fail",
            ["silent"] => {
                self.burn_trouble = Some(String::new());
                self.switches.values_mut().for_each(|switch| switch.trouble = Some(String::new()));
            }
            ["answers"] => {
                self.burn_trouble = None;
                self.switches.values_mut().for_each(|switch| switch.trouble = None);
            }
            ["changes", name, said @ ..] => self.change(name, said, now)?,
            [name, "silent"] => self.switch(name)?.trouble = Some(String::new()),
            [name, "fails", why] => self.switch(name)?.trouble = Some((*why).to_string()),
            [name, "answers"] => self.switch(name)?.trouble = None,
            [name, "by-rule"] => self.switch(name)?.by_rule = true,
            [name, "observed", value] => self.switch(name)?.observed = Some((*value).to_string()),
            [name, "=", value, "by", who] => {
                let switch = self.switch(name)?;
                switch.value = (*value).to_string();
                (switch.excluded, switch.share) = (Vec::new(), None);
                switch.changed = Some((now, (*who).to_string()));
            }
            [name, "=", value] => {
                self.switch(name)?.value = (*value).to_string();
                self.flips.push((now, (*name).to_string(), (*value).to_string()));
            }
            [act, target, "->", how @ ..] => {
                let acts = [
                    Act::Stop,
                    Act::Exclude,
                    Act::Percent,
                    Act::Restore,
                    Act::Revert,
                    Act::Request,
                    Act::Schedule,
                    Act::Extend,
                    Act::Publish,
                ];
                let acts = acts.map(Act::word);
                let known = acts.into_iter().chain(["mark"]).find(|word| word == act);
                let act = known.ok_or(format!("`{act}` is no act"))?;
                let ending = match how {
                    ["done"] => Ending::Done,
                    ["refused", why] => Ending::Refused((*why).to_string()),
                    ["conflict", why] => Ending::Conflict((*why).to_string()),
                    ["approval", why] => Ending::Approval((*why).to_string()),
                    ["timeout"] => Ending::Timeout { happened: false },
                    ["timeout", "but", "done"] => Ending::Timeout { happened: true },
                    ["never"] => Ending::Never { happened: false },
                    ["never", "but", "done"] => Ending::Never { happened: true },
                    _ => {
                        return Err(
                            "an act ends done, refused \"words\", conflict \"words\", timeout [but done] or never [but done]".into()
                        );
                    }
                };
                self.endings.insert((act, (*target).to_string()), ending);
            }
            _ => return Err("that says nothing about the world".into()),
        }
        Ok(())
    }

    /// `changes deploys [~]22:48:30 deploy api [from 1822] [to 1823] [by ci] [until 22:52]`, `… many 500 since 22:40`, `… fails WHY`, `… silent`, `… answers`.
    fn change(&mut self, name: &str, said: &[&str], now: Time) -> Result<(), String> {
        let (_, source) =
            self.changes.iter_mut().find(|(known, _)| known == name).ok_or(format!("there is no source {name}"))?;
        let at = |text: &str| said::moment(text, now, Lean::Past).ok_or(format!("`{text}` is no time"));
        let reported = |at: Time, what: &str, subject: &str| Reported {
            at,
            change: Changed {
                what: what.into(),
                subject: subject.into(),
                from: None,
                to: None,
                by: None,
                source: Some(name.into()),
            },
            until: None,
            within: Span(0),
        };
        match (said, source) {
            (["fails", why], source) => *source = Err((*why).into()),
            (["silent"], source) => *source = Err(String::new()),
            (["answers"], source) => *source = Ok(Vec::new()),
            (["many", count, "since", since], Ok(changes)) => {
                let since = at(since)?;
                let count: i64 = count.parse().map_err(|_| format!("`{count}` is no number"))?;
                let one = |n: i64| reported(since.plus(Span::seconds(n)), "deploy", &format!("host-{n}"));
                changes.extend((0..count).map(one));
            }
            ([time, what, subject, more @ ..], Ok(changes)) => {
                let exactly = time.trim_start_matches('~');
                let mut one = reported(at(exactly)?, what, subject);
                one.within = if exactly == *time { Span(0) } else { Span::minutes(5) };
                for pair in more.chunks(2) {
                    match pair {
                        ["from", value] => one.change.from = Some((*value).into()),
                        ["to", value] => one.change.to = Some((*value).into()),
                        ["by", value] => one.change.by = Some((*value).into()),
                        ["until", value] => one.until = Some(at(value)?),
                        _ => return Err(format!("a change has no {}", pair.join(" "))),
                    }
                }
                changes.push(one);
            }
            _ => return Err("that says nothing about a source of changes".into()),
        }
        Ok(())
    }

    fn switch(&mut self, name: &str) -> Result<&mut Switch, String> {
        self.switches.get_mut(name).ok_or(format!("there is no switch {name}"))
    }

    /// Whether a question about the budget is ever answered.
    pub fn burns(&self, ask: &BurnAsk) -> Option<Msg> {
        let said = self.burns.get(&(ask.slo + 1)).or(self.burn.as_ref());
        let answer = match (&self.burn_trouble, said) {
            (Some(words), _) if words.is_empty() => return None,
            (Some(words), _) => Err(Trouble::Unreachable(words.clone())),
            (None, None) => return None,
            (None, Some(burn)) => Ok(Box::new(burn.answer(ask))),
        };
        Some(Msg::Burned { slo: ask.slo, ticket: ask.ticket, answer })
    }

    /// What would have been: 4,000 events a minute for 30 days, one in 2,000 bad in the hour of each midnight, and so many more each minute from
    /// three hours ago until 90 minutes ago.
    pub fn what_if(&self, ask: &WouldAsk) -> Option<Msg> {
        let more = self.would?;
        let slo = Slo::new("", 999_500, Window::Rolling(30 * DAY));
        let now = ask.now.0 / MINUTE;
        let past = |more: u64| {
            let minute = |m: i64| {
                let bad = if m % 1440 < 60 { 2 } else { 0 };
                let bad = bad + if (now - 180..now - 90).contains(&m) { more } else { 0 };
                Bucket { start: m * MINUTE, total: 4_000, bad }
            };
            Past::of(&slo, &Series::of(MINUTE, (now - 43_200..now).map(minute).collect()), now * MINUTE)
        };
        let compared = Compared { was: past(0), would: past(more), doubts: Vec::new() };
        Some(Msg::WouldBe { ticket: ask.ticket, answer: Ok(Box::new(compared)) })
    }

    /// What a source of changes tells.
    pub fn told_changes(&self, ask: &ChangesAsk) -> Option<Msg> {
        let (_, source) = self.changes.get(ask.source)?;
        let answer = match source {
            Err(words) if words.is_empty() => return None,
            Err(words) => Err(Trouble::Unreachable(words.clone())),
            Ok(changes) => {
                let inside = changes.iter().filter(|one| (ask.from..ask.until).contains(&one.at));
                Ok(Told { changes: inside.cloned().collect(), ..Told::default() }.near(ask.began))
            }
        };
        Some(Msg::ToldChanges { source: ask.source, ticket: ask.ticket, answer })
    }

    /// How values share the events.
    pub fn shares(&self, ask: &SharesAsk) -> Option<Msg> {
        let asked = &ask.asked;
        let told = |values: &[Shared], from: i64, to: i64, of: fn([u64; 3]) -> (u64, u64)| {
            let row = |(value, counts): &Shared| {
                let (total, bad) = of(*counts);
                let others = asked.fields.iter().skip(1).map(|_| Literal::Null);
                Row { values: std::iter::once(value.clone()).chain(others).collect(), total, bad, percentile: None }
            };
            breakdown::Told { table: Table::of(values.iter().map(row).collect(), false), notes: Vec::new(), from, to }
        };
        let answer = self.values.clone()?.map(|values| {
            let now = told(&values, asked.from, asked.to, |[total, bad, _]| (total, bad));
            let quiet = asked.quiet().map(|quiet| {
                told(&values, quiet.from, quiet.to, |[total, bad, before]| {
                    (before, if bad == total { before } else { 0 })
                })
            });
            Box::new(Shares::of(asked, now, quiet, 200, |values| shares::filter(&asked.fields, values)))
        });
        Some(Msg::Shared { ticket: ask.ticket, answer })
    }

    /// What a look at a switch shows.
    pub fn look(&self, name: &str, switch: usize, ticket: u64, sought: Option<&Sought>) -> Option<Msg> {
        let found = self.switches.get(name)?;
        let answer = match &found.trouble {
            Some(words) if words.is_empty() => return None,
            Some(words) => Err(Trouble::Unreachable(words.clone())),
            None => {
                let compared = sought.map(|sought| (sought.act, found.compared(sought)));
                Ok(Box::new(Sight { found: compared, ..found.sight() }))
            }
        };
        Some(Msg::Looked { switch, ticket, answer })
    }

    /// What an act would do.
    pub fn plan(&self, name: &str, switch: usize, draft: &Intended, put: Option<&str>) -> Option<Msg> {
        let found = self.switches.get(name)?;
        let to = match draft.wanted(put) {
            Wanted::Stop => found.stop.clone(),
            Wanted::Exclude(whom) => format!("{} for {whom}", found.stop),
            Wanted::Percent(share) | Wanted::Step(share, _) => format!("{} to {share}", found.value),
            Wanted::Restore => "on".into(),
            Wanted::Put(state) => state,
        };
        let answer = match &found.trouble {
            Some(words) if words.is_empty() => return None,
            Some(words) => Err(Trouble::Unreachable(words.clone())),
            None => Ok(Box::new(Plan {
                from: match found.share {
                    Some(share) => format!("{} to {share}", found.value),
                    None if found.is_let_through() => found.sight().served(None),
                    None => found.value.clone(),
                },
                before: found.value.clone(),
                reach: found.reached(),
                changes: format!("defaultVariant: {} -> {to}", found.value),
                idle: found.value == to
                    && found.excluded.is_empty()
                    && found.share.is_none()
                    && !found.is_let_through(),
                to,
                critical: found.wish.clone(),
                changed: found.changed.clone(),
                ..Plan::default()
            })),
        };
        Some(Msg::Planned { switch, draft: Box::new(draft.clone()), answer })
    }

    /// Sets a marker: when its outcome is known, and the outcome.
    pub fn mark(&mut self, marker: &Marker, now: Time) -> Option<(Time, Msg)> {
        let ending = self.endings.get(&("mark", marker.what.target.clone())).cloned().unwrap_or(Ending::Done);
        if matches!(ending, Ending::Done | Ending::Timeout { happened: true } | Ending::Never { happened: true }) {
            self.markers.insert(marker.what.words.clone());
        }
        let said = |outcome, detail: &str| {
            Msg::Carried(Box::new(Settled { intent: marker.id, outcome, detail: detail.into(), ..Settled::default() }))
        };
        match ending {
            Ending::Done => Some((now, said(Outcome::Done, "marker m1 is set"))),
            Ending::Refused(words) | Ending::Conflict(words) | Ending::Approval(words) => {
                Some((now, said(Outcome::Refused, &words)))
            }
            Ending::Timeout { .. } => {
                let words = "Nobody answered within 10 s. The marker may be there or not. It is looked for, and not sent again.";
                Some((now.plus(DEADLINE), said(Outcome::Unsure, words)))
            }
            Ending::Never { .. } => None,
        }
    }

    /// Looks for a marker.
    pub fn seek(&self, marker: &Marker) -> Msg {
        let there = self.markers.contains(&marker.what.words);
        let value = if there { marker.what.words.clone() } else { String::new() };
        let detail = if there { "it is marker m1 there" } else { "it is not among the 3 that are there" };
        let seen = Seen {
            target: marker.what.target.clone(),
            value,
            intent: Some(marker.id),
            detail: detail.into(),
            found: None,
        };
        let answer = if self.graphs_fail { Err(Trouble::Unreachable("Nobody answers.".into())) } else { Ok(seen) };
        Msg::Sought { marker: marker.id, answer }
    }

    /// Carries an act: when its outcome is known, and the outcome.
    pub fn carry(&mut self, errand: &Errand, now: Time) -> Option<(Time, Msg)> {
        let what = &errand.what;
        let ending = self.endings.get(&(what.act.word(), what.target.clone())).cloned().unwrap_or(Ending::Done);
        let wanted = what.to.clone().unwrap_or_default();
        let happens =
            matches!(ending, Ending::Done | Ending::Timeout { happened: true } | Ending::Never { happened: true });
        let mut was = String::new();
        if let Some(switch) = self.switches.get_mut(&what.target)
            && happens
            && !what.act.is_of_an_end()
        {
            match (&what.whom, what.share) {
                (Some(whom), _) => switch.excluded.push(whom.clone()),
                (None, Some(share)) => switch.share = Some(share),
                (None, None) => {
                    switch.by_rule &= what.act != Act::Stop;
                    was = std::mem::replace(&mut switch.value, wanted.clone());
                    (switch.excluded, switch.share) = (Vec::new(), None);
                }
            }
            self.flips.push((now, what.target.clone(), wanted.clone()));
        }
        let said = |outcome, detail: String, value| {
            let reference = (what.act == Act::Schedule).then(|| "schedule 7".to_owned());
            let settled = Settled { intent: errand.id, outcome, detail, value, reference, ..Settled::default() };
            Msg::Carried(Box::new(settled))
        };
        match ending {
            Ending::Done if what.act == Act::Publish => {
                Some((now, said(Outcome::Done, "Written.".into(), Some("page".into()))))
            }
            Ending::Done => Some((now, said(Outcome::Done, format!("Serves {wanted}, served {was}."), Some(wanted)))),
            Ending::Refused(words) => Some((now, said(Outcome::Refused, words, None))),
            Ending::Conflict(detail) => {
                let (intent, outcome) = (errand.id, Outcome::Refused);
                let settled = Settled { intent, outcome, detail, conflict: true, ..Settled::default() };
                Some((now, Msg::Carried(Box::new(settled))))
            }
            Ending::Approval(detail) => {
                let settled = Settled {
                    intent: errand.id,
                    outcome: Outcome::Refused,
                    detail,
                    approval: true,
                    ..Settled::default()
                };
                Some((now, Msg::Carried(Box::new(settled))))
            }
            Ending::Timeout { .. } => {
                let words = "Nobody answered within 10 s. It may or may not have happened. Look before you act again.";
                Some((now.plus(DEADLINE), said(Outcome::Unsure, words.into(), None)))
            }
            Ending::Never { .. } => None,
        }
    }
}

impl World {
    /// Every probe that is asked says what it was told to say.
    pub fn probe(&self, ask: &ProbesAsk) -> Msg {
        let (names, after, served) = match &ask.which {
            Which::All => (None, None, None),
            Which::These(names) => (Some(names.clone()), None, None),
            Which::Soaked { probe, after, served, .. } => (Some(vec![probe.clone()]), Some(*after), Some(*served)),
        };
        let reading = |probe: &Probe| {
            let (outcome, words) = probe.answer.clone();
            let what = Probed {
                probe: probe.name.clone(),
                subject: None,
                scope: probe.scope.clone(),
                outcome,
                words,
                served_s: served.and_then(|served| u64::try_from(served.as_seconds()).ok()),
                after,
            };
            Reading { at: ask.now, what }
        };
        let meant = self.probes.iter().filter(|probe| names.as_ref().is_none_or(|names| names.contains(&probe.name)));
        Msg::Probed { ask: ask.clone(), readings: meant.map(reading).collect() }
    }
}

fn time(word: &str, now: Time) -> Result<Time, String> {
    said::moment(word, now, Lean::Past).ok_or(format!("`{word}` is not a time"))
}

/// Parts of a million from a percentage with at most four places.
fn ppm(word: &str) -> Result<i64, String> {
    let wrong = || format!("`{word}` is not a percentage");
    let (sign, digits) = word.strip_prefix('-').map_or((1, word), |digits| (-1, digits));
    let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
    let places: i64 = format!("{places:0<4}").parse().map_err(|_| wrong())?;
    Ok(sign * (whole.parse::<i64>().map_err(|_| wrong())? * 10_000 + places))
}

/// `401:10572:0:1440`: a value, its events now, those that are bad, and its events before.
fn value(word: &str) -> Result<Shared, String> {
    let wrong = || format!("`{word}` is not VALUE:NOW:BAD:BEFORE");
    let mut parts = word.split(':');
    let value = parts.next().ok_or_else(wrong)?;
    let value = value.parse().map_or_else(|_| Literal::Text(value.into()), Literal::Int);
    let counts: Vec<u64> = parts.map(str::parse).collect::<Result<_, _>>().map_err(|_| wrong())?;
    Ok((value, counts.try_into().map_err(|_| wrong())?))
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("`{word}` is not a number"))
}

/// `left 33.7 before 80 total 172800000 bad 57283 state traffic-gone since 14:01 …`, in any order; what is left out is calm.
fn burning(words: &[String], now: Time) -> Result<Burning, String> {
    let mut burn = Burning {
        left_ppm: 800_000,
        before_ppm: 800_000,
        total: 172_800_000,
        bad: 17_280,
        per_minute: 4_000,
        state: State::Value,
        since: None,
        good_since: None,
        bad_from: None,
        bad_until: None,
        traffic_ppm: Some(1_000_000),
        rates: [Some(0); 3],
        conditions: Vec::new(),
        doubts: Vec::new(),
        known_days: 30,
    };
    let mut words = words.iter().map(String::as_str);
    while let Some(key) = words.next() {
        let mut next = || words.next().ok_or(format!("`{key}` of what?"));
        match key {
            "left" => burn.left_ppm = ppm(next()?)?,
            "before" => burn.before_ppm = ppm(next()?)?,
            "total" => burn.total = number(next()?)?,
            "bad" => burn.bad = number(next()?)?,
            "a-minute" => burn.per_minute = number(next()?)?,
            "state" => {
                let word = next()?.replace('-', " ");
                let all = [
                    State::Value,
                    State::Unproven,
                    State::NoTraffic,
                    State::Partial,
                    State::TrafficGone,
                    State::NoData,
                ];
                burn.state = all.into_iter().find(|s| s.word() == word).ok_or(format!("`{word}` is no state"))?;
            }
            "since" => burn.since = Some(time(next()?, now)?),
            "good-since" => burn.good_since = Some(time(next()?, now)?),
            "bad-from" => burn.bad_from = Some(time(next()?, now)?),
            "bad-until" => burn.bad_until = Some(time(next()?, now)?),
            "traffic" => burn.traffic_ppm = Some(ppm(next()?)?.unsigned_abs()),
            "rates" => {
                for rate in &mut burn.rates {
                    *rate = Some(ppm(next()?)?.unsigned_abs() / 10);
                }
            }
            kind @ ("page" | "ticket") => {
                let (since, until) = (time(next()?, now)?, next()?);
                let until = if until == "still" { None } else { Some(time(until, now)?) };
                let (urgency, words, hours) = match kind {
                    "page" => (Urgency::Page, "over 14.4x in 1 h and 5 m", 1),
                    _ => (Urgency::Ticket, "over 3x in 1 d and 2 h", 24),
                };
                burn.conditions.push(Held {
                    urgency,
                    words: words.into(),
                    verdict: match (until, burn.state) {
                        (Some(_), _) => Verdict::Quiet,
                        (None, State::NoData) => Verdict::Unknown,
                        (None, _) => Verdict::Firing,
                    },
                    burn_milli: (Some(333_000), Some(Some(0))),
                    windows: (Span::minutes(60 * hours), Some(Span::minutes(5 * hours))),
                    spells: vec![Spell {
                        since,
                        is_cut: false,
                        until,
                        peak_milli: 333_000,
                        began: figures(16_667, 200_000, 790_000),
                        ended: until.map(|_| figures(320_000, 7_100, burn.left_ppm)),
                    }],
                    is_open: until.is_none(),
                });
            }
            // the last condition held before anything was known
            "held" => match (next()?, burn.conditions.last_mut()) {
                ("before", Some(held)) => held.spells.iter_mut().for_each(|spell| spell.is_cut = true),
                (word, _) => return Err(format!("held `{word}` says nothing")),
            },
            "doubt" => burn.doubts.push(next()?.to_string()),
            "known" => burn.known_days = number(next()?)?,
            _ => return Err(format!("`{key}` says nothing about the budget")),
        }
    }
    Ok(burn)
}

/// The figures of a turn: burn rates in thousandths, what was left per million.
fn figures(long_milli: u64, short_milli: u64, left_ppm: i64) -> Figures {
    Figures { long_milli: Some(long_milli), short_milli: Some(short_milli), left_ppm: Some(left_ppm) }
}

impl Burning {
    /// How it stood at the end of a look back: what the last column says, at the rates that were written.
    fn then(&self, ask: &BurnAsk, columns: &[Column]) -> Then {
        Then {
            until: ask.until(),
            // what is missing now was missing then
            state: if self.state == State::Partial { State::Partial } else { State::Value },
            total: self.total,
            bad: self.bad,
            sliced: None,
            remaining_ppm: columns.last().and_then(|column| column.remaining_ppm),
            burn_milli: self.rates,
            conditions: self.conditions.clone(),
            known: Coverage { known: self.known_days * DAY, window: 30 * DAY },
        }
    }

    /// The answer to a question, its columns made from the few figures that were written.
    fn answer(&self, ask: &BurnAsk) -> Burn {
        let columns = (0..i64::from(ask.columns)).map(|place| {
            let start = ask.from.plus(Span(ask.step.0 * place));
            if start > ask.now {
                return Column::default();
            }
            let quiet = self.since.is_some_and(|since| start >= since);
            let all = self.per_minute * u64::try_from(ask.step.as_seconds()).unwrap_or(0) / 60;
            let total = match (self.state, quiet) {
                (State::NoData, true) => return Column::default(),
                (State::NoTraffic | State::TrafficGone, true) => 0,
                _ => all,
            };
            let is_bad = self.bad_from.is_some_and(|from| start >= from) && self.bad_until.is_none_or(|to| start < to);
            let end = self.bad_until.unwrap_or(ask.now);
            let way = self.bad_from.map_or(0, |from| end.since(from).0.max(1));
            let gone = self.bad_from.map_or(0, |from| start.plus(ask.step).since(from).0.min(way));
            let spent = i128::from(self.before_ppm - self.left_ppm) * i128::from(gone) / i128::from(way.max(1));
            let remaining = self.before_ppm - i64::try_from(spent).unwrap_or(0);
            Column { total: Some(total), bad: if is_bad { total } else { 0 }, remaining_ppm: Some(remaining) }
        });
        let columns: Vec<Column> = columns.collect();
        let silent = matches!(self.state, State::NoData | State::TrafficGone);
        Burn {
            counting: false,
            looks_back: ask.looks_back(),
            then: ask.looks_back().then(|| Box::new(self.then(ask, &columns))),
            state: self.state,
            since: self.since,
            newest: Some(self.since.filter(|_| silent).unwrap_or(ask.now)),
            total: self.total,
            bad: self.bad,
            remaining_ppm: Some(self.left_ppm),
            burn_milli: self.rates,
            lasts: None,
            lasts_rate: Span::minutes(60),
            lasts_ageing: quarterdeck::query::projection::Exhaustion::Never,
            renews: None,
            sliced: None,
            traffic_ppm: self.traffic_ppm,
            week_ppm: None,
            minutes: Vec::new(),
            known: Coverage { known: self.known_days * DAY, window: 30 * DAY },
            conditions: self.conditions.clone(),
            // what cannot be trusted is never good, as in the engine's own answers
            good_since: self.good_since.filter(|_| self.state.trusted() || self.state == State::Partial),
            bad_between: self.bad_from.map(|from| (from, self.bad_until.unwrap_or(ask.now))),
            bad_minute: Some(if self.bad_from.is_some() && self.bad_until.is_none() { self.per_minute } else { 0 })
                .filter(|_| !silent),
            aftermath: ask.act.map(|act| Aftermath {
                act,
                before: Some(if self.bad_from.is_some_and(|from| from < act) { self.per_minute } else { 0 }),
                calm_after: self.bad_until.filter(|until| *until > act).map(|until| until.since(act)),
            }),
            doubts: self.doubts.clone(),
            from: ask.from,
            step: ask.step,
            columns,
            source: "lb.ndjson: http.response.status_code >= 500".into(),
            opinion: None,
            link: None,
        }
    }
}
