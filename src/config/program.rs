//! Programs as configured: a list of arguments, and what they get of our environment, by name. It must not know when one is started.

use super::read::{Reader, Rows};
use super::value::{is_not, ranged};
use crate::config::trouble::shown;
use std::ffi::OsString;

/// The variables that every program gets, where they are set: where programs and the user's files are, who the user is, how words and
/// times are written, and where temporary files go. Every other one has to be named.
pub const USUAL: [&str; 13] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_TIME",
    "LC_NUMERIC",
    "TZ",
    "TMPDIR",
];

/// The most texts a list may have.
const MOST: usize = 200;

/// The usual variables and those of these names, as they are now. They may be secrets: nobody keeps or shows them.
#[must_use]
pub fn environment(named: &[String]) -> Vec<(OsString, OsString)> {
    let names = USUAL.into_iter().chain(named.iter().map(String::as_str));
    names.filter_map(|name| Some((name.into(), std::env::var_os(name)?))).collect()
}

impl Reader<'_> {
    /// A list of texts: a program and its arguments, or names. The first is not empty.
    pub fn texts(&mut self, rows: &Rows<'_>, key: &str) -> Option<Vec<String>> {
        self.get(rows, key, |value| {
            let list = value.as_array().ok_or_else(|| is_not(value))?;
            let mut texts = Vec::new();
            for value in list.iter().map(toml::Spanned::get_ref) {
                let text = value.as_str().ok_or_else(|| format!("holds what {}", is_not(value)))?;
                if text.contains('\0') {
                    return Err(format!("holds `{}`", shown(text)));
                }
                texts.push(text.to_owned());
            }
            match texts.first() {
                Some(first) if !first.trim().is_empty() && texts.len() <= MOST => Ok(texts),
                Some(_) if texts.len() > MOST => Err(format!("holds more than {MOST} texts")),
                _ => Err("is empty".to_owned()),
            }
        })
    }

    /// A whole number from 0 on.
    pub fn number(&mut self, rows: &Rows<'_>, key: &str) -> Option<u64> {
        self.get(rows, key, |value| {
            value.as_integer().ok_or_else(|| is_not(value)).and_then(|number| ranged(number, 0..=1_000_000))
        })
    }
}
