//! What a flag file serves, as values and in words. Pure: text in. It must not know where the text came from.

use super::document::{Definition, Document, Flag, show};
use crate::incident::trouble::Trouble;
use std::collections::BTreeMap;

/// The value of a flag that leaves the choice to the application: disabled, or without a default variant.
pub const CODE_DEFAULT: &str = "the application's own default";

/// What a sentence calls a file whose path is not known.
pub(super) const UNNAMED: &str = "The flag file";

/// Whether flagd evaluates a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does.
    Enabled,
    /// It does not: applications use their own default.
    Disabled,
}

impl State {
    /// The word in the file.
    pub fn word(self) -> &'static str {
        match self {
            State::Enabled => "ENABLED",
            State::Disabled => "DISABLED",
        }
    }
}

/// What an application without a context is served. All texts are harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The value plainly (`1822`, `true`, a string without quotes), or [`CODE_DEFAULT`].
    pub value: String,
    /// The variant it comes from; none when the application's own default is used.
    pub variant: Option<String>,
    /// Whether flagd evaluates the flag.
    pub state: State,
    /// Whether there is targeting: then some contexts, perhaps all, get other values (unless the flag is disabled).
    pub targeting: bool,
    /// The variants that can be served: name and value, in file order.
    pub variants: Vec<(String, String)>,
    /// The same without what targeting may change.
    pub(super) plain: String,
    /// All that in one sentence.
    pub words: String,
}

/// One flag of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name as written, escapes resolved; not harmless.
    pub name: String,
    /// What it can be asked for by as well, because it is shown so and no other flag is.
    pub alias: Option<String>,
    /// What it serves, or what is wrong with it.
    pub served: Result<Served, Trouble>,
}

/// What `flag` serves according to the text of a flag file.
///
/// # Errors
/// See [`Trouble`]: empty, not JSON, no flag file, YAML, no such flag, or a fault for which flagd refuses the file.
pub fn resolve(file_text: &str, flag: &str) -> Result<Served, Trouble> {
    resolve_in(UNNAMED, file_text, flag)
}

/// [`resolve`] for a file that sentences call `label`.
pub(super) fn resolve_in(label: &str, file_text: &str, flag: &str) -> Result<Served, Trouble> {
    let document = Document::parse(label, file_text)?;
    let served = of(&document.define(document.find(flag)?)?);
    document.check_all()?;
    Ok(served)
}

/// All flags of a file, in its order.
///
/// # Errors
/// As for [`resolve`], as far as the whole file is concerned.
pub fn list(file_text: &str) -> Result<Vec<Listed>, Trouble> {
    let document = Document::parse(UNNAMED, file_text)?;
    let mut shown: BTreeMap<String, usize> = BTreeMap::new();
    for flag in &document.flags {
        *shown.entry(show(&flag.name)).or_default() += 1;
    }
    let alias = |name: &str| Some(show(name)).filter(|alias| alias != name && shown.get(alias) == Some(&1));
    let listed = |flag: &Flag| Listed {
        name: flag.name.clone(),
        alias: alias(&flag.name),
        served: document.define(flag).map(|definition| of(&definition)),
    };
    Ok(document.flags.iter().map(listed).collect())
}

/// What a definition serves.
pub(super) fn of(definition: &Definition) -> Served {
    let state = if definition.enabled { State::Enabled } else { State::Disabled };
    let variant = definition.default.filter(|_| definition.enabled).and_then(|place| definition.variants.get(place));
    let value = variant.map_or_else(|| CODE_DEFAULT.to_owned(), |v| v.shown());
    let plain = match (state, variant) {
        (State::Disabled, _) => format!("disabled: serves {CODE_DEFAULT}, which need not be any variant here"),
        (State::Enabled, None) => format!("names no default variant: serves {CODE_DEFAULT}"),
        (State::Enabled, Some(variant)) => format!("serves {value} (variant {})", show(&variant.name)),
    };
    let mut words = plain.clone();
    if definition.targeting && definition.enabled {
        words.push_str("; it has targeting: some contexts, perhaps all, get other values");
    }
    Served {
        value,
        variant: variant.map(|v| show(&v.name)),
        state,
        targeting: definition.targeting,
        variants: definition.variants.iter().map(|v| (show(&v.name), v.shown())).collect(),
        plain,
        words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(definition: &str) -> String {
        format!("{{\"flags\": {{\"release\": {definition}}}}}")
    }

    fn served(definition: &str) -> Served {
        resolve(&flag(definition), "release").unwrap()
    }

    #[test]
    fn scalars_are_shown_plainly() {
        let variants = "\"variants\":{\"a\":1822,\"b\":1823}";
        let got = served(&format!("{{\"state\":\"ENABLED\",{variants},\"defaultVariant\":\"a\"}}"));
        assert_eq!((got.value.as_str(), got.variant.as_deref()), ("1822", Some("a")));
        assert_eq!(got.variants, [("a".to_owned(), "1822".to_owned()), ("b".to_owned(), "1823".to_owned())]);
        assert_eq!(got.words, "serves 1822 (variant a)");
        assert_eq!(served("{\"state\":\"ENABLED\",\"variants\":{\"a\":\"x\"},\"defaultVariant\":\"a\"}").value, "x");
        let object = "{\"state\":\"ENABLED\",\"variants\":{\"a\":{\"k\":\n  [1]}},\"defaultVariant\":\"a\"}";
        assert_eq!(served(object).value, "{\"k\": [1]}");
    }

    #[test]
    fn disabled_is_the_applications_own_default_never_off() {
        let got =
            served("{\"state\":\"DISABLED\",\"variants\":{\"on\":true,\"off\":false},\"defaultVariant\":\"off\"}");
        assert_eq!((got.value.as_str(), got.variant, got.state), (CODE_DEFAULT, None, State::Disabled));
        assert!(got.words.contains("own default"));
    }

    #[test]
    fn no_default_variant_is_the_applications_own_default() {
        for default in ["", ",\"defaultVariant\":null"] {
            let got = served(&format!("{{\"state\":\"ENABLED\",\"variants\":{{\"on\":true}}{default}}}"));
            assert_eq!((got.value.as_str(), got.variant), (CODE_DEFAULT, None));
        }
    }

    #[test]
    fn targeting_is_said() {
        let rules = |rules: &str| {
            served(&format!(
                "{{\"state\":\"ENABLED\",\"variants\":{{\"on\":true}},\"defaultVariant\":\"on\",\"targeting\":{rules}}}"
            ))
        };
        assert!(rules("{\"if\":[{\"var\":\"x\"},\"on\"]}").words.contains("some contexts"));
        assert!(!rules("{}").targeting);
        assert!(!rules("null").targeting);
    }

    #[test]
    fn of_repeated_names_the_last_counts() {
        let twice = "{\"flags\":{\"x\":{\"state\":\"ENABLED\",\"variants\":{\"a\":1},\"defaultVariant\":\"a\"},\
                     \"\\u0078\":{\"state\":\"ENABLED\",\"variants\":{\"a\":2},\"defaultVariant\":\"a\"}}}";
        assert_eq!(resolve(twice, "x").unwrap().value, "2");
        assert_eq!(list(twice).unwrap().len(), 1);
    }

    #[test]
    fn an_array_of_flags_is_read_too() {
        let text =
            "{\"flags\":[{\"key\":\"x\",\"state\":\"ENABLED\",\"variants\":{\"a\":1},\"defaultVariant\":\"a\"}]}";
        assert_eq!(resolve(text, "x").unwrap().value, "1");
    }

    #[test]
    fn one_broken_flag_speaks_for_the_whole_file() {
        let text = "{\"flags\":{\"ok\":{\"state\":\"ENABLED\",\"variants\":{\"a\":1}},\"bad\":{\"state\":\"NOPE\",\"variants\":{\"a\":1}}}}";
        let Err(Trouble::Garbled(words)) = resolve(text, "ok") else { panic!("not garbled") };
        assert!(words.contains("bad") && words.contains("NOPE"), "{words}");
        assert_eq!(list(text).unwrap().len(), 2);
    }

    #[test]
    fn every_fault_is_named_in_three_sentences() {
        let trouble = |text: &str| resolve(text, "releese").unwrap_err().words().to_owned();
        for (text, part) in [
            ("", "is empty"),
            ("  \n", "is empty"),
            ("{\"flags\": {\n  \"a\": }}", "line 2, column"),
            ("flags:\n  release:\n", "YAML"),
            ("\u{feff}{\"flags\":{}}", "byte order mark"),
            ("[]", "no \"flags\""),
            ("{\"flags\": 5}", "no \"flags\""),
            (&flag("{\"state\":\"ENABLED\",\"variants\":{\"a\":1}}"), "Did you mean release?"),
        ] {
            let words = trouble(text);
            assert!(words.contains(part), "{words}");
            assert!(words.matches(['.', '?']).count() >= 3, "{words}");
        }
    }

    #[test]
    fn hostile_names_are_harmless_and_still_usable() {
        let text = "{\"flags\":{\"a\\u001b]52;c;eA==\\u0007b\u{202e}\":{\"state\":\"ENABLED\",\"variants\":{\"v\\u001b[2J\":\"\\u001b[31mred\"},\"defaultVariant\":\"v\\u001b[2J\"}}}";
        let listed = list(text).unwrap();
        assert_eq!(
            (listed[0].name.as_str(), listed[0].alias.as_deref()),
            ("a\u{1b}]52;c;eA==\u{7}b\u{202e}", Some("ab"))
        );
        let got = resolve(text, "ab").unwrap();
        assert_eq!((got.value.as_str(), got.variant.as_deref()), ("red", Some("v")));
    }
}
