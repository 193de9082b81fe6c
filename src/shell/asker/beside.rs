//! "Which values does no SLI count?": what several objectives on the same events say of their values, put together. Each is asked for itself and all at
//! once, but after the objective itself, whose answer is told as soon as it is there: turns are few with some. Whoever is still to be asked is named, and
//! what was said until then is kept. It must not know how anything is counted.

use super::KEPT;
use super::apart::Apart;
use crate::app::shares::SharesAsk;
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::query::shares::{Asked, Shares};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Mutex;

/// Who tells the events of one objective apart; or why nobody does.
type Teller = Rc<Mutex<Result<Apart, Trouble>>>;
/// What was said to a question that is not answered whole yet, by objective.
pub type Pieces = Rc<RefCell<BTreeMap<usize, (Asked, Shares)>>>;

/// One objective's shares, with what others on the same events say. Where one of these cannot be asked, that is said: what it counts looks uncounted.
#[must_use]
pub fn merged<'a>(
    mut shares: Shares,
    others: impl IntoIterator<Item = (&'a String, Result<Shares, Trouble>)>,
) -> Shares {
    for (name, other) in others {
        match other {
            Ok(other) => shares.beside(name, &other),
            Err(Trouble::Slowed(until, _)) => shares.awaited.push((name.clone(), until.0)),
            Err(trouble) => {
                let why = trouble.words().split(". ").next().unwrap_or_default().trim_end_matches('.');
                shares.notes.push(format!("{name} reads the same events and could not be asked: {why}"));
            }
        }
    }
    shares
}

/// Asks the objective (the first of those who tell) and the others. None when a newer question came meanwhile.
pub async fn asked(
    ask: &SharesAsk,
    tellers: &[Teller],
    pieces: &Pieces,
    is_newest: impl Fn() -> bool,
) -> Option<Result<Shares, Trouble>> {
    let places: Vec<usize> = std::iter::once(ask.slo).chain(ask.others.iter().map(|(place, _)| *place)).collect();
    let begin = |(place, teller): (&usize, &Teller)| {
        let known =
            pieces.borrow().get(place).filter(|(asked, _)| *asked == ask.asked).map(|(_, shares)| shares.clone());
        let task = tell(Rc::clone(teller), ask.asked.clone(), ask.now);
        match known {
            Some(shares) => Begun::Known(Box::new(shares)),
            None => Begun::Asked(tokio::task::spawn_local(task)),
        }
    };
    // who was asked before goes on with the turn that it has
    let is_told = pieces.borrow().get(&ask.slo).is_some_and(|(asked, _)| *asked == ask.asked);
    let now = if is_told { places.len() } else { 1 };
    let begun: Vec<Begun> =
        if is_newest() { places.iter().zip(tellers).take(now).map(begin).collect() } else { return None };
    let mut told = Vec::new();
    for (place, begun) in places.iter().zip(begun) {
        let answer = match begun {
            Begun::Known(shares) => Ok(*shares),
            Begun::Asked(task) => task.await.unwrap_or_else(|_| {
                Err(Trouble::Unreachable("Nobody answered. Nothing was counted. Ask again.".into()))
            }),
        };
        if let Ok(shares) = &answer {
            pieces.borrow_mut().insert(*place, (ask.asked.clone(), shares.clone()));
        }
        told.push(answer);
    }
    if !is_newest() {
        return None;
    }
    // nobody waits in silence: whose turn it is not yet is told so, and asked again
    let later = |_| Err(Trouble::Slowed(ask.now, String::new()));
    told.extend(places.iter().skip(now).map(later));
    if !told.iter().any(|answer| matches!(answer, Err(Trouble::Slowed(..)))) {
        pieces.borrow_mut().clear();
    }
    let mut told = told.into_iter();
    let own = told.next()?;
    Some(own.map(|own| merged(own, ask.others.iter().map(|(_, name)| name).zip(told))))
}

/// A part of the answer.
enum Begun {
    /// It was told before.
    Known(Box<Shares>),
    /// It is being asked.
    Asked(tokio::task::JoinHandle<Result<Shares, Trouble>>),
}

async fn tell(teller: Teller, asked: Asked, now: Time) -> Result<Shares, Trouble> {
    match teller.lock().await.as_mut() {
        Ok(apart) => apart.shares(&asked, now, KEPT, Duration::ZERO).await,
        Err(why) => Err(why.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::breakdown::{Row, Table, Told};
    use crate::query::filter::Literal;
    use crate::query::series::SECOND;
    use crate::query::shares::{Share, Verdict};

    const UNTIL: i64 = 47 * SECOND;

    fn question() -> Asked {
        Asked { fields: vec!["code".into()], since: 0, from: 0, to: UNTIL, percentile: None, kept: None }
    }
    /// 401 and 503, each a hundred times, and how many of them count.
    fn said(bad: [u64; 2]) -> Shares {
        let row = |(code, bad)| Row { values: vec![Literal::Int(code)], total: 100, bad, percentile: None };
        let rows = [401, 503].into_iter().zip(bad).map(row).collect();
        let now = Told { table: Table { rows, is_cut: false }, ..Told::default() };
        Shares::of(&question(), now, None, KEPT, |values| format!("{values:?}"))
    }
    fn slowed() -> Trouble {
        Trouble::Slowed(Time(UNTIL), "Its turn has not come. It is asked again.".into())
    }
    fn verdict(shares: &Shares, value: &str) -> Option<Verdict> {
        shares.rows.iter().find(|row| row.value == value).map(Share::verdict)
    }

    #[test]
    fn given_another_whose_turn_has_not_come_when_asked_then_the_own_answer_is_told_and_kept_until_it_has() {
        let ask = SharesAsk {
            slo: 0,
            ticket: 1,
            now: Time(0),
            asked: question(),
            others: vec![(1, "logins".into()), (2, "pages".into())],
        };
        let gone = || Trouble::Unreachable("hny does not answer. Nothing was counted. Ask again.".into());
        let (pieces, newest) = (Pieces::default(), std::cell::Cell::new(true));
        let asks = |answers: [Trouble; 3]| {
            let tellers = answers.map(|trouble| Rc::new(Mutex::new(Err(trouble))));
            let answer = async { asked(&ask, &tellers, &pieces, || newest.get()).await };
            let runtime = super::super::alone().unwrap();
            tokio::task::LocalSet::new().block_on(&runtime, answer)
        };
        // nobody has told anything yet, and the others take no turn from it
        pieces.borrow_mut().insert(1, (question(), said([100, 0])));
        assert_eq!(asks([slowed(), slowed(), gone()]), Some(Err(slowed())));
        pieces.borrow_mut().clear();
        // nobody is asked before its own is there
        assert_eq!(asks([gone(), slowed(), gone()]), Some(Err(gone())));
        // it is: the other is named, with the time of its turn
        pieces.borrow_mut().insert(0, (question(), said([0, 100])));
        let told = asks([gone(), slowed(), gone()]).unwrap().unwrap();
        assert_eq!((told.awaited.as_slice(), told.others.len()), ([("logins".to_owned(), UNTIL)].as_slice(), 0));
        assert_eq!(
            told.notes.last().map(String::as_str),
            Some("pages reads the same events and could not be asked: hny does not answer")
        );
        assert_eq!(verdict(&told, "401"), Some(Verdict::NotCounted));
        // the turn has come: what was said before is not asked again, nor kept any longer
        pieces.borrow_mut().insert(1, (question(), said([100, 0])));
        let told = asks([gone(), gone(), gone()]).unwrap().unwrap();
        assert_eq!(
            (told.awaited.as_slice(), told.others.as_slice()),
            ([].as_slice(), ["logins".to_owned()].as_slice())
        );
        assert_eq!(verdict(&told, "401"), Some(Verdict::Elsewhere));
        assert!(pieces.borrow().is_empty());
        // who asked something newer hears nothing of the older question
        newest.set(false);
        assert_eq!(asks([gone(), gone(), gone()]), None);
    }
}
