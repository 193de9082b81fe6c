//! Lines of every kind as changes.

use super::*;
use std::fs;
use std::io::Write as _;

/// 22:50 of the evening, with seconds.
fn at(seconds: i64) -> Time {
    Time(1_562_712_600_000_000).plus(Span::seconds(seconds))
}

fn all(lines: &Lines) -> Vec<String> {
    let told = lines.told(Time(0), at(3600));
    told.changes.iter().map(|one| format!("{} {}", one.at.clock(), one.change.words())).collect()
}

fn read(lines: &mut Lines) {
    while lines.read().unwrap() {}
}

#[test]
fn given_lines_of_every_kind_when_read_then_what_changed_from_what_to_what_and_who() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deploys.ndjson");
    let text = concat!(
        r#"{"time":"2019-07-09T22:50:00Z","what":"deploy","subject":"api","from":"1822","to":"1823","who":"ci"}"#,
        "\n",
        r#"{"ts":1562712601,"what":"api","from":1822,"to":1823}"#,
        "\n",
        r#"{"time":"2019-07-09T22:50:02Z","deployment":{"id":"1208","status":"succeeded","environment":{"name":"production"}},"service.name":"api"}"#,
        "\n",
        r#"{"time":"2019-07-09T22:50:03Z","deployment.name":"deploy-frontend","deployment.status":"failed","service.version":"2.0.1"}"#,
        "\n",
        r#"{"time":"2019-07-09T22:50:04Z","feature_flag.key":"exports","feature_flag.result.variant":"on"}"#,
        "\n",
        r#"{"time":"2019-07-09T22:50:05Z","message":"reboot of \u001b[31mrack 7\u202e"}"#,
        "\n",
    );
    fs::write(&path, text).unwrap();
    let mut lines = Lines::new("deploys", &path);
    read(&mut lines);
    assert_eq!(
        all(&lines),
        [
            "22:50:00 deploy api from 1822 to 1823",
            "22:50:01 change api from 1822 to 1823",
            "22:50:02 deploy api in production to 1208",
            "22:50:03 failed deploy deploy-frontend to 2.0.1",
            "22:50:04 flag exports to on",
            "22:50:05 change reboot of rack 7",
        ]
    );
    let first = &lines.told(at(0), at(1)).changes[0].change;
    assert_eq!((first.by.as_deref(), first.source.as_deref()), (Some("ci"), Some("deploys")));
}

#[test]
fn given_a_table_when_read_then_its_columns_are_the_same_fields() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("changes.csv");
    fs::write(&path, "time,what,subject,to,who\n2019-07-09T22:50:00Z,config,\"api, both\",v7,ana\n").unwrap();
    let mut lines = Lines::new("changes", &path);
    read(&mut lines);
    assert_eq!(all(&lines), ["22:50:00 config api, both to v7"]);
}

#[test]
fn given_damage_when_read_then_it_is_said_and_what_is_whole_is_taken() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deploys.log");
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(b"{\"ts\":1562712600,\"what\":\"a\"}\nrubbish\n\x00\xff\xfe\x01\n{\"what\":\"untimed\"}\n").unwrap();
    file.write_all(b"{\"ts\":1562712601,\"count\":7}\n{\"ts\":4102444800,\"what\":\"tomorrow\"}\n").unwrap();
    file.write_all(&[b'x'; 2 << 20]).unwrap();
    file.write_all(b"\n{\"ts\":1562712602,\"what\":\"b\"}\n{\"ts\":1562712603,\"wh").unwrap();
    let mut lines = Lines::new("deploys", &path);
    read(&mut lines);
    assert_eq!(all(&lines), ["22:50:00 change a", "22:50:02 change b"]);
    let doubts = lines.told(Time(0), at(3600)).doubts;
    for said in [
        "2 lines are no records",
        "1 record has no time",
        "1 line is too long",
        "1 record says nothing of a change",
        "1 change is of the future",
    ] {
        assert!(doubts.iter().any(|doubt| doubt == said), "{said}: {doubts:?}");
    }
    // the half line is finished, and more follows
    file.write_all(b"at\":\"c\"}\n").unwrap();
    read(&mut lines);
    assert_eq!(all(&lines), ["22:50:00 change a", "22:50:02 change b", "22:50:03 change c"]);
}

#[test]
fn given_a_file_that_is_replaced_or_moved_away_when_read_then_each_line_is_taken_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deploys.ndjson");
    fs::write(&path, "{\"ts\":1562712600,\"what\":\"a\"}\n").unwrap();
    let mut lines = Lines::new("deploys", &path);
    read(&mut lines);
    fs::rename(&path, dir.path().join("deploys.old")).unwrap();
    fs::write(&path, "{\"ts\":1562712601,\"what\":\"b\"}\n").unwrap();
    read(&mut lines);
    assert_eq!(all(&lines), ["22:50:00 change a", "22:50:01 change b"]);
}

#[test]
fn given_no_file_when_read_then_it_is_said_and_looked_for_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deploys.ndjson");
    let mut lines = Lines::new("deploys", &path);
    let trouble = lines.read().unwrap_err();
    assert!(matches!(&trouble, Trouble::Unreachable(words) if words.contains("None are known from there.")));
    fs::write(&path, "{\"ts\":1562712600,\"what\":\"a\"}\n").unwrap();
    read(&mut lines);
    assert_eq!(all(&lines), ["22:50:00 change a"]);
}

#[test]
fn given_more_lines_than_are_remembered_when_read_then_the_latest_are() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("chatty.ndjson");
    let text: String =
        (0..2 * KEPT as i64).map(|n| format!("{{\"ts\":{},\"what\":\"x\"}}\n", 1_562_600_000 + n)).collect();
    fs::write(&path, text).unwrap();
    let mut lines = Lines::new("chatty", &path);
    read(&mut lines);
    let told = lines.told(Time(0), at(3600));
    assert_eq!(told.changes.len(), KEPT);
    assert!(
        told.doubts.iter().any(|doubt| doubt == "20000 older changes are remembered no longer"),
        "{:?}",
        told.doubts
    );
    let near = told.near(Time(1_562_640_000_000_000 - 10_000_000));
    assert_eq!((near.changes.len(), near.more), (NEAR_BOTH, KEPT - NEAR_BOTH));
}

/// A thousand before the moment, and the ten there are since.
const NEAR_BOTH: usize = 1_010;
