//! "Which values does no SLI count?": what several objectives on the same events say of their values, put together. Each is asked for itself and all at once;
//! who waits for a turn keeps what the others have said. It must not know how anything is counted.

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
///
/// # Errors
/// The objective itself cannot be asked.
pub fn merged(
    own: Result<Shares, Trouble>,
    others: Vec<(&String, Result<Shares, Trouble>)>,
) -> Result<Shares, Trouble> {
    let mut shares = own?;
    for (name, other) in others {
        match other {
            Ok(other) => shares.beside(name, &other),
            Err(trouble) => {
                let why = trouble.words().split(". ").next().unwrap_or_default().trim_end_matches('.');
                shares.notes.push(format!("{name} reads the same events and could not be asked: {why}"));
            }
        }
    }
    Ok(shares)
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
    let begun: Vec<Begun> = if is_newest() { places.iter().zip(tellers).map(begin).collect() } else { return None };
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
    // nobody waits in silence: whose turn it is not yet is told so, and asks again
    if let Some(Err(wait)) = told.iter().find(|answer| matches!(answer, Err(Trouble::Slowed(..)))) {
        return Some(Err(wait.clone()));
    }
    pieces.borrow_mut().clear();
    let mut told = told.into_iter();
    let own = told.next()?;
    Some(merged(own, ask.others.iter().map(|(_, name)| name).zip(told).collect()))
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
