//! From what is counted to ClickHouse's SQL. Pure; it must not know how statements travel.
//!
//! A filter means what [`query::filter`](crate::query::filter) says, as far as columns with types let it: a text column is never equal to a
//! number, a field that is missing matches no positive operator, a negative one is the complement. Where ClickHouse keeps no type of its own (the values of a
//! `Map(String, String)`, as the OpenTelemetry exporter writes attributes; paths of a `JSON` column), the literal decides: beside a number the text is read
//! as a number, beside a text it is one, beside true or false it is that word.
//!
//! Nothing from outside stands in a statement: texts are bound as parameters `{p1:String}` (ClickHouse since 19.14), names of columns are taken
//! from the table itself and quoted, and numbers are written here.

pub mod apart;
pub mod keys;

use crate::engine::alias;
use crate::query::filter::{Expr, Literal, Op, Test};
use crate::query::series::SECOND;
use crate::query::window::Stretch;

/// What is counted of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The table's name, with its database's before a dot if that is another one.
    pub table: String,
    /// The column of an event's time; its first column of a time without.
    pub time: Option<String>,
    /// Only events of this service.
    pub service: Option<String>,
    /// Which events are bad.
    pub bad: Expr,
    /// Which events count at all.
    pub valid: Option<Expr>,
    /// The column of how many events one row stands for.
    pub weight: Option<String>,
}

/// A statement and what is bound in it, `p1` first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// The statement.
    pub text: String,
    /// The values of its parameters.
    pub values: Vec<String>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Number,
    Bool,
    Text,
    Time,
    Map,
    Json,
    Other,
}

/// A table's columns, as `DESCRIBE TABLE` tells them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table(Vec<(String, Kind)>);

/// The columns that OpenTelemetry's exporter makes of fields that are no attributes (its `otel_traces` table), and what makes the field of the column.
const TRACES: [(&str, &str, &str); 6] = [
    ("service.name", "ServiceName", ""),
    ("name", "SpanName", ""),
    ("span.kind", "SpanKind", ""),
    ("span.status_code", "StatusCode", ""),
    ("span.status_message", "StatusMessage", ""),
    ("duration_ms", "Duration", " / 1e6"),
];
/// Where attributes are looked for first.
const MAPS: [&str; 2] = ["SpanAttributes", "ResourceAttributes"];

/// What kind of column a type is.
fn kind(of: &str) -> Kind {
    let mut of = of.trim();
    for wrapper in ["LowCardinality(", "Nullable(", "LowCardinality("] {
        of = of.strip_prefix(wrapper).and_then(|inner| inner.strip_suffix(')')).unwrap_or(of);
    }
    match of.split('(').next().unwrap_or_default() {
        "Bool" => Kind::Bool,
        "DateTime" | "DateTime64" => Kind::Time,
        "String" | "FixedString" | "Enum8" | "Enum16" | "UUID" | "IPv4" | "IPv6" => Kind::Text,
        "Map" => Kind::Map,
        "JSON" => Kind::Json,
        name if ["Int", "UInt", "Float", "Decimal"].iter().any(|begins| name.starts_with(begins)) => Kind::Number,
        _ => Kind::Other,
    }
}

impl Table {
    /// The columns, each a name and a type.
    pub fn of<'a>(columns: impl IntoIterator<Item = (&'a str, &'a str)>) -> Table {
        Table(columns.into_iter().map(|(name, of)| (name.to_owned(), kind(of))).collect())
    }

    fn kind(&self, name: &str) -> Option<Kind> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind)
    }

    /// The columns that hold attributes, those of spans first.
    fn maps(&self) -> Vec<(&str, Kind)> {
        let mut maps: Vec<(&str, Kind)> = self
            .0
            .iter()
            .filter(|(_, kind)| matches!(kind, Kind::Map | Kind::Json))
            .map(|(n, k)| (n.as_str(), *k))
            .collect();
        maps.sort_by_key(|(name, _)| MAPS.iter().position(|known| known == name).unwrap_or(MAPS.len()));
        maps
    }

    /// The column of a name that is one, and what makes the field of it.
    fn column(&self, name: &str) -> Option<(&str, Kind, &'static str)> {
        let find =
            |name: &str| self.0.iter().find(|(known, _)| known == name).map(|(known, kind)| (known.as_str(), *kind));
        let direct = find(name).filter(|(_, kind)| !matches!(kind, Kind::Map | Kind::Json));
        direct.map(|(name, kind)| (name, kind, "")).or_else(|| {
            let (_, column, makes) = TRACES.iter().find(|(field, ..)| *field == name)?;
            find(column).map(|(name, kind)| (name, kind, *makes))
        })
    }

    /// The column of an event's time: the one that is named, else the first that holds one.
    ///
    /// # Errors
    /// It is not there or holds no time.
    pub fn time(&self, named: Option<&str>) -> Result<&str, String> {
        let found = match named {
            Some(named) => self.0.iter().find(|(name, _)| name == named),
            None => self.0.iter().find(|(_, kind)| *kind == Kind::Time),
        };
        match (found, named) {
            (Some((name, Kind::Time)), _) => Ok(name),
            (Some((name, _)), _) => Err(format!("its column {name} holds no DateTime; name one that does with `time`")),
            (None, Some(named)) => Err(format!("it has no column {named}; its columns are {}", self.names())),
            (None, None) => Err(format!("it has no column of a DateTime; its columns are {}", self.names())),
        }
    }

    fn names(&self) -> String {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).take(12).collect();
        if self.0.len() > names.len() {
            names.push("…");
        }
        names.join(", ")
    }
}

/// A name as SQL reads it.
#[must_use]
pub fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
}

/// A table's name as SQL reads it: what stands before its first dot is a database.
#[must_use]
pub fn place(table: &str) -> String {
    table
        .split_once('.')
        .map_or_else(|| quoted(table), |(database, table)| format!("{}.{}", quoted(database), quoted(table)))
}

/// A parameter's value travels as a field of a tab-separated file.
#[must_use]
pub fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r").replace('\0', "\\0")
}

/// How a field is read.
struct Forms {
    present: String,
    number: Option<String>,
    text: Option<String>,
    /// As the words true and false.
    truth: Option<String>,
}

/// A statement that is being written.
struct Writer<'a> {
    table: &'a Table,
    values: Vec<String>,
}

impl Writer<'_> {
    fn bind(&mut self, text: &str) -> String {
        let place = self.values.iter().position(|known| known == text).unwrap_or_else(|| {
            self.values.push(text.to_owned());
            self.values.len() - 1
        });
        format!("{{p{}:String}}", place + 1)
    }

    fn forms(&mut self, field: &str) -> Result<Forms, String> {
        let table = self.table;
        let names: Vec<&str> = std::iter::once(field).chain(alias::others(field)).collect();
        let mut columns: Vec<_> = names.iter().filter_map(|name| table.column(name)).collect();
        columns.dedup_by(|one, other| one.0 == other.0);
        if let [(name, kind, makes)] = columns.as_slice() {
            let column = quoted(name);
            let read = format!("{column}{makes}");
            let mut forms = Forms { present: format!("isNotNull({column})"), number: None, text: None, truth: None };
            match kind {
                Kind::Number => forms.number = Some(read),
                Kind::Bool => forms.truth = Some(format!("toString({read})")),
                _ => forms.text = Some(format!("toString({read})")),
            }
            return Ok(forms);
        }
        let mut texts: Vec<String> =
            columns.iter().map(|(name, _, makes)| format!("toString({}{makes})", quoted(name))).collect();
        if texts.is_empty() {
            for name in names {
                for (map, kind) in table.maps() {
                    let map = quoted(map);
                    texts.push(if kind == Kind::Map {
                        let key = self.bind(name);
                        format!("if(mapContains({map}, {key}), toString({map}[{key}]), NULL)")
                    } else {
                        let path: Vec<String> = name.split('.').map(quoted).collect();
                        format!("CAST({map}.{} AS Nullable(String))", path.join("."))
                    });
                }
            }
        }
        let text = match texts.as_slice() {
            [] => return Err(format!("it has no column {field}; its columns are {}", table.names())),
            [one] => one.clone(),
            several => format!("coalesce({})", several.join(", ")),
        };
        let number = Some(format!("toFloat64OrNull({text})"));
        Ok(Forms { present: format!("isNotNull({text})"), number, truth: Some(text.clone()), text: Some(text) })
    }

    /// A comparison, 0 or 1.
    fn compare(&mut self, forms: &Forms, sign: &str, literal: &Literal) -> String {
        let is_equal = sign == "=";
        let (side, other) = match literal {
            Literal::Null if is_equal => return format!("NOT ({})", forms.present),
            Literal::Bool(word) if is_equal => (forms.truth.as_ref(), format!("'{word}'")),
            Literal::Int(number) => (forms.number.as_ref(), number.to_string()),
            Literal::Float(number) => (forms.number.as_ref(), format!("{:e}", number.get())),
            Literal::Text(text) => match &forms.text {
                Some(side) => (Some(side), self.bind(text)),
                None => (None, String::new()),
            },
            Literal::Null | Literal::Bool(_) => (None, String::new()),
        };
        side.map_or_else(|| "0".into(), |side| format!("ifNull({side} {sign} {other}, 0)"))
    }

    fn about(&mut self, forms: &Forms, function: &str, text: &str) -> String {
        let Some(side) = &forms.text else { return "0".into() };
        let text = self.bind(text);
        match function {
            "position" => format!("ifNull(position({side}, {text}) > 0, 0)"),
            _ => format!("ifNull({function}({side}, {text}), 0)"),
        }
    }

    fn any(&mut self, forms: &Forms, list: &[Literal]) -> String {
        let tests: Vec<String> = list.iter().map(|literal| self.compare(forms, "=", literal)).collect();
        if tests.is_empty() { "0".into() } else { format!("({})", tests.join(" OR ")) }
    }

    fn test(&mut self, test: &Test) -> Result<String, String> {
        let forms = self.forms(&test.field)?;
        Ok(match &*test.meant() {
            Op::Eq(literal) => self.compare(&forms, "=", literal),
            Op::Ne(literal) => format!("NOT ({})", self.compare(&forms, "=", literal)),
            Op::Gt(literal) => self.compare(&forms, ">", literal),
            Op::Ge(literal) => self.compare(&forms, ">=", literal),
            Op::Lt(literal) => self.compare(&forms, "<", literal),
            Op::Le(literal) => self.compare(&forms, "<=", literal),
            Op::StartsWith(text) => self.about(&forms, "startsWith", text),
            Op::DoesNotStartWith(text) => format!("NOT ({})", self.about(&forms, "startsWith", text)),
            Op::EndsWith(text) => self.about(&forms, "endsWith", text),
            Op::DoesNotEndWith(text) => format!("NOT ({})", self.about(&forms, "endsWith", text)),
            Op::Contains(text) => self.about(&forms, "position", text),
            Op::DoesNotContain(text) => format!("NOT ({})", self.about(&forms, "position", text)),
            Op::Exists => forms.present,
            Op::DoesNotExist => format!("NOT ({})", forms.present),
            Op::In(list) => self.any(&forms, list),
            Op::NotIn(list) => format!("NOT ({})", self.any(&forms, list)),
        })
    }

    fn condition(&mut self, expr: &Expr) -> Result<String, String> {
        let mut joined = |list: &[Expr], word: &str, empty: &str| -> Result<String, String> {
            let parts = list.iter().map(|expr| self.condition(expr)).collect::<Result<Vec<_>, _>>()?;
            Ok(if parts.is_empty() { empty.into() } else { format!("({})", parts.join(word)) })
        };
        match expr {
            Expr::And(list) => joined(list, " AND ", "1"),
            Expr::Or(list) => joined(list, " OR ", "0"),
            Expr::Not(inner) => Ok(format!("NOT ({})", self.condition(inner)?)),
            Expr::Test(test) => self.test(test),
        }
    }

    /// How many events there are, and how many of them are bad.
    fn sums(&self, count: &Count, bad: &str) -> Result<(String, String), String> {
        let Some(weight) = &count.weight else { return Ok(("count()".to_owned(), format!("countIf({bad})"))) };
        if self.table.kind(weight) != Some(Kind::Number) {
            return Err(format!("it has no column {weight} of numbers; its columns are {}", self.table.names()));
        }
        let weight = quoted(weight);
        Ok((format!("sum({weight})"), format!("sumIf({weight}, {bad})")))
    }

    /// Where and of which service: everything but the stretch of time.
    fn of(&mut self, count: &Count) -> Result<String, String> {
        Ok(match &count.service {
            None => String::new(),
            Some(service) => {
                let test = Test { field: "service.name".into(), op: Op::Eq(Literal::Text(service.clone())) };
                let service = self.test(&test).map_err(|_| "it has no column of a service".to_owned())?;
                format!(" AND {service}")
            }
        })
    }
}

/// Asks for a table's columns.
#[must_use]
pub fn columns(count: &Count) -> Statement {
    Statement { text: format!("DESCRIBE TABLE {} FORMAT JSONCompact", place(&count.table)), values: Vec::new() }
}

/// Asks for the counts of each bucket that has rows: its start in seconds, all events that count, those that are bad.
///
/// # Errors
/// The table has no such column.
pub fn counts(table: &Table, count: &Count, stretch: Stretch, step: i64) -> Result<Statement, String> {
    let mut writer = Writer { table, values: Vec::new() };
    let time = quoted(table.time(count.time.as_deref())?);
    let bad = writer.condition(&count.bad)?;
    let valid = count.valid.as_ref().map(|valid| writer.condition(valid)).transpose()?;
    let valid = valid.map(|valid| format!(" AND {valid}")).unwrap_or_default();
    let service = writer.of(count)?;
    let (all, some) = writer.sums(count, &bad)?;
    let seconds = (step / SECOND).max(1);
    let bucket = format!("intDiv(toUnixTimestamp({time}), {seconds})");
    let (from, to) = (stretch.from.div_euclid(SECOND), stretch.to.div_euclid(SECOND));
    let text = format!(
        "SELECT {bucket} * {seconds}, {all}, {some} FROM {} WHERE {time} >= toDateTime({from}) AND {time} < toDateTime({to}){service}{valid} \
         GROUP BY {bucket} FORMAT JSONCompact",
        place(&count.table)
    );
    Ok(Statement { text, values: writer.values })
}

/// Asks whether there is any row before a moment: then buckets without rows had no traffic.
///
/// # Errors
/// As [`counts`].
pub fn before(table: &Table, count: &Count, moment: i64) -> Result<Statement, String> {
    let mut writer = Writer { table, values: Vec::new() };
    let time = quoted(table.time(count.time.as_deref())?);
    let service = writer.of(count)?;
    let text = format!(
        "SELECT 1 FROM {} WHERE {time} < toDateTime({}){service} LIMIT 1 FORMAT JSONCompact",
        place(&count.table),
        moment.div_euclid(SECOND)
    );
    Ok(Statement { text, values: writer.values })
}

/// Asks for the time of the newest row since a moment, in seconds; 0 without any.
///
/// # Errors
/// As [`counts`].
pub fn newest(table: &Table, count: &Count, since: i64) -> Result<Statement, String> {
    let mut writer = Writer { table, values: Vec::new() };
    let time = quoted(table.time(count.time.as_deref())?);
    let service = writer.of(count)?;
    let text = format!(
        "SELECT toUnixTimestamp(max({time})) FROM {} WHERE {time} >= toDateTime({}){service} FORMAT JSONCompact",
        place(&count.table),
        since.div_euclid(SECOND)
    );
    Ok(Statement { text, values: writer.values })
}

#[cfg(test)]
mod tests;
