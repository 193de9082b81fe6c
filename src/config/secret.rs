//! Where a secret is found. The secret itself never stands in the configuration, and is read only when it is needed. It must not know what
//! it opens.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The longest secret that is read, in bytes.
const LONGEST: u64 = 16 << 10;

/// Where a secret is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// In this environment variable.
    Variable(String),
    /// In this file, without the line break at its end.
    File(PathBuf),
    /// On the standard output of this command, without the line break at its end. It gets nothing on its standard input and no shell.
    Command(Vec<String>),
}

/// A secret. It cannot be printed: whoever sends it takes it out by name.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, for the one place that sends it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretRef::Variable(name) => write!(f, "the variable {name}"),
            SecretRef::File(path) => write!(f, "the file {}", path.display()),
            SecretRef::Command(words) => write!(f, "the command {}", words.first().map_or("", String::as_str)),
        }
    }
}

impl SecretRef {
    /// Reads the secret. A command may take its time: call this where nothing else waits.
    ///
    /// # Errors
    /// It is not there, empty, or holds what no secret holds: in words, without any part of it.
    pub fn read(&self) -> Result<Secret, String> {
        let text = match self {
            SecretRef::Variable(name) => {
                std::env::var(name).map_err(|_| format!("{self} is not set, or is no text"))?
            }
            SecretRef::File(path) => from_file(path).map_err(|why| format!("{self} cannot be read: {why}"))?,
            SecretRef::Command(words) => from_command(words).map_err(|why| format!("{self} failed: {why}"))?,
        };
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        match text {
            "" => Err(format!("{self} holds nothing")),
            _ if text.len() as u64 > LONGEST => Err(format!("{self} holds more than a secret")),
            _ if text.chars().any(|c| c.is_control() || !c.is_ascii()) => {
                Err(format!("{self} holds characters that no secret has, such as a line break"))
            }
            _ => Ok(Secret(text.to_owned())),
        }
    }
}

fn from_file(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(|e| e.to_string())?;
    file.take(LONGEST + 1).read_to_string(&mut text).map_err(|e| e.to_string())?;
    Ok(text)
}

fn from_command(words: &[String]) -> Result<String, String> {
    let (program, arguments) = words.split_first().ok_or("it has no name")?;
    let ran = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output();
    let ran = ran.map_err(|e| e.to_string())?;
    if !ran.status.success() {
        return Err(format!("it ended with {}", ran.status));
    }
    String::from_utf8(ran.stdout).map_err(|_| "it answered no text".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> (tempfile::TempDir, SecretRef) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        std::fs::write(&path, bytes).unwrap();
        (dir, SecretRef::File(path))
    }

    fn why(secret: &SecretRef) -> String {
        secret.read().err().unwrap_or_default()
    }

    #[test]
    fn given_a_secret_when_read_then_only_the_line_break_at_its_end_goes() {
        for written in ["s3cret\n", "s3cret\r\n", "s3cret"] {
            let (_dir, secret) = file(written.as_bytes());
            assert_eq!(secret.read().map(|s| s.reveal().to_owned()), Ok("s3cret".to_owned()));
        }
        let echo = SecretRef::Command(["printf", "s3cret"].map(str::to_owned).to_vec());
        assert_eq!(echo.read().map(|s| s.reveal().to_owned()), Ok("s3cret".to_owned()));
    }

    #[test]
    fn given_what_is_no_secret_when_read_then_the_words_say_where_and_nothing_of_it() {
        for bytes in [&b"s3cret\nmore"[..], b"s3cr\x1bet", b"s3cret\xff", b"\n"] {
            let (_dir, secret) = file(bytes);
            let why = why(&secret);
            assert!(why.starts_with("the file ") && !why.contains("s3cr"), "{why}");
        }
        let long = "x".repeat(20_000);
        let (_dir, secret) = file(long.as_bytes());
        assert!(why(&secret).ends_with("holds more than a secret"));
        assert!(why(&SecretRef::File("/nowhere/at/all".into())).contains("cannot be read"));
        assert!(why(&SecretRef::Variable("QUARTERDECK_NO_SUCH_VARIABLE".into())).contains("is not set"));
        assert!(why(&SecretRef::Command(vec!["false".into()])).contains("ended with"));
        assert!(why(&SecretRef::Command(vec!["/nowhere/at/all".into(), "s3cret".into()])).contains("failed"));
    }
}
