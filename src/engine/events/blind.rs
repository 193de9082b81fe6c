//! Whether filters can see what fails by now: names that no event has, and fields that nearly all events had and the latest lack. Those are counted with
//! the memory for questions, and what is usual only where something is missing. It must not know of files.

use super::Events;
use crate::engine::alias;
use crate::engine::notes;
use crate::engine::question::{Blind, Note, Question};
use crate::engine::span::Span;
use crate::query::filter::{Expr, Op, Test};
use crate::query::gone::{ENOUGH, Gone, LATELY, TENTH};
use crate::query::series::{Bucket, DAY, HOUR, MINUTE, Series};

/// How far back is looked at most for what is usual, µs.
const FARTHEST: i64 = 800 * DAY;

/// Of how many events one is too many that holds in another form what a filter looks for: as many as of lines that cannot be read.
const FEW: u64 = 100;

/// Among which events something is missing.
#[derive(Clone, Copy)]
struct Among<'a> {
    bad: Option<&'a Expr>,
    valid: Option<&'a Expr>,
    now: i64,
}

impl Events {
    /// Why filters can see nothing at a moment, and what they do not see besides.
    pub fn blind(&mut self, bad: &Expr, valid: Option<&Expr>, now: i64) -> Blind {
        let mut blind = Blind { why: notes::blind(bad, valid, self.lanes.stores()), ..Blind::default() };
        let gone = self.gone(&bad.compared(), Among { bad: Some(bad), valid, now });
        let is_gone = |test: &Test| gone.iter().any(|(seen, _, gone)| gone.blinds(bad) && *seen == test.seen());
        let is_blind = bad.says_nothing(is_gone);
        let is_dim = |test: &Test| gone.iter().any(|(seen, _, gone)| gone.dims(bad) && *seen == test.seen());
        blind.is_dim = bad.says_nothing(is_dim);
        let (why, besides): (Vec<_>, Vec<_>) = gone.iter().partition(|(.., gone)| is_blind && gone.blinds(bad));
        blind.why.extend(why.into_iter().map(|(_, note, _)| note.clone()));
        blind.besides.extend(besides.into_iter().map(|(_, note, _)| note.clone()));
        if let Some(valid) = valid {
            // what counts by a field that is gone counts no more; where some have it these may be all that were meant
            let mut gone = self.gone(&valid.wanting(), Among { bad: None, valid: None, now });
            gone.retain(|(.., gone)| gone.is_all());
            let is_gone = |test: &Test| gone.iter().any(|(seen, ..)| *seen == test.seen());
            let notes = if valid.lets_none(is_gone) { &mut blind.why } else { &mut blind.besides };
            notes.extend(gone.iter().map(|(_, note, _)| note.clone()));
        }
        self.confused(bad, valid, now, &mut blind);
        blind.why.extend(self.unread(now));
        let fields: Vec<&str> = [Some(bad), valid].into_iter().flatten().flat_map(Expr::fields).collect();
        for (note, is_blind) in fields.into_iter().filter_map(|field| self.twice(field)) {
            let notes = if is_blind { &mut blind.why } else { &mut blind.besides };
            notes.push(note);
        }
        if let Some(valid) = valid.filter(|_| blind.why.is_empty()) {
            blind.why.extend(self.none_valid(valid, now));
        }
        for notes in [&mut blind.why, &mut blind.besides] {
            notes.sort();
            notes.dedup();
        }
        blind
    }

    /// What tests look at that nearly every event had and the latest lack.
    fn gone(&mut self, tests: &[&Test], among: Among<'_>) -> Vec<(Expr, Note, Gone)> {
        let mut seen: Vec<(Expr, &Test)> = tests.iter().map(|test| (test.seen(), *test)).collect();
        seen.sort();
        seen.dedup_by(|one, other| one.0 == other.0);
        let mut all = Vec::new();
        for (seen, test) in seen {
            let Some(gone) = self.missing(&seen, among) else { continue };
            let exists = Expr::Test(Test { field: test.field.clone(), op: Op::Exists });
            // where the field is still there it holds something else now
            let only = match self.missing(&exists, among) {
                Some(also) if also.lacking == gone.lacking => None,
                _ => kind(test),
            };
            all.push((seen, Note::Gone { field: test.field.clone(), only, gone }, gone));
        }
        all
    }

    /// How many of the latest events lack something, where that is news.
    fn missing(&mut self, seen: &Expr, among: Among<'_>) -> Option<Gone> {
        let Among { bad, valid, now } = among;
        let lacks = Expr::Not(Box::new(seen.clone()));
        let gone = self.lately(&lacks, valid, now, &LATELY).filter(|gone| gone.is_odd())?;
        let good = bad.map(|bad| Expr::Not(Box::new(bad.clone())));
        let counts = [valid.cloned(), good].into_iter().flatten().collect();
        gone.news(&self.before(lacks, Some(Expr::And(counts)), gone.since, now)?)
    }

    /// Says so where a field stands twice in one event, and whether that is no rare noise.
    fn twice(&self, asked: &str) -> Option<(Note, bool)> {
        let names = || std::iter::once(asked).chain(alias::others(asked));
        let stores = self.lanes.stores();
        let of = |name: &str| stores.iter().filter_map(|store| Some(store.twice(store.field(name)?))).sum::<u64>();
        if let Some((field, columns)) = self.files.twice().find(|(field, _)| names().any(|name| name == *field)) {
            let note = Note::Twice { field: field.to_owned(), columns: Some(columns), events: 0 };
            // where both say the same nothing is guessed
            return Some((note, of(field) > 0));
        }
        let events = names().map(of).max().filter(|events| *events > 0)?;
        let gone = Gone { events: self.lanes.rows(), lacking: events, since: i64::MIN };
        Some((Note::Twice { field: asked.to_owned(), columns: None, events }, gone.is_odd()))
    }

    /// Says so where a tenth of the latest lines or more could not be read.
    fn unread(&mut self, now: i64) -> Option<Note> {
        if self.unread_between(i64::MIN, i64::MAX) == 0 {
            return None;
        }
        let (none, to) = (Expr::Or(Vec::new()), now.saturating_add(MINUTE));
        let mut minutes = Question { bad: none.clone(), valid: None, from: 0, to, step: MINUTE };
        let lately = LATELY.iter().find_map(|back| {
            minutes.from = now.saturating_sub(*back);
            let (rows, lacking) = (self.counts(&minutes).0, self.unread_between(minutes.from, to));
            let events = rows.saturating_add(lacking);
            (events >= ENOUGH).then_some(Gone { events, lacking, since: minutes.from })
        });
        let gone = lately.filter(|gone| gone.is_odd())?;
        let before = self.before(none, None, gone.since, now)?;
        let step = before.step();
        let with = |bucket: &Bucket| {
            let bad = self.unread_between(bucket.start, bucket.start.saturating_add(step));
            Bucket { total: bucket.total.saturating_add(bad), bad, ..*bucket }
        };
        let before = Series::of(step, before.buckets().iter().map(with).collect());
        Some(Note::Unread { unread: gone.reaching(&before, TENTH) })
    }

    /// More than one in a hundred of the lines of a time that may be events could not be read.
    pub fn is_short(&mut self, from: i64, to: i64) -> bool {
        let unread = self.unread_between(from, to);
        let (from, none) = (from.div_euclid(DAY).saturating_mul(DAY), Expr::Or(Vec::new()));
        let question = Question { bad: none, valid: None, from, to, step: DAY };
        unread > 0 && unread.saturating_mul(99) > self.tally(&question, from, to).rows()
    }

    fn unread_between(&self, from: i64, to: i64) -> u64 {
        self.lanes.stores().iter().map(|store| store.unread(from, to)).sum()
    }

    /// Says so where events came and none of them ever counted.
    fn none_valid(&mut self, valid: &Expr, now: i64) -> Option<Note> {
        let from = Span::of(self.lanes.stores(), now).first?.max(now.saturating_sub(FARTHEST)).div_euclid(DAY) * DAY;
        let to = now.saturating_add(DAY).div_euclid(DAY) * DAY;
        let mut rows = |valid: Option<&Expr>| {
            let none = Expr::Or(Vec::new());
            let question = Question { bad: none, valid: valid.cloned(), from, to, step: DAY };
            self.tally(&question, from, to).rows()
        };
        let (events, counted) = (rows(None), rows(Some(valid)));
        let holds = notes::held(valid, self.lanes.stores());
        (events > 0 && counted == 0).then(|| Note::NoneValid { events, valid: valid.to_string(), holds })
    }

    /// How many of the latest valid events are of some kind, in the first of these stretches that holds enough.
    fn lately(&mut self, kind: &Expr, valid: Option<&Expr>, now: i64, stretches: &[i64]) -> Option<Gone> {
        let mut minutes = Question { bad: kind.clone(), valid: valid.cloned(), from: 0, to: now, step: MINUTE };
        stretches.iter().find_map(|back| {
            minutes.from = now.saturating_sub(*back);
            let (rows, series) = self.counts(&minutes);
            let sum = series.sum(i64::MAX, i64::MAX);
            let gone = Gone { events: sum.total, lacking: sum.bad, since: minutes.from };
            (rows >= ENOUGH).then_some(gone)
        })
    }

    /// How many valid events were of some kind until a moment, as far back as is looked from now.
    fn before(&mut self, bad: Expr, valid: Option<Expr>, to: i64, now: i64) -> Option<Series> {
        let from = Span::of(self.lanes.stores(), now).first?.max(now.saturating_sub(FARTHEST));
        Some(self.counts(&Question { bad, valid, from, to, step: 10 * MINUTE }).1)
    }

    /// Adds the fields that hold another kind of value than filters compare with in a tenth of the latest events or more: also where it was so from the
    /// beginning. Fewer of them are rare noise, like the dash that some write for no answer, and stay a remark; but not where they read as what is asked for.
    fn confused(&mut self, bad: &Expr, valid: Option<&Expr>, now: i64, blind: &mut Blind) {
        let of = |filter: &Expr| filter.confused().into_iter().map(|one| (one, filter.clone())).collect::<Vec<_>>();
        let of_bad = of(bad).into_iter().map(|(one, filter)| (one, filter, valid.cloned()));
        let of_valid = valid.map(of).unwrap_or_default().into_iter();
        let of_valid = of_valid.map(|(one, filter)| {
            let may = one.may_mean(&filter);
            (one, filter, Some(may))
        });
        for (confused, filter, among) in of_bad.chain(of_valid).collect::<Vec<_>>() {
            let is_told = |note: &Note| match note {
                Note::Gone { field, .. } | Note::Types { field, .. } => *field == confused.test.field,
                _ => false,
            };
            let is_mixed = notes::holds(&confused.test.field, confused.holds, self.lanes.stores());
            if !is_mixed || blind.why.iter().any(is_told) {
                continue;
            }
            let texts = notes::texts(&confused.test.field, self.lanes.stores());
            let unsure = confused.unsure(&filter);
            // what is called good for a quarter of an hour rests on all of it, and a share near a tenth must not come and go
            let mut odd = |unsure: &Expr, many: u64| {
                let mut lately = |stretches: &[i64]| {
                    self.lately(unsure, among.as_ref(), now, stretches).filter(|gone| gone.is_one_in(many))
                };
                lately(&LATELY).or_else(|| lately(&[HOUR / 4]))
            };
            let found = odd(&unsure, TENTH).map(|gone| (gone, unsure, TENTH));
            // a text that reads as what is asked for is no noise
            let misread = confused.misread(&filter, texts.iter().map(|text| &**text));
            let found = found.or_else(|| misread.and_then(|misread| Some((odd(&misread, FEW)?, misread, FEW))));
            let Some((gone, unsure, many)) = found else { continue };
            let Some(before) = self.before(unsure, among, gone.since, now) else { continue };
            blind.besides.retain(|note| !is_told(note));
            blind.why.push(Note::Mixed { confused, gone: gone.reaching(&before, many) });
        }
    }

    /// How many events there were, each counted once, and how many of which kind in each bucket.
    fn counts(&mut self, question: &Question) -> (u64, Series) {
        let step = question.step;
        let edge = |time: i64| time.div_euclid(step) * step;
        let (from, to) = (edge(question.from), edge(question.to.saturating_add(step - 1)));
        let tally = self.tally(question, from, to);
        let starts: Vec<i64> = (0..(to - from).max(0) / step).map(|n| from + n * step).collect();
        (tally.rows(), tally.series(step, &starts))
    }
}

/// What a test looks at in a field that may hold anything.
fn kind(test: &Test) -> Option<&'static str> {
    use crate::query::filter::Literal::{Bool, Float, Int, Null, Text};
    let kinds = test.op.literals().iter().map(|literal| match literal {
        Int(_) | Float(_) => Some("a number"),
        Text(_) => Some("a text"),
        Bool(_) => Some("true or false"),
        Null => None,
    });
    let mut kinds: Vec<Option<&str>> = kinds.collect();
    kinds.dedup();
    match kinds[..] {
        [] => Some("a text"),
        [one] => one,
        _ => None,
    }
}
