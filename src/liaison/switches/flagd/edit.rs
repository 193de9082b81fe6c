//! Changes of single members in the text of one JSON object; every other byte stays. It must not know what they mean.

use super::scan;

/// `object` with the member `name` set to the JSON text `value`: in place where the object has it (the last of that
/// name), otherwise as a new last member, spaced like the ones that are there. `None` when `object` is no JSON object.
pub fn set(object: &str, name: &str, value: &str) -> Option<String> {
    let members = scan::members(object, &scan::whole(object)?)?;
    if let Some(member) = scan::last(&members, name) {
        return splice(object, member.value.start, member.value.end, value);
    }
    let key = serde_json::to_string(name).ok()?;
    let (Some(first), Some(end)) = (members.first(), members.last().map(|m| m.value.end)) else {
        return Some(format!("{{{key}: {value}}}"));
    };
    let colon = object.get(first.key.end..first.value.start)?;
    // What stands before the first name: the line break and the indentation, when there are any.
    let before = object.get(object.find('{')? + 1..first.key.start)?;
    let before = if members.len() == 1 || before.contains('\n') {
        before
    } else {
        let second = members.get(1)?;
        object.get(first.value.end..second.key.start)?.split_once(',').map(|(_, space)| space)?
    };
    splice(object, end, end, &format!(",{before}{key}{colon}{value}"))
}

/// `object` without its members called `name`. `None` when it is no JSON object.
pub fn remove(object: &str, name: &str) -> Option<String> {
    let mut text = object.to_owned();
    loop {
        let members = scan::members(&text, &scan::whole(&text)?)?;
        let Some(place) = members.iter().position(|m| m.name == name) else { return Some(text) };
        let member = members.get(place)?;
        let previous = place.checked_sub(1).and_then(|p| members.get(p));
        text = match (previous, members.get(place + 1)) {
            (_, Some(next)) => splice(&text, member.key.start, next.key.start, "")?,
            (Some(previous), None) => splice(&text, previous.value.end, member.value.end, "")?,
            (None, None) => splice(&text, member.key.start, member.value.end, "")?,
        };
    }
}

/// `text` with the bytes from `start` to `end` replaced.
pub fn splice(text: &str, start: usize, end: usize, with: &str) -> Option<String> {
    Some([text.get(..start)?, with, text.get(end..)?].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_set_in_place() {
        let object = "{ \"a\":1,\r\n\t\"b\" : [2] }";
        assert_eq!(set(object, "a", "\"x\"").as_deref(), Some("{ \"a\":\"x\",\r\n\t\"b\" : [2] }"));
        assert_eq!(set("{\"a\":1,\"\\u0061\":2}", "a", "3").as_deref(), Some("{\"a\":1,\"\\u0061\":3}"));
    }

    #[test]
    fn a_new_member_is_spaced_like_the_others() {
        for (object, want) in [
            ("{}", "{\"n\": 0}"),
            ("{\"a\":1}", "{\"a\":1,\"n\":0}"),
            ("{ \"a\": 1, \"b\": 2 }", "{ \"a\": 1, \"b\": 2, \"n\": 0 }"),
            ("{\"a\": 1, \"b\": 2}", "{\"a\": 1, \"b\": 2, \"n\": 0}"),
            ("{\r\n\t\"a\": 1,\r\n\t\"b\": 2\r\n}", "{\r\n\t\"a\": 1,\r\n\t\"b\": 2,\r\n\t\"n\": 0\r\n}"),
        ] {
            assert_eq!(set(object, "n", "0").as_deref(), Some(want));
        }
    }

    #[test]
    fn every_member_of_that_name_goes_with_its_comma() {
        for (object, want) in [
            ("{\"t\":1}", "{}"),
            ("{ \"t\": 1, \"b\": 2 }", "{ \"b\": 2 }"),
            ("{ \"b\": 2, \"t\": 1 }", "{ \"b\": 2 }"),
            ("{\n  \"a\": 1,\n  \"t\": {\"x\": [1, 2]},\n  \"b\": 2\n}", "{\n  \"a\": 1,\n  \"b\": 2\n}"),
            ("{\"t\":1,\"a\":1,\"\\u0074\":2}", "{\"a\":1}"),
            ("{\"a\":1}", "{\"a\":1}"),
        ] {
            assert_eq!(remove(object, "t").as_deref(), Some(want));
        }
    }
}
