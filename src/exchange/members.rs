//! What a document holds besides what is read. It must not know what any of it means.

use serde_json::Value;

/// Says of each member that is not among those that are known that it is not, by its path.
pub(super) fn unknown(value: &Value, path: &str, known: &[&str], against: &mut Vec<String>) {
    for key in value.as_object().into_iter().flat_map(|members| members.keys()) {
        if !known.contains(&key.as_str()) {
            against.push(format!("{path}{key} is not known; leave it out if nothing depends on it"));
        }
    }
}
