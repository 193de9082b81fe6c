//! The statement that asks whether any row has a field at all. A column that is not there is an error; a key that no map holds is none. Pure; it must not
//! know how statements travel.

use super::{Count, Kind, Statement, Table, Writer, place, quoted};
use crate::engine::alias;
use crate::query::series::SECOND;
use crate::query::window::Stretch;

/// Whether a field is looked for in maps, because the table has no column of it.
#[must_use]
pub fn is_key(table: &Table, field: &str) -> bool {
    let mut names = std::iter::once(field).chain(alias::others(field));
    table.is_open() && !names.any(|name| table.column(name).is_some())
}

/// Asks for one row of a stretch of time, which has a field where one is named.
///
/// # Errors
/// As [`super::counts`].
pub fn any(table: &Table, count: &Count, field: Option<&str>, stretch: Stretch) -> Result<Statement, String> {
    let mut writer = Writer { table, values: Vec::new() };
    let time = quoted(table.time(count.time.as_deref())?);
    let service = writer.of(count)?;
    let has = field.map(|field| writer.has(field)).map(|has| format!(" AND ({has})")).unwrap_or_default();
    let (from, to) = (stretch.from.div_euclid(SECOND), stretch.to.div_euclid(SECOND));
    let text = format!(
        "SELECT 1 FROM {} WHERE {time} >= toDateTime({from}) AND {time} < toDateTime({to}){service}{has} LIMIT 1 FORMAT JSONCompact",
        place(&count.table)
    );
    Ok(Statement { text, values: writer.values })
}

impl Writer<'_> {
    /// Whether a row has a field under any of its names in any map. An index of a map's keys serves this, and no value is read.
    fn has(&mut self, field: &str) -> String {
        let mut tests = Vec::new();
        for name in std::iter::once(field).chain(alias::others(field)) {
            for (map, kind) in self.table.maps() {
                let map = quoted(map);
                tests.push(if kind == Kind::Map {
                    format!("mapContains({map}, {})", self.bind(name))
                } else {
                    let path: Vec<String> = name.split('.').map(quoted).collect();
                    format!("isNotNull(CAST({map}.{} AS Nullable(String)))", path.join("."))
                });
            }
        }
        tests.join(" OR ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_table_with_maps_when_a_field_is_no_column_then_its_key_is_asked_for_in_all_of_them() {
        let table = Table::of([
            ("Timestamp", "DateTime64(9)"),
            ("StatusCode", "LowCardinality(String)"),
            ("ResourceAttributes", "Map(LowCardinality(String), String)"),
            ("SpanAttributes", "Map(LowCardinality(String), String)"),
        ]);
        let none = Count {
            table: "t".into(),
            time: None,
            service: None,
            bad: "x = 1".parse().unwrap(),
            valid: None,
            weight: None,
        };
        let stretch = Stretch { from: 60 * SECOND, to: 120 * SECOND };
        assert_eq!(
            ["span.status_code", "Timestamp", "shop.code"].map(|field| is_key(&table, field)),
            [false, false, true]
        );
        let asked = any(&table, &none, Some("shop.code"), stretch).unwrap();
        assert_eq!(
            asked.text,
            "SELECT 1 FROM `t` WHERE `Timestamp` >= toDateTime(60) AND `Timestamp` < toDateTime(120) AND \
             (mapContains(`SpanAttributes`, {p1:String}) OR mapContains(`ResourceAttributes`, {p1:String})) LIMIT 1 FORMAT JSONCompact"
        );
        assert_eq!(asked.values, ["shop.code"]);
        assert!(!any(&table, &none, None, stretch).unwrap().text.contains(" AND ("));
        assert!(!is_key(&Table::of([("ts", "DateTime")]), "shop.code"), "an unknown column is an error");
    }
}
