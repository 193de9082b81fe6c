//! Screens to draw in tests: minute 14 of the drill `missing-binary`, and what makes text of a drawn screen.

use super::theme::Theme;
use crate::app::drill::{Rehearsal, Step};
use crate::app::key::parse_run;
use crate::app::keymap::Keymap;
use crate::app::msg::Msg;
use crate::app::{App, Person, SwitchDesk, update};
use crate::incident::change::Changed;
use crate::incident::declare::Declared;
use crate::incident::entry::{Entry, EntryId, Session, When};
use crate::incident::fact::Fact;
use crate::incident::goal::GoalRanked;
use crate::incident::impact::{Certainty, DataState, ImpactStated};
use crate::incident::intent::{Act, Intended, Outcome, Settled};
use crate::incident::phase::{Milestone, MilestoneReached, Phase, PhaseChanged};
use crate::incident::promise::{Audience, Updated};
use crate::incident::question::Asked;
use crate::incident::record::{Decided, LinkKind, Linked, Noted};
use crate::incident::rehearsal::{Clock, Until};
use crate::incident::roster::{Role, RoleTaken};
use crate::incident::severity::Severity;
use crate::incident::switch::Sight;
use crate::incident::task::TaskOpened;
use crate::incident::time::{Span, Time};
use crate::incident::trouble::Trouble;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;

/// The incident's number.
pub const NUMBER: u32 = 412;

/// A clock time of that evening.
pub fn at(clock: &str) -> Time {
    Time::parse_iso(&format!("2019-07-09T{clock}Z")).expect("a clock time")
}

/// Minute 14.
pub fn now() -> Time {
    at("23:04:20")
}

/// A theme that ships with the program.
pub fn theme(name: &str) -> Theme {
    Theme::built_in(name).expect("a theme").expect("a whole theme")
}

/// The lines of a drawn screen, without the blanks at their ends.
pub fn dump(buf: &Buffer) -> Vec<String> {
    let mut lines = Vec::new();
    for y in buf.area.top()..buf.area.bottom() {
        let mut line = String::new();
        let mut covered = 0;
        for x in buf.area.left()..buf.area.right() {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            let symbol = buf[(x, y)].symbol();
            covered = super::text::width(symbol).saturating_sub(1);
            line.push_str(symbol);
        }
        lines.push(line.trim_end().to_string());
    }
    lines
}

/// A buffer in which every cell is marked, to see what is drawn where nothing should be.
pub fn marked(columns: u16, rows: u16) -> Buffer {
    let area = Rect::new(0, 0, columns, rows);
    Buffer::filled(area, Cell::new("#"))
}

/// No cell outside a place was touched.
pub fn is_marked_outside(buf: &Buffer, place: Rect) -> bool {
    let clean = Cell::new("#");
    buf.area.positions().all(|spot| place.contains(spot) || buf[spot] == clean)
}

/// The lines of a panel drawn alone.
pub fn lines(app: &App, panel: super::Panel, columns: u16, rows: u16) -> Vec<String> {
    let mut buf = Buffer::empty(Rect::new(0, 0, columns, rows));
    panel(app, &theme("plain"), now(), buf.area, &mut buf);
    dump(&buf)
}

/// Presses keys, with enough time between them.
pub fn keys(app: &mut App, run: &str) {
    for key in parse_run(run).expect("keys") {
        app.hush = None;
        update(app, now(), Msg::Key(key));
    }
}

/// Writes entries one after another, as a journal gives them back.
pub struct Journal {
    /// Those written so far.
    pub entries: Vec<Entry>,
}

impl Journal {
    /// An empty one.
    pub fn new() -> Journal {
        Journal { entries: Vec::new() }
    }
    /// Writes one down at once.
    pub fn add(&mut self, clock: &str, who: &str, fact: impl Into<Fact>) -> EntryId {
        self.late(clock, clock, who, fact)
    }
    /// Writes one down later than it happened.
    pub fn late(&mut self, clock: &str, recorded: &str, who: &str, fact: impl Into<Fact>) -> EntryId {
        let seq = self.entries.len() as u64 + 1;
        let id = self.entries.last().map_or(EntryId::of(Session(7), 1), |last| last.id.offset(1));
        self.entries.push(Entry {
            incident: NUMBER,
            seq,
            id,
            at: at(clock),
            recorded: at(recorded),
            when: None,
            author: who.into(),
            session: Session(7),
            fact: fact.into(),
        });
        id
    }
    /// A note.
    pub fn note(&mut self, clock: &str, who: &str, text: &str) -> EntryId {
        self.add(clock, who, Noted { text: text.into(), pinned: false })
    }
}

/// A screen with nothing on it.
pub fn empty() -> App {
    let person = Person { name: "Ana".into(), assumed: false };
    App::new(person, Session(1), NUMBER, Keymap::built_in().expect("the keymap"))
}

/// A screen that was given these entries.
pub fn with(entries: Vec<Entry>) -> App {
    let mut app = empty();
    update(&mut app, now(), Msg::Entries { number: NUMBER, entries, more: false });
    app
}

/// A switch that was seen at a moment.
pub fn switch(name: &str, stop: &str, seen: Result<&str, &str>, when: Time) -> SwitchDesk {
    let mut desk = SwitchDesk {
        name: name.into(),
        environment: "production".into(),
        stop: stop.into(),
        critical: true,
        offers: crate::app::switches::Offers::default(),
        pace: crate::app::feed::Pace::NEAR,
        compared: None,
        feed: crate::app::feed::Feed::default(),
    };
    let ticket = desk.feed.ask(when);
    let answer = match seen {
        Ok(value) => Ok(Sight { value: value.into(), ..Sight::default() }),
        Err(words) => Err(Trouble::Unreachable(words.into())),
    };
    desk.feed.take(ticket, when, crate::app::feed::Pace::NEAR, answer);
    desk
}

/// Minute 14 of `missing-binary`: 1823 is taken back and it is mitigated.
pub fn minute_14() -> App {
    evening(true)
}

/// The same minute, but nobody has said that it is mitigated: a check-in is overdue.
pub fn overdue() -> App {
    evening(false)
}

fn evening(calm: bool) -> App {
    let mut j = Journal::new();
    let declared = Declared {
        title: "API refuses all traffic".into(),
        severity: Severity::Sev1,
        began: None,
        began_about: false,
        ended: None,
        ended_about: false,
        detected_by: Some("page".into()),
        restricted: false,
    };
    j.add("22:53:12", "Ana", declared);
    j.add("22:53:12", "Ana", RoleTaken { role: Role::Commander, person: "Ana".into() });
    for (rank, text) in [(1, "customer data is safe"), (2, "people know"), (3, "service works again")] {
        j.add("22:53:12", "Ana", GoalRanked { rank, text: text.into(), why: String::new() });
    }
    j.add("22:53:40", "Ben", RoleTaken { role: Role::Comms, person: "Ben".into() });
    j.add("22:53:50", "Cho", RoleTaken { role: Role::Ops, person: "Cho".into() });
    j.add("22:54:00", "Dev", RoleTaken { role: Role::Scribe, person: "Dev".into() });
    j.add("22:54:10", "Ana", Linked { to: LinkKind::Bridge, address: "https://meet/inc-412".into() });
    j.add("22:54:20", "Ana", Linked { to: LinkKind::Chat, address: "#inc-412".into() });
    j.late(
        "22:50:00",
        "22:54:30",
        "Ana",
        MilestoneReached { milestone: Milestone::Began, from: "burn".into(), what: String::new() },
    );
    if let Some(entry) = j.entries.last_mut() {
        entry.when = Some(Box::new(When::about()));
    }
    let change = Changed {
        what: "build".into(),
        subject: "api".into(),
        from: Some("1822".into()),
        to: Some("1823".into()),
        by: Some("ci".into()),
        source: Some("events".into()),
    };
    j.late("22:48:30", "22:54:50", "Dev", change);
    let told = "We are refusing all API traffic.";
    let next = Some(at("23:30:00"));
    let update = j.add("22:55:40", "Ben", Updated { text: told.into(), audience: Audience::Public, next });
    let send = Intended { target: "page".into(), update: Some(update), ..intended(Act::Publish, "page") };
    let send = j.add("22:55:41", "Ben", send);
    j.add("22:56:05", "Ben", settled(send, Outcome::Done, ""));
    let text = "api-3: api-server: no such file or directory";
    j.late("22:57:05", "22:59:10", "Dev", Noted { text: text.into(), pinned: true });
    let decided = Decided { text: "freeze prod, go back to 1822".into(), serves: Some(3) };
    j.add("22:58:02", "Ana", decided);
    let mut stop = intended(Act::Stop, "release");
    (stop.from, stop.to) = (Some("1823".into()), Some("1822".into()));
    let stop = j.add("22:58:40", "Cho", stop);
    j.add("22:58:41", "Cho", settled(stop, Outcome::Done, "read back"));
    let seen = crate::incident::intent::Seen {
        target: "release".into(),
        value: "1822".into(),
        intent: Some(stop),
        detail: "8 of 8 hosts".into(),
        found: None,
    };
    j.add("23:01:52", "Cho", seen);
    let recovered = MilestoneReached { milestone: Milestone::Recovered, from: "burn".into(), what: String::new() };
    j.add("23:02:00", "Ana", recovered);
    let impact = ImpactStated {
        what: "requests refused".into(),
        who: None,
        count: Some(40_000),
        certainty: Certainty::Known,
        data: DataState::Lost,
    };
    j.add("23:02:10", "Ana", impact);
    j.add("23:02:20", "Ana", PhaseChanged { phase: Phase::Mitigated, why: String::new() });
    let asked = Asked { text: "how many events lost, and whose?".into(), of: Some("Eli".into()), goal: Some(1) };
    j.add("23:03:30", "Fay", asked);
    let task = TaskOpened {
        text: "keep 1823 off new hosts".into(),
        owner: Some("Fay".into()),
        due: Some(at("23:05:00")),
        goal: Some(3),
        undo: false,
    };
    j.add("23:03:40", "Eli", task);
    let undo = TaskOpened { text: "lift the freeze".into(), owner: None, due: None, goal: None, undo: true };
    j.add("23:03:50", "Ana", undo);
    if !calm {
        j.entries.retain(|e| !matches!(e.fact, Fact::PhaseChanged(_) | Fact::Milestone(_)));
        for (entry, seq) in j.entries.iter_mut().zip(1..) {
            entry.seq = seq;
        }
    }
    let mut app = with(j.entries);
    app.zone = Some(chrono_tz::America::New_York);
    let fresh = now().minus(Span::seconds(4));
    app.switches = vec![
        switch("release", "1822", Ok("1822"), fresh),
        switch("ingest", "off", Ok("on"), fresh),
        switch("exports", "off", Err("The provider did not answer. Nothing was changed. Look again."), fresh),
    ];
    app
}

/// The same screen in a drill, whose guide has one step.
pub fn in_a_drill(mut app: App) -> App {
    let say = "Requests are refused. Press i: it is sev1, and you command.";
    app.drill = Some(Rehearsal {
        scenario: "missing-binary".into(),
        severity: Severity::Sev1,
        done: String::new(),
        title: "API refuses all traffic".into(),
        next: None,
        guide: vec![Step { until: Until::Exported, say: say.into() }],
        hidden: false,
        exported: false,
        clock: Clock { start: at("22:48:00"), real: Time(0), speed_milli: 1000 },
    });
    app
}

/// An act with nothing but its target.
pub fn intended(act: Act, target: &str) -> Intended {
    Intended {
        act,
        target: target.into(),
        from: None,
        to: None,
        before: None,
        why: String::new(),
        update: None,
        reverts: None,
        ..Intended::default()
    }
}

/// How an act ended.
pub fn settled(intent: EntryId, outcome: Outcome, detail: &str) -> Settled {
    Settled { intent, outcome, detail: detail.into(), value: None, ..Settled::default() }
}
