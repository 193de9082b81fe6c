//! Paths and JSON bodies with places for a context, a share and a reason, filled so that nothing can leave its place. Pure. It must not know
//! what is sent where.
//!
//! `{key}`, `{percent}` and `{reason}` are the places; any other brace is itself. In a path what stands there is one segment. In a body it is
//! part of a JSON string where the place is inside of one, and a value of its own elsewhere: a share as a number, a text as a string.

use super::super::super::http::segment;
use crate::incident::switch::{Share, Whom};
use serde::de::IgnoredAny;

/// What is filled in.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filling<'a> {
    /// For `{key}`.
    pub whom: Option<&'a Whom>,
    /// For `{percent}`, from 0 to 100.
    pub share: Option<Share>,
    /// For `{reason}`.
    pub reason: &'a str,
}

/// The places.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Key,
    Percent,
    Reason,
}

const PLACES: [(&str, Place); 3] = [("{key}", Place::Key), ("{percent}", Place::Percent), ("{reason}", Place::Reason)];

impl Filling<'_> {
    fn text(&self, place: Place) -> Option<String> {
        match place {
            Place::Key => self.whom.map(|whom| whom.key.clone()),
            Place::Percent => self.share.map(percent),
            Place::Reason => Some(self.reason.to_owned()),
        }
    }
}

/// Whether the template has a place for this.
pub fn holds(template: &str, place: &str) -> bool {
    template.contains(place)
}

/// The share as a number from 0 to 100.
fn percent(share: Share) -> String {
    share.to_string().trim_end_matches(" %").to_owned()
}

/// A path, filled. `None` when a place has nothing to hold, or what would stand there is a step up or no step at all.
pub fn path(template: &str, filling: &Filling<'_>) -> Option<String> {
    fill(template, |place, _| {
        let text = filling.text(place)?;
        // these two are not names but steps, however they are escaped
        (!matches!(text.as_str(), "." | "..")).then(|| segment(&text))
    })
}

/// Plain words, filled.
pub fn words(template: &str, filling: &Filling<'_>) -> Option<String> {
    fill(template, |place, _| filling.text(place))
}

/// A body, filled. `None` when a place has nothing to hold, or the result is no JSON.
pub fn body(template: &str, filling: &Filling<'_>) -> Option<String> {
    let filled = fill(template, |place, inside| {
        let text = filling.text(place)?;
        if place == Place::Percent {
            return Some(text);
        }
        let written = serde_json::to_string(&text).ok()?;
        let inner = written.strip_prefix('"')?.strip_suffix('"')?;
        Some(if inside { inner.to_owned() } else { written })
    })?;
    serde_json::from_str::<IgnoredAny>(&filled).ok().map(|_| filled)
}

/// Goes through a template once; what is filled in is not looked at again. The second argument says whether the place is in a JSON string.
fn fill(template: &str, put: impl Fn(Place, bool) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    let (mut rest, mut inside) = (template, false);
    while let Some(c) = rest.chars().next() {
        if let Some((name, place)) = PLACES.iter().find(|(name, _)| rest.starts_with(name)) {
            out.push_str(&put(*place, inside)?);
            rest = rest.get(name.len()..)?;
            continue;
        }
        let mut length = c.len_utf8();
        match c {
            '"' => inside = !inside,
            '\\' if inside => length += rest.chars().nth(1).map_or(0, char::len_utf8),
            _ => {}
        }
        out.push_str(rest.get(..length)?);
        rest = rest.get(length..)?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn key(key: &str) -> Whom {
        Whom { kind: "customer".into(), key: key.into() }
    }

    #[test]
    fn what_is_filled_in_cannot_leave_its_place() {
        let whom = key("a\"},{\"all\":true,\"{percent}");
        let filling = Filling { whom: Some(&whom), share: Share::of_milli(2_500), reason: "incident 412\nAna \"now\"" };
        let got = body(r#"{"who":"id:{key}","one":{key},"p":{percent},"t":"{percent} %","q":"\"{reason}"}"#, &filling);
        let got: Value = serde_json::from_str(&got.unwrap()).unwrap();
        let want = json!({"who": format!("id:{}", whom.key), "one": whom.key, "p": 2.5, "t": "2.5 %",
            "q": "\"incident 412\nAna \"now\""});
        assert_eq!(got, want);
        assert_eq!(
            path("/c/{key}/p?x={percent}", &filling).unwrap(),
            "/c/a%22%7D%2C%7B%22all%22%3Atrue%2C%22%7Bpercent%7D/p?x=2.5"
        );
        let slash = key("../../admin");
        assert_eq!(path("/c/{key}", &Filling { whom: Some(&slash), ..filling }).unwrap(), "/c/..%2F..%2Fadmin");
        for step in [".", ".."] {
            assert_eq!(path("/c/{key}", &Filling { whom: Some(&key(step)), ..filling }), None, "{step}");
        }
    }

    #[test]
    fn a_place_without_anything_to_hold_is_no_request() {
        let nothing = Filling::default();
        assert_eq!(body(r#"{"a":"{key}"}"#, &nothing), None);
        assert_eq!(path("/{percent}", &nothing), None);
        assert_eq!(body(r#"{"a":{"b":{}}}"#, &nothing).as_deref(), Some(r#"{"a":{"b":{}}}"#));
        assert_eq!(body("{", &nothing), None);
    }

    fn names() -> impl Strategy<Value = String> {
        // what is written to break out, and anything else
        let odd = prop::sample::select(
            &["/", "..", "?", "#", "%2F", "%2e", "\\", "&x=", ";", "\"", "}", "{key}", "{percent}", " ", "é", "a"][..],
        );
        prop_oneof![prop::collection::vec(odd, 1..6).prop_map(|parts| parts.concat()), any::<String>()]
    }

    proptest! {
        #[test]
        fn a_filled_path_has_the_same_steps_and_pairs_whatever_is_filled_in(text in names(), share in 0_u32..=100_000) {
            let whom = key(&text);
            let filling = Filling { whom: Some(&whom), share: Share::of_milli(share), reason: "" };
            let template = "/c/{key}/p/{percent}?one={key}&all=false";
            let Some(path) = path(template, &filling) else {
                prop_assert!([".", ".."].contains(&text.as_str()), "{text:?}");
                return Ok(());
            };
            let url = reqwest::Url::parse(&format!("http://server{path}")).unwrap();
            let steps: Vec<&str> = url.path_segments().unwrap().collect();
            let percent = percent(filling.share.unwrap());
            prop_assert_eq!(steps.join(" "), format!("c {} p {percent}", segment(&text)));
            prop_assert_eq!((url.host_str(), url.fragment()), (Some("server"), None));
            let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            prop_assert_eq!(pairs, [("one".to_owned(), text.clone()), ("all".to_owned(), "false".to_owned())]);
            // one value of JSON, with quotes around its place or without
            for template in [r#"{"who":"{key}","all":false}"#, r#"{"who":{key},"all":false}"#] {
                let body: Value = serde_json::from_str(&body(template, &filling).unwrap()).unwrap();
                prop_assert_eq!(body, json!({"who": text.clone(), "all": false}));
            }
        }

        #[test]
        fn a_filled_body_has_the_same_members_whatever_is_filled_in(text in "\\PC{0,20}", why in any::<String>()) {
            let whom = key(&text);
            let filling = Filling { whom: Some(&whom), share: Share::of_percent(5), reason: &why };
            let got = body(r#"{"a":"{key}","b":"{reason}","c":[{percent}]}"#, &filling).unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(&got).unwrap(), json!({"a": text, "b": why, "c": [5]}));
        }
    }
}
