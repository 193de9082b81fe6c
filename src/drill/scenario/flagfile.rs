//! What the flag file says, as far as a scenario refers to it. It must not know what flags are for.

use serde_json::Value;

use super::places;
use super::read::{Checked, wrong};
use super::wire::{self, Word};

/// The flags of the file.
pub struct FlagFile(Vec<Flag>);

/// One flag.
pub struct Flag {
    name: String,
    /// Its variants, in the file's order.
    pub variants: Vec<Variant>,
    serves: Option<String>,
}

/// One variant of a flag.
pub struct Variant {
    /// Its name.
    pub name: String,
    /// Its value as plain text.
    pub value: String,
}

impl FlagFile {
    /// Reads the file's text.
    pub fn read(raw: &wire::Flags) -> Checked<FlagFile> {
        let place = raw.text.span();
        let json: Value = match serde_json::from_str(raw.text.get_ref()) {
            Ok(json) => json,
            Err(error) => return wrong(place, format!("the flag file is no JSON: {error}")),
        };
        match json.get("flags").and_then(Value::as_object) {
            Some(flags) => Ok(FlagFile(flags.iter().map(|(name, flag)| Flag::of(name, flag)).collect())),
            None => wrong(place, "the flag file has no object `flags`"),
        }
    }

    /// The flag of this name.
    pub fn flag(&self, word: &Word) -> Checked<&Flag> {
        match self.0.iter().find(|flag| flag.name == *word.get_ref()) {
            Some(flag) => Ok(flag),
            None => {
                let known = self.0.iter().map(|flag| flag.name.as_str());
                wrong(word.span(), places::unknown("flag", word.get_ref(), known))
            }
        }
    }
}

impl Flag {
    fn of(name: &str, flag: &Value) -> Flag {
        let variants = flag.get("variants").and_then(Value::as_object).into_iter().flatten();
        let variant = |(name, value): (&String, &Value)| Variant { name: name.clone(), value: plain(value) };
        Flag {
            name: name.to_owned(),
            variants: variants.map(variant).collect(),
            serves: flag.get("defaultVariant").map(plain),
        }
    }

    /// The value it serves to an application without a context; `None` when that is the application's own default.
    pub fn served(&self) -> Option<&str> {
        let serves = self.serves.as_deref()?;
        self.variants.iter().find(|variant| variant.name == serves).map(|variant| variant.value.as_str())
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
