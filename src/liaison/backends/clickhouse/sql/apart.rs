//! The statement that counts apart by the values of fields, and what its answer's values are. Pure; it must not know how statements travel.
//!
//! A column's type says what its values are. The values of a map are texts: one that is written as a whole number is said to be one, and means the same in a
//! filter, where a number beside a map's text reads that as a number.

use super::{Count, Kind, Statement, Table, Writer, place, quoted};
use crate::query::breakdown::{Breakdown, Percentile};
use crate::query::filter::{Finite, Literal};
use crate::query::series::SECOND;
use serde_json::Value;

/// How the values of a field are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// Numbers, quoted or bare.
    Number,
    /// The words true and false.
    Truth,
    /// Texts.
    Text,
    /// Texts without a type of their own.
    Loose,
}

/// Asks for the counts of each combination of values: the values, all events, those that are bad, and the percentile if one is asked for. The worst come
/// first, at most `most`.
///
/// # Errors
/// The table has no such column, or it holds no numbers.
pub fn apart(table: &Table, count: &Count, by: &Breakdown, most: usize) -> Result<(Statement, Vec<Held>), String> {
    let mut writer = Writer { table, values: Vec::new() };
    let time = quoted(table.time(count.time.as_deref())?);
    let bad = writer.condition(&count.bad)?;
    let valid = count.valid.as_ref().map(|valid| writer.condition(valid)).transpose()?;
    let valid = valid.map(|valid| format!(" AND {valid}")).unwrap_or_default();
    let service = writer.of(count)?;
    let (all, some) = writer.sums(count, &bad)?;
    let (mut keys, mut held) = (Vec::new(), Vec::new());
    for field in &by.fields {
        let (key, of) = writer.key(field)?;
        keys.push(key);
        held.push(of);
    }
    let percentile = by.percentile.as_ref().map(|percentile| writer.percentile(percentile, count)).transpose()?;
    let percentile = percentile.map(|percentile| format!(", {percentile}")).unwrap_or_default();
    let keys = keys.join(", ");
    let (from, to) = (by.from.div_euclid(SECOND), by.to.div_euclid(SECOND));
    let text = format!(
        "SELECT {keys}, {all}, {some}{percentile} FROM {} WHERE {time} >= toDateTime({from}) AND {time} < toDateTime({to}){service}{valid} \
         GROUP BY {keys} ORDER BY {some} DESC, {all} DESC LIMIT {most} FORMAT JSONCompact",
        place(&count.table)
    );
    Ok((Statement { text, values: writer.values }, held))
}

impl Writer<'_> {
    /// What a field is grouped by.
    fn key(&mut self, field: &str) -> Result<(String, Held), String> {
        let forms = self.forms(field)?;
        let (key, held) = match (forms.number, forms.text, forms.truth) {
            (Some(_), Some(text), _) => (text, Held::Loose),
            (Some(number), None, _) => (number, Held::Number),
            (None, Some(text), _) => (text, Held::Text),
            (None, None, truth) => (truth.unwrap_or_else(|| "NULL".into()), Held::Truth),
        };
        Ok((key, held))
    }

    /// A percentile by nearest rank. ClickHouse takes the value at the place `level × count`, counted from 0, which is one too far where that is whole: the
    /// level is made so little smaller that it is right for every count below 10,000,000,000.
    fn percentile(&mut self, percentile: &Percentile, count: &Count) -> Result<String, String> {
        let Some(number) = self.forms(&percentile.field)?.number else {
            return Err(format!("its column {} holds no numbers", percentile.field));
        };
        let ppm = u64::from(percentile.per_million.clamp(1, 1_000_000));
        let level = format!("0.{:012}", ppm * 1_000_000 - 1);
        Ok(match &count.weight {
            None => format!("quantileExact({level})({number})"),
            Some(weight) => format!("quantileExactWeighted({level})({number}, {})", quoted(weight)),
        })
    }
}

impl Table {
    /// A column holds attributes: any name may be asked for.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.0.iter().any(|(_, kind)| matches!(kind, Kind::Map | Kind::Json))
    }
}

impl Held {
    /// What a value of an answer is; `null` is a field that is not there.
    #[must_use]
    pub fn read(self, value: &Value) -> Literal {
        let whole = |text: &str| text.parse::<i64>().ok().filter(|number| number.to_string() == text);
        match (self, value) {
            (Held::Truth, Value::String(word)) => {
                word.parse().map_or_else(|_| Literal::Text(word.clone()), Literal::Bool)
            }
            (Held::Loose, Value::String(text)) => whole(text).map_or_else(|| Literal::Text(text.clone()), Literal::Int),
            (Held::Text, Value::String(text)) => Literal::Text(text.clone()),
            (Held::Number, Value::String(text)) => {
                let float = || text.parse().ok().and_then(Finite::new).map_or(Literal::Null, Literal::Float);
                whole(text).map_or_else(float, Literal::Int)
            }
            (_, Value::Number(number)) => {
                let float = || number.as_f64().and_then(Finite::new).map_or(Literal::Null, Literal::Float);
                number.as_i64().map_or_else(float, Literal::Int)
            }
            (_, Value::Bool(word)) => Literal::Bool(*word),
            (_, Value::Null | Value::Array(_) | Value::Object(_)) => Literal::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(weight: Option<&str>) -> Count {
        Count {
            table: "ev".into(),
            time: None,
            service: None,
            bad: "status >= 500".parse().unwrap(),
            valid: Some("host != \"probe\"".parse().unwrap()),
            weight: weight.map(str::to_owned),
        }
    }

    fn table() -> Table {
        Table::of([
            ("ts", "DateTime"),
            ("status", "UInt16"),
            ("host", "String"),
            ("ok", "Bool"),
            ("w", "UInt32"),
            ("SpanAttributes", "Map(String, String)"),
        ])
    }

    fn by(fields: &[&str], number: Option<&str>) -> Breakdown {
        Breakdown {
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
            from: 0,
            to: 60 * SECOND,
            percentile: number.map(|field| Percentile { field: field.into(), per_million: 990_000 }),
        }
    }

    #[test]
    fn given_fields_when_asked_apart_then_one_statement_groups_them_and_texts_are_bound() {
        let (statement, held) = apart(&table(), &count(None), &by(&["status", "host"], Some("w")), 11).unwrap();
        assert_eq!(
            statement.text,
            "SELECT `status`, toString(`host`), count(), countIf(ifNull(`status` >= 500, 0)), quantileExact(0.989999999999)(`w`) FROM `ev` \
             WHERE `ts` >= toDateTime(0) AND `ts` < toDateTime(60) AND NOT (ifNull(toString(`host`) = {p1:String}, 0)) \
             GROUP BY `status`, toString(`host`) ORDER BY countIf(ifNull(`status` >= 500, 0)) DESC, count() DESC LIMIT 11 FORMAT JSONCompact"
        );
        assert_eq!((statement.values, held), (vec!["probe".to_owned()], vec![Held::Number, Held::Text]));
        let (weighed, held) = apart(&table(), &count(Some("w")), &by(&["ok", "a.b"], Some("a.ms")), 11).unwrap();
        assert!(weighed.text.contains("sum(`w`), sumIf(`w`, ") && weighed.text.contains("quantileExactWeighted(0.98"));
        assert_eq!(held, [Held::Truth, Held::Loose]);
        assert_eq!(weighed.values, ["probe", "a.b", "a.ms"]);
    }

    #[test]
    fn given_what_is_no_number_when_a_percentile_is_asked_then_it_says_so() {
        let why = apart(&table(), &count(None), &by(&["status"], Some("host")), 1).unwrap_err();
        assert_eq!(why, "its column host holds no numbers");
        let closed = Table::of([("ts", "DateTime"), ("status", "UInt16"), ("host", "String")]);
        assert!(apart(&closed, &count(None), &by(&["build"], None), 1).unwrap_err().contains("no column build"));
        assert!(table().is_open() && !closed.is_open());
    }

    #[test]
    fn given_values_when_read_then_the_column_says_what_they_are() {
        let read = |held: Held, json: &str| held.read(&serde_json::from_str(json).unwrap());
        assert_eq!(read(Held::Number, "\"18446744073709551615\""), read(Held::Number, "18446744073709551615"));
        assert_eq!((read(Held::Number, "\"-4\""), read(Held::Number, "401")), (Literal::Int(-4), Literal::Int(401)));
        assert_eq!(read(Held::Loose, "\"401\""), Literal::Int(401));
        assert_eq!(read(Held::Loose, "\"0401\""), Literal::Text("0401".into()));
        assert_eq!(read(Held::Text, "\"401\""), Literal::Text("401".into()));
        assert_eq!(read(Held::Truth, "\"true\""), Literal::Bool(true));
        assert_eq!((read(Held::Text, "null"), read(Held::Number, "null")), (Literal::Null, Literal::Null));
    }
}
