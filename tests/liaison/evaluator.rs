//! The proof that what is written is what flagd serves: flagd's own evaluator reads the files.
//! Runs where node is installed and `QUARTERDECK_TEST_FLAGD` names a directory with `@openfeature/flagd-core`.

use quarterdeck::liaison::outcome::CarryOutcome;
use quarterdeck::liaison::switches::flagd::{Expected, Wanted, carry, look};
use std::fs;
use std::path::Path;
use std::process::Command;

const FILE: &str = r#"{
  "$schema": "https://flagd.dev/schema/v0/flags.json",
  "$evaluators": { "canary": { "in": [ { "var": "targetingKey" }, [ "api-3" ] ] } },
  "flags": {
    "release": {
      "state": "ENABLED",
      "variants": { "old": 1822, "new": 1823 },
      "targeting": { "if": [ { "$ref": "canary" }, "new", null ] },
      "defaultVariant": "new"
    },
    "signup": { "state": "DISABLED", "variants": { "on": true, "off": false }, "defaultVariant": "off" },
    "plain": { "state": "ENABLED", "variants": { "a": "x", "b": "y" }, "defaultVariant": "a" },
    "nodefault": { "state": "ENABLED", "variants": { "on": true, "off": false } },
    "shape": { "variants": { "a": { "k": [1] }, "b": {} }, "state": "ENABLED", "defaultVariant": null,
               "targeting": { "fractional": [ [ "a", 50 ], [ "b", 50 ] ] } }
  }
}
"#;

/// What flagd's evaluator says, as one line of JSON; none when it is not here.
fn evaluate(path: &Path, flag: &str, kind: &str, key: &str) -> Option<String> {
    if std::env::var_os("QUARTERDECK_TEST_FLAGD").is_none() {
        println!("skipped: QUARTERDECK_TEST_FLAGD names no directory with @openfeature/flagd-core");
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/liaison/flagd-eval.mjs");
    let Ok(output) = Command::new("node").arg(script).arg(path).args([flag, kind, key]).output() else {
        println!("skipped: node is not installed");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

#[test]
fn flagd_serves_what_we_say_and_what_we_wrote() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("flags.json");
    fs::write(&path, FILE).unwrap();
    let check = |flag: &str, kind: &str, key: &str, want: &str| match evaluate(&path, flag, kind, key) {
        Some(got) => {
            assert_eq!(got, want, "{flag}");
            true
        }
        None => false,
    };
    if !check("release", "number", "", r#"{"value":1823,"variant":"new","reason":"DEFAULT"}"#) {
        return;
    }
    check("signup", "boolean", "", r#"{"value":true,"variant":null,"reason":"DISABLED"}"#);
    check("nodefault", "boolean", "", r#"{"value":true,"variant":null,"reason":"DEFAULT"}"#);
    let stop = |flag: &str, variant: &str| {
        let seen = look(&path, flag).unwrap().value;
        let got = carry(&path, flag, &Wanted::Stop { variant: variant.to_owned() }, Expected::Value(&seen));
        assert!(matches!(got, CarryOutcome::Done { .. }), "{got:?}");
    };

    // A default alone does not stop whom a rule serves; a stop does.
    let serve = Wanted::Serve { variant: "old".to_owned() };
    carry(&path, "release", &serve, Expected::Value("1823"));
    check("release", "number", "api-1", r#"{"value":1822,"variant":"old","reason":"DEFAULT"}"#);
    check("release", "number", "api-3", r#"{"value":1823,"variant":"new","reason":"TARGETING_MATCH"}"#);
    stop("release", "old");
    check("release", "number", "api-3", r#"{"value":1822,"variant":"old","reason":"STATIC"}"#);
    stop("signup", "off");
    check("signup", "boolean", "", r#"{"value":false,"variant":"off","reason":"STATIC"}"#);
    stop("plain", "b");
    check("plain", "string", "", r#"{"value":"y","variant":"b","reason":"STATIC"}"#);
    stop("nodefault", "off");
    check("nodefault", "boolean", "", r#"{"value":false,"variant":"off","reason":"STATIC"}"#);
    stop("shape", "b");
    check("shape", "object", "anybody", r#"{"value":{},"variant":"b","reason":"STATIC"}"#);
}
