//! Why nobody answered, in words for people. It must not know who was asked.

use super::super::clean;
use super::SHOWN;

/// Why no secure connection stands, in words that say what to look at.
fn insecure(error: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    if let Some(inner) = inner {
        // errors of TLS travel as errors of reading, sometimes twice
        return insecure(inner);
    }
    Some(match error.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(_) => "its certificate is not trusted on this machine",
        rustls::Error::InvalidMessage(_) => {
            "it does not speak TLS there, see whether the address begins with https rightly"
        }
        _ => "no secure connection can be agreed on",
    })
}

/// What went wrong, without the address: it may be long, and it is said already.
pub(super) fn reason(error: &reqwest::Error) -> String {
    let mut kind = match () {
        () if error.is_timeout() => Some("it takes too long"),
        () if error.is_decode() || error.is_body() => Some("it cannot be read to its end"),
        () => None,
    };
    // the innermost cause says what it is: "connection refused", "invalid peer certificate: …"
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
        kind = insecure(cause).or(kind);
    }
    let words = clean::clean(&cause.to_string(), SHOWN).into_owned();
    kind.map_or(words.clone(), |kind| if words.is_empty() { kind.into() } else { format!("{kind} ({words})") })
}
