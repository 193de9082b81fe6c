//! Acts whose turn comes late.

use super::*;
use crate::config::{blocks, file};
use crate::incident::entry::{EntryId, Session};
use crate::incident::intent::Outcome;

const FLAGS: &str =
    r#"{"flags":{"push":{"state":"ENABLED","variants":{"on":true,"off":false},"defaultVariant":"on"}}}"#;

#[test]
fn given_an_act_whose_turn_comes_when_others_may_have_taken_it_for_lost_then_nothing_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let flags = dir.path().join("flags.json");
    std::fs::write(&flags, FLAGS).unwrap();
    let text = "[[switch]]\nname = 'push'\nkind = 'flagd'\nfile = '~/flags.json'\nflag = 'push'\nstop = 'off'\n";
    let (read, troubles) = file::read(Path::new("c"), text, dir.path());
    assert!(troubles.is_empty(), "{troubles:?}");
    let blocks::Blocks { switches, .. } = read.blocks;
    let nowhere = || dir.path().to_owned();
    let (exports, drafts, levers) = (nowhere(), nowhere(), Levers::default());
    let hands = Hands { switches, channels: Vec::new(), exports, drafts, gate: None, drill: false, levers };
    let before = hands.plan(0, &Wanted::Stop).unwrap().before;
    let what = Intended { target: "push".into(), before: Some(before), ..Intended::default() };
    let (id, at, person) = (EntryId::of(Session(1), 1), clock::real(), "Ana".to_owned());
    let errand = Errand { id, what, incident: None, update: None, put: None, at, person, number: None };
    // too late, and by a clock that was set back
    for since in [at.0 - 61_000_000, at.0 + 60_000_000] {
        let settled = hands.settle(&errand, since);
        assert_eq!(settled.outcome, Outcome::Refused);
        assert!(settled.detail.contains("Nothing was sent."), "{}", settled.detail);
        assert_eq!(std::fs::read_to_string(&flags).unwrap(), FLAGS);
    }
    // behind another one of its stream it is still to come; of another stream nobody knows
    for (number, outcome) in [(Some(412), Outcome::Refused), (None, Outcome::Done)] {
        let (give, orders) = channel();
        let (tell, answers) = channel();
        let gone = Errand { what: Intended { target: "gone".into(), ..errand.what.clone() }, number, ..errand.clone() };
        give.send(Order::Carry(Box::new(gone), clock::real().0)).unwrap();
        give.send(Order::Carry(Box::new(errand.clone()), at.0 - 61_000_000)).unwrap();
        drop(give);
        hands.serve(&orders, &tell);
        let last = answers.try_iter().last();
        assert!(matches!(&last, Some(Msg::Carried(settled)) if settled.outcome == outcome), "{number:?}: {last:?}");
    }
    assert_ne!(std::fs::read_to_string(&flags).unwrap(), FLAGS);
}
