//! What a report says, and that nothing from outside runs in it.

use super::{Options, export};
use crate::exchange::sample;
use crate::incident::burn::BurnNoted;
use crate::incident::cadence::Rules;
use crate::incident::command::Command;
use crate::incident::declare::Declared;
use crate::incident::entry::{Entry, EntryId, Session, Stamp, When};
use crate::incident::fact::Fact;
use crate::incident::goal::GoalRanked;
use crate::incident::hold::{HoldLifted, HoldPlaced, PassGranted};
use crate::incident::impact::{Certainty, DataState, ImpactStated};
use crate::incident::intent::{Act, Intended, Outcome, Settled};
use crate::incident::phase::{Milestone, MilestoneReached, Phase};
use crate::incident::promise::{Audience, Updated};
use crate::incident::question::Asked;
use crate::incident::record::{Corrected, Noted};
use crate::incident::severity::Severity;
use crate::incident::standing::Standing;
use crate::incident::task::TaskOpened;
use crate::incident::time::Time;
use crate::incident::{Incident, decide};
use proptest::prelude::{ProptestConfig, any, proptest};

/// An incident as it is told, command by command.
struct Told {
    incident: Incident,
    entries: Vec<Entry>,
}

impl Told {
    fn new() -> Told {
        Told { incident: Incident::new(412), entries: Vec::new() }
    }
    /// Somebody says something at a time of 2019-07-09; the id of its first entry.
    fn says(&mut self, clock: &str, author: &str, command: &Command) -> EntryId {
        self.says_of(clock, None, None, author, command)
    }
    fn says_of(
        &mut self,
        clock: &str,
        at: Option<&str>,
        when: Option<When>,
        author: &str,
        command: &Command,
    ) -> EntryId {
        let first = EntryId::of(Session(1), self.incident.head() + 1);
        let (now, at) = (t(clock), at.map(t));
        let stamp = Stamp { now, author: author.into(), session: Session(1), first, at, when };
        let drafts = decide(&self.incident, &Rules::default(), command, &stamp).map_err(|r| r.words()).expect("taken");
        for (draft, index) in drafts.into_iter().zip(0..) {
            let entry = draft.entry(&stamp, 412, self.incident.head() + 1, index);
            assert!(self.incident.apply(&entry), "{entry:?}");
            self.entries.push(entry);
        }
        first
    }
    fn report(&self, now: &str) -> String {
        written(&self.incident, &self.entries, t(now), false)
    }
}

fn t(clock: &str) -> Time {
    let iso = if clock.contains('T') { format!("{clock}Z") } else { format!("2019-07-09T{clock}Z") };
    Time::parse_iso(&iso).expect("a time")
}
fn written(incident: &Incident, entries: &[Entry], now: Time, drill: bool) -> String {
    let rules = Rules::default();
    let options = Options { generated: now, as_of: None, rules: &rules, holds: None, drill };
    let mut out = Vec::new();
    export(incident, entries, &options, &mut out).expect("memory takes everything");
    String::from_utf8(out).expect("a report is text")
}
fn note(text: &str) -> Command {
    Command::Note(Noted { text: text.into(), pinned: false })
}
fn public(text: &str, next: Option<&str>) -> Command {
    let update = Updated { text: text.into(), audience: Audience::Public, next: next.map(t) };
    Command::Update { update, channels: vec!["page".into()] }
}
fn settled(intent: EntryId, outcome: Outcome, detail: &str) -> Command {
    Command::Settle(Settled { intent, outcome, detail: detail.into(), value: None, ..Settled::default() })
}
fn declared(restricted: bool) -> Command {
    Command::Declare(Declared {
        title: "API refuses all | traffic".into(),
        severity: Severity::Sev1,
        began: Some(t("22:50:00")),
        began_about: true,
        ended: None,
        ended_about: false,
        detected_by: Some("page".into()),
        restricted,
    })
}

/// The story of a build without its executable.
fn story() -> Told {
    let mut told = Told::new();
    told.says("22:53:12", "Ana", &declared(false));
    let reached = |milestone| Command::Reach(MilestoneReached { milestone, from: "burn".into(), what: String::new() });
    told.says_of("22:54:00", Some("22:52:00"), None, "Ana", &reached(Milestone::Detected));
    let update = told.says("22:55:40", "Ben", &public("We refuse traffic.\n\n# Sorry <b>", Some("23:30:00")));
    told.says("22:56:05", "Ben", &settled(update.offset(1), Outcome::Done, "posted"));
    told.says_of("22:59:10", Some("22:57:05"), None, "Dev", &note("api-3: no such file"));
    let wrong = told.says("22:57:30", "Dev", &note("all of eu-west"));
    let long = "stack:\n  at main <script>\n\n  at {{ start }}";
    let source = When { source: Some("slack".into()), about: true, ..When::default() };
    told.says_of("23:00:00", Some("22:51:00"), Some(source), "Dev", &note(long));
    let stop = told.says(
        "22:58:40",
        "Cho",
        &Command::Act(Intended {
            act: Act::Stop,
            target: "release".into(),
            from: Some("1823".into()),
            to: Some("1822".into()),
            before: None,
            why: "go back".into(),
            update: None,
            reverts: None,
            ..Intended::default()
        }),
    );
    told.says("23:01:52", "Cho", &settled(stop, Outcome::Done, "8 of 8 hosts"));
    told.says(
        "23:01:55",
        "Ana",
        &Command::CheckIn { answered: vec!["Cho".into(), "Dev".into()], note: "served".into() },
    );
    told.says("23:02:20", "Ana", &Command::ChangePhase { phase: Phase::Mitigated, why: String::new(), anyway: false });
    let fixed =
        Corrected { entry: wrong, text: Some("eu-west-1".into()), at: None, struck: false, why: "too wide".into() };
    told.says("23:03:00", "Dev", &Command::Correct(fixed));
    let struck = told.says("23:03:10", "Dev", &note("wrong channel"));
    let strike = Corrected { entry: struck, text: None, at: None, struck: true, why: String::new() };
    told.says("23:03:20", "Eli", &Command::Correct(strike));
    told.says("23:03:30", "Eli", &Command::Ask(Asked { text: "how many, whose?".into(), of: None, goal: Some(1) }));
    let task = TaskOpened {
        text: "keep 1823 off".into(),
        owner: Some("Fay".into()),
        due: Some(t("23:05:00")),
        goal: None,
        undo: false,
    };
    told.says("23:03:40", "Ana", &Command::OpenTask(task));
    let impact = ImpactStated {
        what: "requests refused".into(),
        who: None,
        count: Some(40_000),
        certainty: Certainty::Estimated,
        data: DataState::Lost,
    };
    told.says("23:04:00", "Ana", &Command::StateImpact(impact));
    let burn = |left| {
        Command::NoteBurn(BurnNoted {
            slo: "availability".into(),
            target_ppm: 999_500,
            window_s: 2_592_000,
            total: 3_000_000,
            bad: 40_000,
            remaining_ppm: left,
            burn_1h_milli: Some(333_000),
            burn_5m_milli: None,
            state: "value".into(),
            source: "lb".into(),
            link: None,
            why: "pinned by Ana".into(),
        })
    };
    told.says("22:53:20", "Ana", &burn(800_000));
    told.says("23:04:10", "Ana", &burn(337_000));
    told.says("2019-07-10T00:15:00", "Ben", &public("All is well.", None));
    let late = told.incident.promises().updates().last().expect("it").sends.last().expect("one").0;
    told.says("2019-07-10T00:15:30", "Ben", &settled(late, Outcome::Done, ""));
    told.says(
        "2019-07-10T00:20:00",
        "Ana",
        &Command::ChangePhase { phase: Phase::Resolved, why: String::new(), anyway: false },
    );
    told
}

fn has(report: &str, lines: &[&str]) {
    let mut all = report.lines();
    for line in lines {
        assert!(all.any(|l| l == *line), "no line {line:?}, or not in this order, in:\n{report}");
    }
}

#[test]
fn given_a_night_when_reported_then_a_review_finds_it_in_this_order() {
    let report = story().report("2019-07-10T09:00:00");
    has(
        &report,
        &[
            "# Incident 412, SEV1: API refuses all \\| traffic",
            "All times are UTC; a time without a date lies on 2019-07-09.",
            "## Summary",
            "| Severity | SEV1 |",
            "| Phase | resolved since 2019-07-10 00:20:00 |",
            "| Commander | Ana since 22:53:12 |",
            "| Impact | 40,000 requests refused (estimated), data lost (as stated 23:04:00) |",
            "| Error budget | availability: 33.7 % left, 80.0 % when first noted |",
            "| Impact began | about 22:50:00 (from: declared) |",
            "| Impact ended | 23:02:20 |",
            "| Detected by | page |",
            "| Restricted | no |",
            "## Milestones",
            "| began | about 22:50:00 (from: declared) | 0 s |",
            "| detected | 22:52:00 (from: burn) | +2 min |",
            "| identified | not recorded | – |",
            "| Time to detect | about 2 min | began → detected |",
            "| Time to declare | 1 min 12 s | detected → declared |",
            "| Time to identify | not known: identified was not recorded | began → identified |",
            "| Time to mitigate | about 12 min 20 s | began → mitigated |",
            "| Impact lasted | about 12 min 20 s | began → impact ended (mitigated) |",
            "| Time to resolve | about 1 h 30 min | began → resolved |",
            "## People and roles",
            "| commander | Ana | 22:53:12 | still |",
            "## Goals",
            "| 1 | customer data is safe |",
            "## Timeline (UTC)",
            "### 2019-07-09",
            "- about 22:50:00 **began** (declared)",
            "- about 22:51:00 **note** Dev (+9 min, recorded 23:00:00; time from slack)",
            "      stack:",
            "        at main <script>",
            "        at {\u{2060}{ start }}",
            "- 22:53:12 **declared** Ana: SEV1: API refuses all \\| traffic; Ana commands (noticed by page)",
            "- 22:57:05 **note** Dev: api-3: no such file (+2 min, recorded 22:59:10)",
            "- 22:57:30 **note** Dev: eu-west-1",
            "  - the original text: \u{201c}all of eu-west\u{201d}; corrected by Dev at 23:03:00: too wide",
            "- 23:03:10 **note** Dev: ~~wrong channel~~",
            "  - struck by Eli at 23:03:20",
            "### 2019-07-10",
            "## Public updates and promises",
            "### 22:55:40 UTC, public, by Ben",
            "> We refuse traffic.",
            ">",
            "> \\# Sorry &lt;b&gt;",
            "- text settled 22:55:40",
            "- page: visible 22:56:05, 25 s after it was settled",
            "- promised the next one by 23:30:00",
            "### 2019-07-10 00:15:00 UTC, public, by Ben",
            "- promised no next one",
            "### Promises",
            "| 1 | public | public update | 22:55:40 | 23:30:00 | – | kept 2019-07-10 00:15:30, 45 min 30 s late |",
            "## Check-ins",
            "1 answered, 0 left out on purpose, 0 not recorded. *Not recorded* means that no line was written, not that nobody asked.",
            "| 23:00:00 | answered 23:01:55 | Cho, Dev | served |",
            "## Switches",
            "| stop release | 1823 → 1822 | 22:58:40 by Cho | go back | done 23:01:52: 8 of 8 hosts | – | **still to undo** |",
            "## Error budget",
            "| 22:53:20 | availability, 99.95 % of 30 d | 40,000 of 3,000,000 | 80.0 % | 333x | – | value | lb; pinned by Ana |",
            "## Questions",
            "| 1 | how many, whose? | 23:03:30 by Eli | – | **open** |",
            "## Tasks",
            "| 1 | keep 1823 off | Fay | 23:05:00 | – | **open** |",
            "## What remains",
            "- release is stopped (served 1823 before)",
            "- task 1 \"keep 1823 off\"",
            "---",
        ],
    );
    assert!(
        report.ends_with("Written by quarterdeck at 2019-07-10 09:00:00 UTC from 28 entries of incident 412.\n"),
        "{report}"
    );
}

#[test]
fn given_the_same_entries_when_reported_twice_then_the_bytes_are_the_same() {
    let told = story();
    assert_eq!(told.report("23:10:00"), told.report("23:10:00"));
}

#[test]
fn given_a_drill_when_reported_then_head_and_foot_say_so() {
    let told = story();
    let report = written(&told.incident, &told.entries, t("23:10:00"), true);
    assert!(report.starts_with("# DRILL: Incident 412"), "{report}");
    assert!(report.lines().last().is_some_and(|l| l.starts_with("DRILL. ")), "{report}");
}

#[test]
fn given_a_restricted_incident_when_reported_then_its_heading_is_its_number() {
    let mut told = Told::new();
    told.says("22:53:12", "Ana", &declared(true));
    let report = told.report("23:10:00");
    assert!(report.starts_with("# Incident 412, SEV1: restricted\n"), "{report}");
    has(
        &report,
        &["| Restricted | yes: outside the response only its number is said; this report is for those who may know |"],
    );
}

#[test]
fn given_a_moment_of_the_past_when_reported_as_of_it_then_what_came_later_is_missing() {
    let told = story();
    let (mut incident, rules) = (Incident::new(412), Rules::default());
    let known: Vec<Entry> = told.entries.iter().filter(|e| e.recorded <= t("22:56:30")).cloned().collect();
    let known: Vec<Entry> = known.into_iter().take_while(|e| incident.apply(e)).collect();
    let options = Options {
        generated: t("2019-07-10T09:00:00"),
        as_of: Some(t("22:56:30")),
        rules: &rules,
        holds: None,
        drill: false,
    };
    let mut out = Vec::new();
    export(&incident, &known, &options, &mut out).expect("memory");
    let report = String::from_utf8_lossy(&out);
    has(
        &report,
        &[
            "**As of 22:56:30 UTC.** What was recorded later is not here.",
            "| Phase | investigating since 22:53:12 |",
            "| 1 | public | public update | 22:55:40 | 23:30:00 | – | open, 33 min 30 s left |",
        ],
    );
    assert!(!report.contains("release"), "{report}");
}

#[test]
fn given_holds_when_reported_then_those_of_the_incident_and_those_that_stand_are_told_harmlessly() {
    let told = story();
    let mut standing = Standing::default();
    let hold = |scope: &str, why: &str, incident: Option<u32>| HoldPlaced {
        scope: scope.into(),
        why: why.into(),
        until: None,
        name: None,
        cause: None,
        slo: None,
        left_ppm: None,
        incident,
    };
    let id = |count| EntryId::of(Session(9), count);
    let glass = HoldLifted {
        hold: id(1),
        scope: "prod".into(),
        why: "the fix".into(),
        review: None,
        glass: true,
        incident: Some(412),
        confirms: Some(id(9)),
        asked_by: Some("Ben".into()),
    };
    let pass = PassGranted {
        scope: "prod".into(),
        reference: "v1822".into(),
        why: "it served before".into(),
        until: None,
        incident: Some(412),
    };
    let facts: [Fact; 4] = [
        hold("prod", "<b>1823</b>", Some(412)).into(),
        glass.into(),
        hold("staging", "a move", None).into(),
        pass.into(),
    ];
    for (seq, fact) in (1..).zip(facts) {
        let entry = Entry {
            incident: 0,
            seq,
            id: id(seq),
            at: t("22:58:00"),
            recorded: t("22:58:00"),
            when: None,
            author: "Ana".into(),
            session: Session(9),
            fact,
        };
        assert!(standing.apply(&entry));
    }
    let rules = Rules::default();
    let options =
        Options { generated: t("23:10:00"), as_of: None, rules: &rules, holds: Some(standing.holds()), drill: false };
    let mut out = Vec::new();
    export(&told.incident, &told.entries, &options, &mut out).expect("memory");
    let report = String::from_utf8_lossy(&out);
    let first = report.lines().find(|line| line.starts_with("| hold 1 | prod |")).expect("the hold");
    assert!(
        !first.contains("<b>")
            && first.contains("lifted 22:58:00 by Ana: the fix; asked for by Ben; **the review is owed**"),
        "{first}"
    );
    has(
        &report,
        &[
            "## Releases",
            "| hold 2 | staging | 22:58:00 by Ana | a move | **still stands** |",
            "| v1822 | prod | 22:58:00 by Ana | it served before | – |",
        ],
    );
}

#[test]
fn given_slots_that_nobody_answered_when_reported_then_they_are_not_recorded_and_blame_nobody() {
    let mut told = Told::new();
    told.says("22:53:12", "Ana", &declared(false));
    told.says("23:29:00", "Ana", &Command::SkipCheckIn { why: "on the bridge".into() });
    told.says("23:31:00", "Ana", &Command::CheckIn { answered: Vec::new(), note: String::new() });
    let report = told.report("23:46:00");
    has(
        &report,
        &[
            "1 answered, 1 left out on purpose, 1 not recorded. *Not recorded* means that no line was written, not that nobody asked.",
            "| 23:00:00 | not recorded | – | – |",
            "| 23:15:00 | left out on purpose | – | on the bridge |",
            "| 23:30:00 | answered 23:31:00 | – | – |",
            "| 23:45:00 | due | – | – |",
        ],
    );
}

#[test]
fn given_hands_that_changed_when_reported_then_every_holder_has_a_stretch() {
    let mut told = Told::new();
    told.says("22:53:12", "Ana", &declared(false));
    let role = crate::incident::roster::Role::Commander;
    told.says("23:10:00", "Ana", &Command::OfferRole { role, to: "Ben".into() });
    told.says("23:11:00", "Ben", &Command::AcceptRole { role });
    told.says("23:12:00", "Ben", &Command::RankGoal(GoalRanked { rank: 2, text: String::new(), why: String::new() }));
    has(
        &told.report("23:20:00"),
        &[
            "| commander | Ana | 22:53:12 | 23:11:00 |",
            "| commander | Ben | 23:11:00 | still |",
            "| 1 | customer data is safe |",
            "| 3 | service works again |",
        ],
    );
}

/// The lines that are Markdown: all but those of blocks, which begin with six spaces after an item.
fn markdown(report: &str) -> impl Iterator<Item = &str> {
    report.lines().filter(|line| !line.starts_with("      "))
}
/// Bars that end a cell.
fn bars(line: &str) -> usize {
    line.replace("\\\\", "").replace("\\|", "").matches('|').count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]
    #[test]
    fn nothing_from_outside_runs_in_a_report(entries in sample::entries(), drill in any::<bool>(), now in any::<i64>()) {
        let mut incident = Incident::new(7);
        assert!(entries.iter().all(|e| incident.apply(e)));
        let report = written(&incident, &entries, Time(now), drill);
        assert_eq!(written(&incident, &entries, Time(now), drill), report);
        let mut cells = None;
        for line in report.lines() {
            assert!(!line.ends_with([' ', '\t']), "{line:?}");
            assert!(line.chars().all(|c| !c.is_control() && !"\u{202e}\u{feff}\u{2028}".contains(c)), "{line:?}");
            assert!(!line.contains("{{") && !line.contains("{%"), "{line:?}");
        }
        for line in markdown(&report) {
            assert!(!line.contains(['<', '`']) || line.contains("\\`"), "{line:?}");
            let links = line.replace("\\](", "").replace("\\://", "");
            assert!(!links.contains("](") && !links.contains("://"), "{line:?}");
            assert!(!line.contains("@e"), "{line:?}");
            if line.starts_with('|') {
                assert_eq!(bars(line), *cells.get_or_insert(bars(line)), "{line:?}");
            } else {
                cells = None;
            }
            let ours = ["# ", "## ", "### ", "- ", "  - ", "> ", "| ", "|"];
            let first = line.chars().next().unwrap_or(' ');
            let plain = first.is_ascii_alphanumeric() || matches!(line, "" | ">" | "---") || line.starts_with("**");
            assert!(plain || ours.iter().any(|o| line.starts_with(o)), "{line:?}");
        }
    }
}
