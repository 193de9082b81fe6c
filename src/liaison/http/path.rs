//! Names in addresses. It must not know what they name.

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
