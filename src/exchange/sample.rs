//! Random entries for the laws of this folder: every kind of text, odd times, kinds of a later version. It must not know what is
//! done with them.

use crate::incident::declare::Declared;
use crate::incident::entry::{Entry, EntryId, Session, When};
use crate::incident::fact::{Fact, Unread};
use crate::incident::intent::{Act, Intended, Outcome, Seen, Settled};
use crate::incident::promise::{Audience, Promised, Updated};
use crate::incident::record::{Corrected, Decided, Noted};
use crate::incident::roster::{Role, RoleTaken};
use crate::incident::severity::Severity;
use crate::incident::sought::Found;
use crate::incident::task::TaskOpened;
use crate::incident::time::Time;
use crate::incident::told::{HoldTold, What};
use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};

/// What somebody may type, paste or send.
pub(super) fn text() -> BoxedStrategy<String> {
    let piece = prop_oneof![
        4 => "[a-z ]{1,8}",
        2 => any::<String>(),
        2 => "[-\\\\`*_{}\\[\\]<>()#+.!|~&$:@=^\"' \t\n0-9]{1,6}",
        1 => Just("\u{1b}]52;c;aGk=\u{7}".to_string()),
        1 => Just("\u{202e}\u{feff}\u{0}\r\n\u{85}\u{2028}".to_string()),
        1 => Just("<script>alert(1)</script><!-- -->".to_string()),
        1 => Just("[x](javascript:1) ![y](http://a.b/c) www.evil.example https://evil.example @everyone".to_string()),
        1 => Just("\n# h\n---\n===\n```\n| a |\n1. x\n- y\n    code\n[^1]: z\n{{ l }}{% m %}".to_string()),
    ];
    vec(piece, 0..4).prop_map(|pieces| pieces.concat()).boxed()
}

fn time() -> BoxedStrategy<Time> {
    let day = 1_562_700_000_000_000_i64;
    prop_oneof![
        6 => (day..day + 90_000_000_000).prop_map(Time),
        2 => (0..1500_i64).prop_map(move |minutes| Time(day + minutes * 60_000_000)),
        1 => any::<i64>().prop_map(Time),
        1 => prop_oneof![Just(Time(i64::MIN)), Just(Time(i64::MAX)), Just(Time(0))],
    ]
    .boxed()
}

/// One of the first ids, so that facts often mean each other.
fn id() -> BoxedStrategy<EntryId> {
    (0..14_u64).prop_map(|n| EntryId::of(Session(7), n)).boxed()
}

fn when() -> BoxedStrategy<Option<Box<When>>> {
    let maybe = || proptest::option::of(text());
    let some = (any::<bool>(), proptest::option::of(time()), any::<bool>(), maybe(), maybe());
    let some = some.prop_map(|(about, until, open, source, zone)| Box::new(When { about, until, open, source, zone }));
    proptest::option::weighted(0.4, some).boxed()
}

fn fact() -> BoxedStrategy<Fact> {
    let maybe = || proptest::option::of(text());
    let moment = || proptest::option::of(time());
    let unread = |kind: String, text: String| Fact::Unknown(Box::new(Unread { kind: kind.into(), text: text.into() }));
    prop_oneof![
        (text(), moment(), any::<bool>(), moment(), maybe(), any::<bool>()).prop_map(
            |(title, began, began_about, ended, detected_by, restricted)| {
                let severity = Severity::Sev1;
                Declared { title, severity, began, began_about, ended, ended_about: false, detected_by, restricted }
                    .into()
            }
        ),
        (text(), any::<bool>()).prop_map(|(text, pinned)| Noted { text, pinned }.into()),
        (text(), proptest::option::of(any::<u8>())).prop_map(|(text, serves)| Decided { text, serves }.into()),
        text().prop_map(|person| RoleTaken { role: Role::Commander, person }.into()),
        (text(), moment()).prop_map(|(text, next)| Updated { text, audience: Audience::Public, next }.into()),
        (text(), text(), time(), maybe()).prop_map(|(to, what, by, owner)| Promised { to, what, by, owner }.into()),
        (text(), maybe(), moment())
            .prop_map(|(text, owner, due)| { TaskOpened { text, owner, due, goal: None, undo: false }.into() }),
        (text(), maybe(), maybe(), text(), proptest::option::of(id())).prop_map(|(target, from, to, why, update)| {
            let act = if update.is_some() { Act::Publish } else { Act::Stop };
            Intended { act, target, from, to, before: None, why, update, reverts: None, ..Intended::default() }.into()
        }),
        (id(), text(), maybe()).prop_map(|(intent, detail, value)| {
            Settled { intent, outcome: Outcome::Done, detail, value, ..Settled::default() }.into()
        }),
        (text(), text(), proptest::option::of(id()), text(), any::<bool>()).prop_map(
            |(target, value, intent, detail, is_half)| {
                let found = is_half.then_some(Found::Otherwise);
                Seen { target, value, intent, detail, found }.into()
            }
        ),
        (id(), maybe(), moment(), any::<bool>(), text())
            .prop_map(|(entry, text, at, struck, why)| { Corrected { entry, text, at, struck, why }.into() }),
        (id(), text(), text(), maybe()).prop_map(|(about, by, words, owes)| {
            let what = if owes.is_some() { What::Lifted } else { What::Frozen };
            HoldTold { what, about, by, words, owes, owed_by: None }.into()
        }),
        // a kind of a later version: JSON as it was written, or no JSON at all
        (text(), text()).prop_map(move |(kind, text)| {
            let text =
                serde_json::to_string(&text).map(|t| format!("{{ \"depth\" :3,\"why\":{t}}}")).unwrap_or_default();
            unread(format!("later-{kind}"), text)
        }),
        (text(), text()).prop_map(move |(kind, text)| unread(format!("later-{kind}"), text)),
        prop_oneof![Just("null"), Just(" {}"), Just("{}\n"), Just("{\"a\":\n1}"), Just("[1.50]"), Just("")]
            .prop_map(move |text| unread("later".into(), text.into())),
    ]
    .boxed()
}

/// A stream of up to a dozen entries.
pub(super) fn entries() -> BoxedStrategy<Vec<Entry>> {
    let entry = (time(), time(), when(), text(), any::<u64>(), fact());
    vec(entry, 0..12)
        .prop_map(|all| {
            let numbered = (1_u64..).zip(all);
            let entry = |(seq, (at, recorded, when, author, session, fact)): (u64, (_, _, _, String, u64, _))| Entry {
                incident: 7,
                seq,
                id: EntryId::of(Session(7), seq),
                at,
                recorded,
                when,
                author: author.into(),
                session: Session(session),
                fact,
            };
            numbered.map(entry).collect()
        })
        .boxed()
}
