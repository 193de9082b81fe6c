//! `burn --by`: how values share the events of each objective, with what others say that read the same events. Who is asked the same for several is
//! asked once. It must not know how anything is counted.

use super::shares::SHOWN;
use crate::config::Config;
use crate::config::blocks::Slo;
use crate::incident::time::{HOUR, Span, Time};
use crate::incident::trouble::Trouble;
use crate::query::breakdown::Percentile;
use crate::query::shares::{Asked, Shares};
use crate::shell::asker::{self, KEPT, Source};
use crate::shell::beside;

/// The percentile of a number that `--p99` asks for.
const P99: u32 = 990_000;

/// Who answers for an objective; or why it cannot be asked as it is configured, without a full stop.
type Opens<'a> = dyn Fn(&Slo) -> Result<Source, String> + Sync + 'a;

/// What is needed to ask.
pub struct At<'a> {
    /// How everything is configured.
    pub config: &'a Config,
    /// The present.
    pub present: Time,
    /// Who answers; where turns are few, all who are asked here share them.
    pub opens: &'a Opens<'a>,
}

/// What `--by` asks.
pub struct By {
    /// The fields.
    pub fields: Vec<String>,
    /// The field whose percentile is told.
    pub number: Option<String>,
    /// From when on it is *now*, if not for an hour.
    pub since: Option<Time>,
    /// Until when, if not until the moment that is asked about.
    pub until: Option<Time>,
}

/// What one objective says of its own events.
pub struct Piece {
    asked: Asked,
    now: Time,
    own: Shares,
    /// It counts as it is configured, not as if something else were bad.
    is_its_own: bool,
}

impl By {
    /// Asks one objective, whose source has answered.
    ///
    /// # Errors
    /// Nobody can say.
    pub fn piece(
        &self,
        at: &At<'_>,
        slo: &Slo,
        source: &mut Source,
        as_of: Time,
        is_its_own: bool,
    ) -> Result<Piece, Trouble> {
        let asked = Asked {
            fields: self.fields.clone(),
            since: asker::goal(slo).needs(as_of.0),
            from: self.since.unwrap_or(as_of.minus(Span(HOUR))).0,
            to: self.until.unwrap_or(as_of).min(as_of).0,
            percentile: self.number.clone().map(|field| Percentile { field, per_million: P99 }),
            kept: None,
        };
        let now = at.present.max(as_of);
        let own = source.shares(&asked, now, KEPT)?;
        Ok(Piece { asked, now, own, is_its_own })
    }
}

/// What each of these says, with what every other configured objective on its events says to the same question.
pub fn merged(at: &At<'_>, pieces: &[(&Slo, &Piece)]) -> Vec<Shares> {
    let wants = pieces.iter().map(|(slo, piece)| {
        let reads = slo.asks.reads();
        let same = move |other: &&Slo| other.name != slo.name && other.asks.reads() == reads;
        (*piece, at.config.slos.iter().filter(same).collect::<Vec<_>>())
    });
    let wants: Vec<(&Piece, Vec<&Slo>)> = wants.collect();
    // what was told for itself is told for others too
    let known = |other: &Slo, asked: &Asked| {
        let is_it =
            |(slo, piece): &&(&Slo, &Piece)| slo.name == other.name && piece.is_its_own && piece.asked == *asked;
        pieces.iter().find(is_it).map(|(_, piece)| piece.own.clone())
    };
    let mut missing: Vec<(&Slo, &Piece)> = Vec::new();
    for (piece, others) in &wants {
        for other in others.iter().filter(|other| known(other, &piece.asked).is_none()) {
            if !missing.iter().any(|(slo, asks)| slo.name == other.name && asks.asked == piece.asked) {
                missing.push((other, piece));
            }
        }
    }
    let told = beside::all(&missing, |(other, piece)| {
        let mut source = (at.opens)(other).map_err(Trouble::Refused)?;
        source.shares(&piece.asked, piece.now, KEPT)
    });
    let answer = |other: &Slo, asked: &Asked| {
        let asked_for = |(slo, piece): &(&Slo, &Piece)| slo.name == other.name && piece.asked == *asked;
        let told = missing.iter().position(asked_for).and_then(|place| told.get(place).cloned());
        known(other, asked).map(Ok).or(told)
    };
    let merge = |(piece, others): (&Piece, Vec<&Slo>)| {
        let others = others.into_iter().filter_map(|other| Some((&other.name, answer(other, &piece.asked)?)));
        asker::merged(piece.own.clone(), others).first(SHOWN)
    };
    wants.into_iter().map(merge).collect()
}
