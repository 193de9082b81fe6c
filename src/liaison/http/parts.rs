//! Parts of a request: a segment of its path, a header line of its own. It must not know what is asked.

use super::Http;
use reqwest::header::HeaderValue;

impl Http {
    /// The same with another header line in every request.
    #[must_use]
    pub fn saying(mut self, name: &'static str, value: &'static str) -> Http {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }
}

/// A text as one segment of a path (RFC 3986, 2.3).
#[must_use]
pub fn segment(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_name_with_odd_characters_when_in_a_path_then_it_stays_one_segment() {
        assert_eq!(segment("my data/set?x=é"), "my%20data%2Fset%3Fx%3D%C3%A9");
        assert_eq!(segment("__all__"), "__all__");
    }
}
