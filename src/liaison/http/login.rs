//! How somebody shows who they are: nothing, a token, a password, a header of their own. It must not know to whom.

/// A secret. It cannot be printed.
#[derive(Clone)]
pub struct Key(pub(super) String);

impl Key {
    /// Takes a secret.
    pub fn new(secret: impl Into<String>) -> Key {
        Key(secret.into())
    }
}

/// How somebody shows who they are.
#[derive(Clone, Default)]
pub enum Login {
    /// They do not.
    #[default]
    Nobody,
    /// `Authorization: Bearer`.
    Bearer(Key),
    /// `Authorization: Basic`.
    Basic(String, Key),
    /// A header of their own.
    Header(String, Key),
}

impl Login {
    /// The header in which the secret stands alone, where it does.
    pub(super) fn header(&self) -> Option<(&str, &Key)> {
        match self {
            Login::Header(name, key) => Some((name, key)),
            Login::Nobody | Login::Bearer(_) | Login::Basic(..) => None,
        }
    }
}
