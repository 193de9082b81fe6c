//! Precedence and every error of the configuration, through the front door. It knows no internals.

use super::asks::{Asks, Part, Query, Sli, Which};
use super::backends::{BackendKind, Login};
use super::blocks::ChannelKind;
use super::changes::ChangesFrom;
use super::conditions::Rule;
use super::read::Written;
use super::secret::SecretRef;
use super::switches::SwitchKind;
use super::trouble::Place;
use super::*;
use crate::incident::second::Two;
use crate::incident::severity::Severity;
use crate::incident::time::{HOUR, Span};
use crate::query::calendar::{Calendar, Unit, Window};
use crate::query::slices::Slices;
use std::ffi::OsString;

const FILE: &str = "/home/ana/.config/quarterdeck/config.toml";

fn places() -> Places {
    let at = |name: &str| PathBuf::from("/home/ana").join(name);
    Places { home: at(""), config: at(".config/quarterdeck"), data: at("data"), state: at("state"), cache: at("cache") }
}

fn environment(set: &[(&str, &str)]) -> Environment {
    Environment::from_lookup(|name| {
        set.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
    })
}

fn with(file: &str, set: &[(&str, &str)], flags: &Flags) -> Loaded {
    together(Some((Path::new(FILE), file)), &environment(set), flags, &places())
}

fn of(file: &str) -> Config {
    with(file, &[], &Flags::default()).whole().unwrap()
}

/// Every trouble of a file, as people read it.
fn wrong(file: &str) -> Vec<String> {
    with(file, &[], &Flags::default()).troubles.iter().map(ToString::to_string).collect()
}

/// The only trouble of a file as `line:column key what. next`.
fn only(file: &str) -> String {
    let mut troubles = with(file, &[], &Flags::default()).troubles;
    assert_eq!(troubles.len(), 1, "{troubles:#?}");
    let trouble = troubles.remove(0);
    match trouble.place {
        Place::File { line, column, .. } => {
            format!("{line}:{column} {} | {} | {}", trouble.key, trouble.what, trouble.next)
        }
        other => panic!("{other}"),
    }
}

const SLO: &str = "[[slo]]\nname = 'api'\nevents = 'lb'\nbad = 'status >= 500'\ntarget = 99.95\n";
const SWITCH: &str = "[[switch]]\nname = 'exports'\nkind = 'flagd'\nfile = '~/f.json'\nflag = 'e'\nstop = 'off'\n";

#[test]
fn given_nothing_when_put_together_then_the_defaults_stand() {
    let config = together(None, &environment(&[]), &Flags::default(), &places()).whole().unwrap();
    assert_eq!(config.theme, Chosen { value: "dark", origin: Origin::Default });
    assert_eq!(config.journal.value, Path::new("/home/ana/data/journal/quarterdeck.journal"));
    assert_eq!(config.person.value, "somebody");
    assert!(config.person_is_assumed() && config.bell && config.zone.is_none() && config.file.is_none());
    assert_eq!(config.rules, Rules::default());
    assert_eq!((config.log, config.editor.as_str()), (LogLevel::Info, "vi"));
}

#[test]
fn given_every_source_when_put_together_then_argument_beats_environment_beats_file_beats_default() {
    let file = "person = 'file'\ntheme = 'light'\njournal = 'file.journal'\n";
    let set = [
        ("QUARTERDECK_PERSON", "variable"),
        ("QUARTERDECK_THEME", "contrast"),
        ("QUARTERDECK_JOURNAL", "/variable.journal"),
        ("USER", "login"),
    ];
    let flags = Flags {
        journal: Some("/flag.journal".into()),
        config: None,
        person: Some("flag".into()),
        theme: Some("dark".into()),
    };
    let told = |config: Config| (config.person.value, config.theme.value, config.journal.value);
    let expect = |person: &str, theme, journal: &str| (person.to_owned(), theme, PathBuf::from(journal));
    assert_eq!(told(with(file, &set, &flags).config), expect("flag", "dark", "/flag.journal"));
    let none = Flags::default();
    assert_eq!(told(with(file, &set, &none).config), expect("variable", "contrast", "/variable.journal"));
    let in_file = expect("file", "light", "/home/ana/.config/quarterdeck/file.journal");
    assert_eq!(told(with(file, &set[3..], &none).config), in_file);
    let default = expect("login", "dark", "/home/ana/data/journal/quarterdeck.journal");
    assert_eq!(told(with("", &set[3..], &none).config), default);
}

#[test]
fn given_no_color_when_the_theme_is_chosen_then_it_beats_the_file_but_no_theme_named_for_this_run() {
    let theme = |set: &[(&str, &str)], flag: Option<&str>| {
        let flags = Flags { theme: flag.map(str::to_owned), ..Flags::default() };
        with("theme = 'light'", set, &flags).whole().unwrap().theme
    };
    assert_eq!(theme(&[("NO_COLOR", "1")], None), Chosen { value: "plain", origin: Origin::Variable("NO_COLOR") });
    assert_eq!(theme(&[("NO_COLOR", "1")], Some("dark")).value, "dark");
    assert_eq!(theme(&[("NO_COLOR", "1"), ("QUARTERDECK_THEME", "contrast")], None).value, "contrast");
    assert_eq!(theme(&[("NO_COLOR", "")], None).value, "light");
}

#[test]
fn given_zones_when_chosen_then_the_file_beats_tz_and_tz_the_machine() {
    let mut environment = environment(&[("TZ", ":America/New_York")]);
    environment.machine_zone = Some("Asia/Tokyo".into());
    let zone = |file: &str, environment: &Environment| {
        let file = Some((Path::new(FILE), file));
        together(file, environment, &Flags::default(), &places()).whole().unwrap().zone.unwrap()
    };
    assert_eq!(zone("zone = 'Europe/Paris'", &environment).value, chrono_tz::Europe::Paris);
    assert_eq!(zone("", &environment).value, chrono_tz::America::New_York);
    environment.tz = None;
    assert_eq!(zone("", &environment), Chosen { value: chrono_tz::Asia::Tokyo, origin: Origin::Machine });
}

#[test]
fn given_a_tz_that_is_no_name_when_put_together_then_it_is_no_mistake() {
    assert_eq!(with("", &[("TZ", "EST5EDT,M3.2.0,M11.1.0")], &Flags::default()).whole().unwrap().zone, None);
}

#[test]
fn given_a_login_name_when_nobody_is_named_then_it_is_assumed_and_a_named_person_is_not() {
    let config = with("", &[("LOGNAME", "ana")], &Flags::default()).whole().unwrap();
    assert_eq!(config.person, Chosen { value: "ana".to_owned(), origin: Origin::Variable("LOGNAME") });
    assert!(config.person_is_assumed());
    assert!(!of("person = 'Ana'").person_is_assumed());
    assert!(!with("", &[("QUARTERDECK_PERSON", "Ana")], &Flags::default()).config.person_is_assumed());
}

#[test]
fn given_a_cadence_when_read_then_only_what_is_named_changes() {
    let rules =
        of("[cadence]\ndraft-ahead = '3m'\n[cadence.sev1]\ncheck-in = [50, 20, 20]\nfirst-public = 'none'\n").rules;
    let sev1 = rules.rhythm(Severity::Sev1);
    assert_eq!((sev1.check_in.as_slice(), sev1.first_public), ([20, 50].as_slice(), None));
    assert_eq!(sev1.public, Rules::default().rhythm(Severity::Sev1).public);
    assert_eq!(rules.rhythm(Severity::Sev2), Rules::default().rhythm(Severity::Sev2));
    assert_eq!((rules.draft_ahead, rules.good_for), (Span::minutes(3), Span::minutes(15)));
}

#[test]
fn given_blocks_when_read_then_paths_are_whole_and_defaults_filled_in() {
    let config = of(&format!("{SLO}{SWITCH}[[channel]]\nname = 'page'\nkind = 'page'\ndir = '/srv/status'\n"));
    let [slo] = config.slos.as_slice() else { panic!("{config:#?}") };
    let Asks::Events { path, which: Which { part: Part::Bad(bad), valid }, .. } = &slo.asks else { panic!("{slo:#?}") };
    assert_eq!(path, Path::new("/home/ana/.config/quarterdeck/lb"));
    assert_eq!(*valid, None);
    assert_eq!((slo.target_ppm, slo.window), (999_500, Window::Rolling(30 * 24 * HOUR)));
    assert_eq!((bad.text.as_str(), bad.place.line()), ("status >= 500", Some(4)));
    let [switch] = config.switches.as_slice() else { panic!("{config:#?}") };
    let kind = SwitchKind::Flagd {
        file: "/home/ana/f.json".into(),
        flag: "e".into(),
        stop: Some("off".into()),
        restore: None,
    };
    assert_eq!((&switch.kind, switch.environment.as_str(), switch.critical), (&kind, "production", true));
    let [channel] = config.channels.as_slice() else { panic!("{config:#?}") };
    assert_eq!(channel.kind, ChannelKind::Page { dir: "/srv/status".into(), title: "Status".into() });
}

#[test]
fn given_a_calendar_and_slices_when_read_then_they_are_kept_with_what_nobody_says() {
    let slo = |more: &str| of(&format!("{SLO}{more}")).slos.remove(0);
    let calendar = |count, unit, starts: &str, zone| {
        Window::Calendar(Calendar::new(count, unit, Calendar::start(starts).unwrap(), zone).unwrap())
    };
    assert_eq!(slo("window = 'month'\n").window, calendar(1, Unit::Month, "2024-01-01", Tz::UTC));
    assert_eq!(
        slo("window = '2 weeks'\nstarts = '2026-01-31 12:15'\nzone = 'Europe/Paris'\n").window,
        calendar(2, Unit::Week, "2026-01-31 12:15", Tz::Europe__Paris)
    );
    let sliced = slo("method = 'timeslices'\nslice = '90s'\nslice-target = 100\n");
    assert_eq!(sliced.slices, Some(Slices { length: 90_000_000, target_ppm: 1_000_000 }));
    assert_eq!(slo("method = 'occurrences'\n").slices, None);
}

#[test]
fn given_windows_and_slices_that_cannot_be_when_read_then_it_says_what_and_what_to_do() {
    let slo = |more: &str| only(&format!("{SLO}{more}"));
    for (more, says) in [
        (
            "window = 'montth'",
            "6:10 slo.window | `slo.window` is `montth`, which is no length and no period | Write `month` if that was meant",
        ),
        (
            "window = '5y'\nzone = 'Europe/Paris'",
            "`5y`, which is no length and no period | Write a length of time such as \"30d\", or a period",
        ),
        ("window = '30m'", "`30m`, which must lie between 1h and 400d"),
        ("window = '2 years'", "`2 years`, which is longer than a year, or nothing"),
        ("window = 'month'\nstarts = '2026-02-30'", "7:10 slo.starts | `slo.starts` is `2026-02-30`, which is no day"),
        ("window = 'month'\nstarts = '2026-02-28 12:07'", "which does not begin on a quarter of an hour"),
        (
            "window = 'month'\nzone = 'Europe/Pariss'",
            "7:8 slo.zone | `Europe/Pariss` is no zone | Write `Europe/Paris` if that was meant",
        ),
        (
            "zone = 'Europe/Paris'",
            "`slo.zone` belongs to a calendar, and the window is none | Write window = \"month\"",
        ),
        ("starts = '2026-01-01'", "`slo.starts` belongs to a calendar"),
        ("method = 'slices'", "`slices` is not a method | "),
        ("slice = '1m'", "6:9 slo.slice | `slo.slice` belongs to slices, and the budget is counted in events"),
        ("slice-target = 99", "6:16 slo.slice-target | `slo.slice-target` belongs to slices"),
        ("method = 'timeslices'\nslice = '1m'", "lacks `slice-target` | Add a line such as slice-target = 99"),
        ("method = 'timeslices'\nslice-target = 99", "lacks `slice` | Add a line such as slice = \"1m\""),
        ("method = 'timeslices'\nslice = '1m'\nslice-target = 0", "is `0` | Write a percentage above 0 and up to 100"),
        ("method = 'timeslices'\nslice = '1s'\nslice-target = 99", "between 10s and 1d"),
        (
            "method = 'timeslices'\nslice = '10s'\nslice-target = 99",
            "makes 259200 slices of a window, and 140000 are the most",
        ),
        (
            "window = 'day'\nmethod = 'timeslices'\nslice = '7m'\nslice-target = 99",
            "8:9 slo.slice | `slo.slice` does not end where a period of the calendar does | Write a part of a quarter",
        ),
    ] {
        let told = slo(&format!("{more}\n"));
        assert!(told.contains(says), "{more}: {told}");
    }
}

const BACKEND: &str = "[[backend]]\nname = 'metrics'\nkind = 'prometheus'\nurl = 'https://p.example.org/prom/'\n";
const ASKED: &str = "[[slo]]\nname = 'api'\ntarget = 99.95\n";

#[test]
fn given_a_backend_when_read_then_an_objective_may_ask_it() {
    let config = of(&format!(
        "{ASKED}backend = 'metrics'\ntotal = 'a'\ngood = 'b'\n{BACKEND}token = {{ env = 'T' }}\ntenant = 'x'\ninterval = '15s'\n"
    ));
    let [backend] = config.backends.as_slice() else { panic!("{config:#?}") };
    assert_eq!((backend.name.as_str(), backend.url.as_str()), ("metrics", "https://p.example.org/prom"));
    assert_eq!(backend.login, Login::Token(SecretRef::Variable("T".into())));
    let kind = BackendKind::Prometheus { flavour: "auto", tenant: Some("x".into()) };
    assert_eq!((&backend.kind, backend.interval), (&kind, Span::seconds(15)));
    let [slo] = config.slos.as_slice() else { panic!("{config:#?}") };
    let Asks::Backend { backend, query: Query::Prometheus { total, part: Part::Good(good), .. } } = &slo.asks else {
        panic!("{slo:#?}")
    };
    assert_eq!((backend.text.as_str(), total.text.as_str(), good.text.as_str()), ("metrics", "a", "b"));
    assert_eq!(slo.condition(), "not b");
}

#[test]
fn given_honeycomb_when_read_then_its_address_is_known_and_an_objective_names_a_column_a_filter_or_its_slo() {
    const HONEYCOMB: &str = "[[backend]]\nname = 'hny'\nkind = 'honeycomb'\n";
    let key = "token = { env = 'HONEYCOMB_KEY' }\n";
    let asked = |more: &str| format!("{ASKED}backend = 'hny'\n{more}{HONEYCOMB}{key}");
    let sli = |more: &str| {
        let config = of(&asked(&format!("dataset = 'api'\n{more}")));
        assert_eq!(config.backends.first().map(|backend| backend.url.as_str()), Some("https://api.honeycomb.io"));
        let [slo] = config.slos.as_slice() else { panic!("{config:#?}") };
        let Asks::Backend { query: Query::Honeycomb { sli, dataset, .. }, .. } = &slo.asks else { panic!("{slo:#?}") };
        assert_eq!(dataset, "api");
        (sli.clone(), slo.condition())
    };
    assert!(
        matches!(sli("sli = 'sli.api'\nslo-id = 'a'\n"), (Sli::Alias(alias), said) if alias.text == "sli.api" && said == "not sli.api")
    );
    assert!(matches!(sli("slo-id = 'a'\n"), (Sli::Theirs, said) if said == "as SLO a"));
    assert!(matches!(
        sli("bad = 'status >= 500'\nvalid = 'kind exists'\n"),
        (Sli::Which(Which { valid: Some(_), .. }), _)
    ));
    let first = |file: String| wrong(&file).first().cloned().unwrap_or_default();
    let lacks = first(asked("sli = 'a'\n"));
    assert!(lacks.contains("lacks `dataset`"), "{lacks}");
    let (good, said) = sli("good = 'status < 500'\n");
    assert!(matches!(good, Sli::Which(Which { part: Part::Good(_), valid: None })), "{good:?}");
    assert_eq!(said, "not (status < 500)");
    let both = first(asked("dataset = 'api'\nsli = 'a'\ngood = 'b = 1'\n"));
    assert!(both.contains("both a column and a filter"), "{both}");
    let both = first(asked("dataset = 'api'\nsli = 'a'\nbad = 'b = 1'\n"));
    assert!(both.contains("both a column and a filter"), "{both}");
    let counter = first(asked("dataset = 'api'\ntotal = 'a'\nbad = 'b = 1'\n"));
    assert!(counter.contains("does not belong to Honeycomb"), "{counter}");
    let marked = of(&format!("{}markers = 'api'\n", asked("dataset = 'api'\nsli = 'a'\n")));
    assert_eq!(marked.rules.markers, ["hny"]);
    assert_eq!(marked.backends.first().and_then(|backend| backend.markers()), Some("api"));
    let unmarked = of(&asked("dataset = 'api'\nsli = 'a'\n"));
    assert!(unmarked.rules.markers.is_empty(), "off until it is asked for");
    let sealed = Config::sealed(&marked, "/drill/journal".into());
    assert!(sealed.rules.markers.is_empty() && sealed.backends.is_empty(), "a drill has nobody to tell");
    let foreign = first(format!("{BACKEND}markers = 'api'\n"));
    assert!(foreign.contains("`backend.markers` belongs to Honeycomb"), "{foreign}");
    let keyless = wrong(&format!("{ASKED}backend = 'hny'\ndataset = 'api'\nsli = 'a'\n{HONEYCOMB}")).join("\n");
    assert!(keyless.contains("[[backend]] lacks `token`"), "{keyless}");
}

#[test]
fn given_an_objective_that_asks_nobody_or_two_when_read_then_said_what_to_keep() {
    let first = |file: String| wrong(&file).first().cloned().unwrap_or_default();
    assert!(first(ASKED.into()).contains("[[slo]] lacks `events`"), "{}", first(ASKED.into()));
    let both = first(format!("{SLO}backend = 'metrics'\n{BACKEND}"));
    assert!(both.contains("both event files and a backend"), "{both}");
    let unknown = first(format!("{ASKED}backend = 'metric'\ntotal = 'a'\nbad = 'b'\n{BACKEND}"));
    assert!(unknown.contains("there is no [[backend]] `metric`") && unknown.contains("`metrics`"), "{unknown}");
    let none = first(format!("{ASKED}backend = 'metrics'\ntotal = 'a'\n{BACKEND}"));
    assert!(none.contains("[[slo]] lacks `bad`"), "{none}");
    let two = first(format!("{ASKED}backend = 'metrics'\ntotal = 'a'\nbad = 'b'\ngood = 'c'\n{BACKEND}"));
    assert!(two.contains("both the bad and the good"), "{two}");
    let two = first(format!("{SLO}good = 'status < 500'\n"));
    assert!(two.contains("both the bad and the good"), "{two}");
    let filter = first(format!("{ASKED}backend = 'metrics'\ntotal = 'a'\nbad = 'b'\nvalid = 'c'\n{BACKEND}"));
    assert!(filter.contains("does not belong to a backend of Prometheus' kind"), "{filter}");
    let counter = first(format!("{SLO}total = 'a'\n"));
    assert!(counter.contains("does not belong to event files"), "{counter}");
}

#[test]
fn given_good_events_by_filters_when_read_then_all_others_are_bad_and_a_what_if_is_counted_besides() {
    let slo = of(&SLO.replace("bad = 'status >= 500'", "good = 'status < 500 and ok = true'")).slos.remove(0);
    assert!(slo.asks.names_good());
    assert_eq!(slo.condition(), "not (status < 500 and ok = true)");
    let what = |text: &str| Written { text: text.into(), place: Place::Flag("--what-if"), key: String::new() };
    assert_eq!(
        slo.had_counted(what("status = 401"), false).condition(),
        "(not (status < 500 and ok = true)) or (status = 401)"
    );
    assert_eq!(slo.had_counted(what("status = 401"), true).condition(), "status = 401");
    let clickhouse = "[[backend]]\nname = 'ch'\nkind = 'clickhouse'\nurl = 'http://127.0.0.1:8123'\n";
    let traces =
        of(&format!("{ASKED}backend = 'ch'\ntable = 'otel_traces'\ngood = 'a = 1'\n{clickhouse}")).slos.remove(0);
    assert_eq!((traces.condition().as_str(), traces.asks.names_good()), ("not (a = 1)", true));
}

#[test]
fn given_a_secret_in_the_file_when_read_then_it_is_refused_and_never_repeated() {
    for written in [
        "'hunter2'",
        "{ env = 'A', file = 'hunter2' }",
        "{ token = 'hunter2' }",
        "{ command = 'hunter2' }",
        "{ env = '' }",
    ] {
        let said = wrong(&format!("{BACKEND}token = {written}\n"));
        assert!(said.len() == 1 && said[0].contains("env =") && !said[0].contains("hunter2"), "{said:?}");
    }
    for url in ["http://ana:hunter2@p.example.org", "p.example.org", "https://", "https://p/x?key=hunter2"] {
        let said = wrong(&BACKEND.replace("https://p.example.org/prom/", url));
        assert!(said.len() == 1 && !said[0].contains("hunter2"), "{said:?}");
    }
    let two = wrong(&format!("{BACKEND}token = {{ env = 'A' }}\nuser = 'ana'\npassword = {{ env = 'B' }}\n"));
    assert!(two[0].contains("a token and a user"), "{two:?}");
}

#[test]
fn given_an_unknown_key_when_read_then_the_nearest_known_one_is_named_with_its_place() {
    assert_eq!(only("bell = true\n thme = 'dark'"), "2:2 thme | unknown key `thme` | Write `theme` if that was meant");
    assert_eq!(
        only(&format!("{SLO}windw = '7d'")),
        "6:1 slo.windw | unknown key `windw` in [[slo]] | Write `window` if that was meant"
    );
    assert_eq!(
        only("[cadence.sev5]\n"),
        "1:10 cadence.sev5 | unknown key `sev5` in [cadence] | Write `sev1` if that was meant"
    );
    let text = wrong("zzzzzz = 1").remove(0);
    assert!(
        text.starts_with(&format!("{FILE}, line 1, column 1: unknown key `zzzzzz`. Nothing was started")),
        "{text}"
    );
    assert!(text.contains("Known are: person, zone"), "{text}");
}

#[test]
fn given_a_wrong_type_when_read_then_what_is_wanted_is_said() {
    assert_eq!(only("bell = 'yes'"), "1:8 bell | `bell` is a string | Write true or false");
    assert!(only("person = 7").starts_with("1:10 person | `person` is an integer"));
    assert!(only("[cadence.sev1]\ncheck-in = 15").contains("`cadence.sev1.check-in` is an integer | Write a list"));
    assert!(only("[cadence.sev1]\ncheck-in = ['15']").contains("holds a string"));
    assert!(only("cadence = 5").contains("`cadence` is a section, and an integer stands there | Write [cadence]"));
    assert!(only("[slo]\nname = 'x'").contains("`slo` is a section, and a table stands there | Write [[slo]]"));
    assert!(only("slo = [1]").contains("an integer stands there"));
    assert!(only(&SLO.replace("99.95", "true")).contains("`slo.target` is a boolean"));
    assert!(only("keymap = false").contains("`keymap` is a boolean | Write a path"));
}

#[test]
fn given_a_value_out_of_range_when_read_then_it_is_refused() {
    assert!(only("[cadence.sev2]\npublic = [0, 60]").contains("holds 60, which is no minute of the hour"));
    assert!(only("[cadence.sev2]\npublic = [-1]").contains("holds -1"));
    assert!(only("[cadence.sev2]\nfirst-public = 0").contains("is 0, which is out of range"));
    assert!(only("[cadence.sev2]\nfirst-public = 99999999999999999999").contains("out of range"));
    assert!(only("[cadence]\ndraft-ahead = '2h'").contains("must lie between 0m and 60m"));
    assert!(only("[cadence]\ngood-for = 'soon'").contains("is `soon`, which is no length of time"));
    assert!(only(&SLO.replace("99.95", "100")).contains("`slo.target` is `100`"));
    assert!(only(&SLO.replace("99.95", "'99.99999'")).contains("`slo.target` is `99.99999`"));
    assert!(only(&format!("{SLO}window = '1m'")).contains("between 1h and 400d"));
}

#[test]
fn given_what_a_bad_event_is_called_when_read_then_it_is_one_short_word() {
    assert_eq!(of(&format!("{SLO}called = 'refused'")).slos[0].called.as_deref(), Some("refused"));
    assert_eq!(of(SLO).slos[0].called, None);
    let said = only(&format!("{SLO}called = 'refused by us'"));
    assert!(said.contains("slo.called` is `refused by us`") && said.contains("one word in quotes"), "{said}");
}

#[test]
fn given_what_is_no_toml_when_read_then_line_and_column_are_named_and_the_line_is_not_quoted() {
    let text = only("person = 'ana'\ntoken = s3cret\n");
    assert!(text.starts_with("2:"), "{text}");
    assert!(text.contains("this is not TOML") && !text.contains("s3cret"), "{text}");
    assert!(only("bell = true\nbell = false").contains("duplicate key"), "{}", only("bell = true\nbell = false"));
}

#[test]
fn given_names_when_two_blocks_share_one_then_the_second_is_refused_with_the_line_of_the_first() {
    let text = only(&format!("{SLO}{SLO}"));
    assert_eq!(text, "7:8 slo.name | the name `api` stands on line 2 already | Give one slo another name");
    assert!(wrong(&format!("{SLO}{}", SWITCH.replace("exports", "api"))).is_empty(), "other kinds may share a name");
    assert!(only(&SLO.replace("'api'", "'a b'")).contains("`a b` is not a name"));
    assert!(only(&SLO.replace("'api'", "\"\\u001b]52;c;x\"")).contains("holds a control character"));
}

#[test]
fn given_a_block_that_lacks_something_when_read_then_it_is_named() {
    let text = only("\n[[slo]]\nname = 'api'\nevents = 'lb'\nbad = 'x = 1'\n");
    assert_eq!(text, "2:1 slo.target | [[slo]] lacks `target` | Add a line such as target = 99.95");
}

#[test]
fn given_an_unknown_kind_when_read_then_the_known_ones_are_listed_and_its_other_keys_are_left_alone() {
    let text = only("[[switch]]\nname = 'a'\nkind = 'flipt'\nproject = 'x'\n");
    let known = "flagd, unleash, launchdarkly, http, command";
    let wanted = format!("3:8 switch.kind | `flipt` is not a kind of switch | Write one of the known kinds: {known}");
    assert_eq!(text, wanted);
    assert!(only("[[channel]]\nname = 'a'\nkind = 'slack'\n").ends_with("known kinds: page"));
}

#[test]
fn given_unknown_zone_and_theme_when_read_then_the_nearest_is_named() {
    assert_eq!(
        only("zone = 'Europe/Pari'"),
        "1:8 zone | `Europe/Pari` is no zone | Write `Europe/Paris` if that was meant"
    );
    assert!(only("zone = 'here'").contains("`here` is no zone"));
    assert_eq!(only("theme = 'drak'"), "1:9 theme | `drak` is not a theme | Write `dark` if that was meant");
}

#[test]
fn given_several_mistakes_when_read_then_all_are_told_in_the_order_of_the_file() {
    let file =
        format!("bel = true\n{}\n[cadence.sev1]\npublic = [75]\n[[channel]]\nname = 'x'\n", SLO.replace("99.95", "0"));
    let keys: Vec<String> = with(&file, &[], &Flags::default()).troubles.into_iter().map(|t| t.key).collect();
    assert_eq!(keys, ["bel", "slo.target", "cadence.sev1.public", "channel.dir", "channel.kind"]);
}

#[test]
fn given_mistakes_outside_the_file_when_put_together_then_argument_or_variable_is_named() {
    let flags = Flags { theme: Some("drak".into()), person: Some("a\u{1b}[2J".into()), ..Flags::default() };
    let told: Vec<String> =
        with("", &[("QUARTERDECK_LOG", "loud")], &flags).troubles.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told.iter().any(|t| t.starts_with("environment variable QUARTERDECK_LOG: `loud` is no level")));
    assert!(told.iter().any(|t| t.starts_with("--theme: `drak` is not a theme") && t.contains("`dark`")));
    assert!(told.iter().any(|t| t.starts_with("--as: `a\\u{1b}[2J` is no person's name")));
}

#[test]
fn given_an_address_as_journal_when_put_together_then_it_is_refused_without_being_repeated() {
    let set = [("QUARTERDECK_JOURNAL", "postgres://ana:s3cret@db/quarterdeck")];
    let troubles = with("", &set, &Flags::default()).whole().unwrap_err();
    let text = troubles.first().map(ToString::to_string).unwrap_or_default();
    assert!(text.contains("an address stands where a path") && !text.contains("s3cret"), "{text}");
    assert!(!only("journal = 'postgres://ana:s3cret@db/q'").contains("s3cret"));
}

#[test]
fn given_a_broken_file_when_loaded_then_what_is_right_remains_for_a_drill() {
    let loaded = with(&format!("theme = 'light'\nbell = false\n{SWITCH}\nnonsense = 1\n"), &[], &Flags::default());
    assert_eq!(loaded.troubles.len(), 1);
    let drill = Config::sealed(&loaded.config, "/drills/1/quarterdeck.journal".into());
    assert_eq!((drill.theme.value, drill.bell), ("light", false));
    assert!(drill.switches.is_empty() && drill.slos.is_empty() && drill.channels.is_empty());
    assert_eq!(
        (drill.journal.value.as_path(), drill.rules),
        (Path::new("/drills/1/quarterdeck.journal"), Rules::default())
    );
    assert!(loaded.whole().is_err());
}

#[test]
fn given_a_file_on_disk_when_loaded_then_named_ones_must_exist_and_the_usual_one_need_not() {
    let dir = tempfile::tempdir().unwrap();
    let places = Places { config: dir.path().to_owned(), ..places() };
    let load_it = |flags: &Flags| load(&environment(&[]), flags, &places);
    assert_eq!(load_it(&Flags::default()).whole().unwrap().file, None);
    std::fs::write(places.config_file(), "theme = 'light'").unwrap();
    let config = load_it(&Flags::default()).whole().unwrap();
    assert_eq!((config.theme.value, config.file), ("light", Some(places.config_file())));
    let named = |name: &str| Flags { config: Some(dir.path().join(name)), ..Flags::default() };
    for (name, bytes, says) in [
        ("missing.toml", None, "cannot be read"),
        ("latin.toml", Some(b"person = 'Andr\xe9'".to_vec()), "line 1, column 15: the text is not UTF-8"),
        ("huge.toml", Some(vec![b'#'; 2 << 20]), "larger than 1 MiB"),
    ] {
        if let Some(bytes) = bytes {
            std::fs::write(dir.path().join(name), bytes).unwrap();
        }
        let troubles = load_it(&named(name)).whole().unwrap_err();
        assert!(troubles.first().is_some_and(|t| t.to_string().contains(says)), "{name}: {troubles:?}");
    }
}

#[test]
fn given_the_shipped_file_when_every_option_is_switched_on_then_it_reads_and_says_the_defaults() {
    let text = options::uncommented(&options::render());
    let config = of(&text);
    let default = together(None, &environment(&[]), &Flags::default(), &places()).config;
    // what follows from the switch of the example is no option
    let files = [("file of exports".to_owned(), vec!["exports".to_owned()])].into();
    assert_eq!(config.rules, Rules { files, ..default.rules });
    assert_eq!((config.theme.value, config.bell), (default.theme.value, default.bell));
    let [slo] = config.slos.as_slice() else { panic!("{config:#?}") };
    let [switch] = config.switches.as_slice() else { panic!("{config:#?}") };
    let [channel] = config.channels.as_slice() else { panic!("{config:#?}") };
    let [probe] = config.probes.as_slice() else { panic!("{config:#?}") };
    assert_eq!((probe.scope.as_str(), probe.timeout.as_seconds(), probe.trips.as_deref()), ("*", 10, Some("exports")));
    assert_eq!((slo.window, slo.slices), (Window::Rolling(30 * 24 * HOUR), None));
    assert_eq!((switch.environment.as_str(), switch.critical), ("production", false));
    assert_eq!(channel.kind, ChannelKind::Page { dir: "/home/ana/public/status".into(), title: "Status".into() });
    // every option of every section is in the file, so none can be left out of it
    for section in options::SECTIONS {
        for item in section.items {
            let begins = format!("{}{} = ", if item.instead { "# or " } else { "" }, item.key);
            assert!(text.lines().any(|line| line.starts_with(&begins)), "{}", section.path(item.key));
        }
    }
    assert!(with(&options::render(), &[], &Flags::default()).whole().unwrap().slos.is_empty());
}

proptest::proptest! {
    #[test]
    fn given_any_text_when_read_then_every_trouble_is_harmless_words(text in "\\PC*|[\\[\\]a-z='\"\\n\\x00-\\x1f]*") {
        for trouble in with(&text, &[], &Flags::default()).troubles {
            let words = trouble.to_string();
            proptest::prop_assert!(words.chars().all(|c| !c.is_control()), "{words:?}");
        }
    }
}

#[test]
fn given_conditions_of_an_objective_when_read_then_exactly_and_a_wrong_one_is_named() {
    let file = format!(
        "{SLO}exhaustion-time = ['4h', '24h', '4h']\nbudget-rate = '2% in 1h'\nseverity = 'sev2'\nfreeze-below = 10\n"
    );
    let slo = of(&file).slos.remove(0);
    let rules = [
        Rule::ExhaustionTime(Span::minutes(240)),
        Rule::ExhaustionTime(Span::minutes(1_440)),
        Rule::BudgetRate(20_000, Span::minutes(60)),
    ];
    assert_eq!(slo.rules, rules);
    assert_eq!((slo.severity, slo.freeze_below_ppm), (Some(Severity::Sev2), Some(100_000)));
    let broken = |line: &str| only(&format!("{SLO}{line}\n"));
    assert_eq!(
        broken("exhaustion-time = ['4h', 'soon']"),
        "6:19 slo.exhaustion-time | `slo.exhaustion-time` holds `soon`, which is no length from 4m to 400d | Write a list of lengths of time, such as [\"4h\", \"24h\"]"
    );
    assert!(broken("budget-rate = ['2% an hour']").contains("holds `2% an hour`, which is not a share of the budget"));
    assert!(broken("budget-rate = [2]").contains("holds an integer"));
    assert!(broken("severity = 'bad'").contains("`bad` is not a severity"));
    assert!(broken("same-as = 'api'").contains("there is no other [[slo]] `api`"));
    let both = format!("{SLO}same-as = 'servers'\n{}", SLO.replace("'api'", "'servers'"));
    assert_eq!(of(&both).slos[0].same_as.as_deref(), Some("servers"));
}

#[test]
fn given_sources_of_changes_when_read_then_each_says_who_is_asked() {
    let backends = "[[backend]]\nname = 'metrics'\nkind = 'prometheus'\nurl = 'http://127.0.0.1:9090'\n\
        [[backend]]\nname = 'hny'\nkind = 'honeycomb'\ntoken = { env = 'KEY' }\n";
    let text = format!(
        "{backends}[[changes]]\nname = 'deploys'\nfile = '~/deploys.ndjson'\n\
         [[changes]]\nname = 'markers'\nbackend = 'hny'\ndataset = '__all__'\n\
         [[changes]]\nname = 'builds'\nbackend = 'metrics'\nquery = 'count by (version) (build_info)'\n"
    );
    let config = of(&text);
    let asks: Vec<&ChangesFrom> = config.changes.iter().map(|source| &source.asks).collect();
    let (markers, builds) = (("hny", "__all__"), ("metrics", "count by (version) (build_info)"));
    assert_eq!(
        asks,
        [
            &ChangesFrom::File(PathBuf::from("/home/ana/deploys.ndjson")),
            &ChangesFrom::Markers { backend: markers.0.into(), dataset: markers.1.into() },
            &ChangesFrom::Series { backend: builds.0.into(), query: builds.1.into() },
        ]
    );
    assert!(Config::sealed(&config, PathBuf::new()).changes.is_empty(), "a drill brings its own");
}

#[test]
fn given_a_source_of_changes_that_cannot_be_asked_when_read_then_it_is_told_what_is_wrong_with_it() {
    let backends = "[[backend]]\nname = 'metrics'\nkind = 'prometheus'\nurl = 'http://a'\n\
        [[backend]]\nname = 'hny'\nkind = 'honeycomb'\ntoken = { env = 'KEY' }\n\
        [[backend]]\nname = 'ch'\nkind = 'clickhouse'\nurl = 'http://a'\n";
    let told = |text: &str| only(&format!("{backends}[[changes]]\nname = 'x'\n{text}"));
    for (text, words) in [
        ("", "[[changes]] lacks `file`"),
        ("file = '/a'\nbackend = 'hny'", "both a file and a backend are named"),
        ("file = '/a'\nquery = 'up'", "`changes.query` does not belong to a file"),
        ("backend = 'metric'", "there is no [[backend]] `metric`"),
        ("backend = 'metrics'", "[[changes]] lacks `query`"),
        ("backend = 'metrics'\nquery = 'up'\ndataset = 'api'", "does not belong to a backend of Prometheus' kind"),
        ("backend = 'hny'", "[[changes]] lacks `dataset`"),
        ("backend = 'hny'\ndataset = 'api'\nquery = 'up'", "`changes.query` does not belong to Honeycomb"),
        ("backend = 'ch'", "ClickHouse cannot be asked what changed"),
    ] {
        let found = told(text);
        assert!(found.contains(words), "{text}: {found}");
    }
}

const PROVIDERS: &str = "[[provider]]\nname = 'flags'\nkind = 'unleash'\nurl = 'https://u.example.org'\ntoken = { env = 'T' }\n\
    [[provider]]\nname = 'ld'\nkind = 'launchdarkly'\ntoken = { env = 'L' }\nproject = 'web'\n";

#[test]
fn given_switches_of_providers_when_read_then_polarity_and_place_are_theirs() {
    let config = of(&format!(
        "{PROVIDERS}[[switch]]\nname = 'a'\nkind = 'unleash'\nprovider = 'flags'\nflag = 'f'\nstop = 'on'\ntwo-people = 'widening'\n\
         [[switch]]\nname = 'b'\nkind = 'launchdarkly'\nprovider = 'ld'\nflag = 'g'\n\
         [[plan]]\nname = 'both'\nswitches = ['b', 'a']\n"
    ));
    let [a, b] = config.switches.as_slice() else { panic!("{config:#?}") };
    assert!(matches!(&a.kind, SwitchKind::Unleash { kills: true, provider, .. } if provider.project == "default"));
    assert_eq!((a.stop(), b.stop(), a.schedules(), b.schedules()), ("on", "off", false, true));
    let url = "https://app.launchdarkly.com";
    assert!(
        matches!(&b.kind, SwitchKind::LaunchDarkly { provider, .. } if provider.url == url && provider.project == "web")
    );
    let two: Vec<_> = config.rules.ways.iter().map(|(name, ways)| (name.as_str(), ways.two)).collect();
    assert_eq!(two, [("a", Two::Widening), ("b", Two::Never)]);
    assert_eq!(config.plans[0].switches, ["b", "a"]);
    // what a provider records of its switches is read without being asked for
    assert_eq!(config.changes.iter().map(|source| source.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

const HTTP: &str = "[[switch]]\nname = 'a'\nkind = 'http'\nurl = 'https://x.example'\nstop-request = 'PUT /stop'\nprobe-path = '/state'\n\
    pointer = '/share'\nstopped = '0'\nrunning = '100'\n";

#[test]
fn given_a_switch_of_requests_when_read_then_a_share_is_read_where_the_whole_is_unless_another_place_is_named() {
    let read = |more: &str| {
        let config = of(&format!("{HTTP}percent = true\npercent-request = 'PUT /share/{{percent}}'\n{more}"));
        let SwitchKind::Http(web) = &config.switches[0].kind else { panic!("{config:#?}") };
        let percent = web.percent.clone().unwrap();
        (percent.probe, percent.pointer, percent.proof)
    };
    let of = |path: &str, pointer: Option<&str>, proof: &str| {
        (path.to_owned(), pointer.map(str::to_owned), proof.to_owned())
    };
    assert_eq!(read(""), of("/state", Some("/share"), "{percent}"));
    assert_eq!(
        read("percent-pointer = '/p'\npercent-shown = '{percent} %'\n"),
        of("/state", Some("/p"), "{percent} %")
    );
    assert_eq!(read("percent-probe-path = '/other'\n"), of("/other", None, "{percent}"));
}

#[test]
fn given_a_switch_that_is_of_no_use_when_read_then_it_is_said_what_is_missing_or_belongs_elsewhere() {
    let with = |more: &str| wrong(&format!("{PROVIDERS}{more}")).join("\n");
    let unknown = with("[[switch]]\nname = 'a'\nkind = 'unleash'\nprovider = 'ld'\nflag = 'f'\n");
    assert!(unknown.contains("no [[provider]] `ld` of the kind unleash"), "{unknown}");
    let half = with("[[switch]]\nname = 'a'\nkind = 'command'\nstop-command = ['x']\n");
    for key in ["restore-command", "probe-command", "stopped", "running"] {
        assert!(half.contains(&format!("lacks `{key}`")), "{half}");
    }
    let foreign = with("[[switch]]\nname = 'a'\nkind = 'unleash'\nprovider = 'flags'\nflag = 'f'\nfile = 'x'\n");
    assert!(foreign.contains("belongs to switches of the kind flagd"), "{foreign}");
    let shell = with(
        "[[switch]]\nname = 'a'\nkind = 'http'\nurl = 'https://x.example'\nstop-request = 'pause it'\nprobe-path = '/s'\n\
         stopped = 'P'\nrunning = 'R'\n",
    );
    assert!(shell.contains("Write POST, PUT, PATCH or DELETE"), "{shell}");
    let plan = with("[[plan]]\nname = 'p'\nswitches = ['nobody']\n");
    for (more, lacks) in [
        ("exclude-by = 'customer'", "exclude-request"),
        ("percent = true", "percent-request"),
        ("percent-request = 'PUT /s'", "percent"),
        ("exclude-by = 'c'\nexclude-request = 'POST /{key}'\nexcluded = 'x'", "exclude-probe-path"),
        ("exclude-by = 'c'\nexclude-request = 'POST /{key}'\nexclude-probe-path = '/{key}'", "excluded"),
        ("exclude-request = 'POST /{key}'\nexclude-probe-path = '/{key}'\nexcluded = 'x'", "exclude-by"),
        ("include-request = 'POST /{key}'", "exclude-request"),
        ("token-header = 'X-Api-Key'", "token"),
    ] {
        let half = with(&format!("{HTTP}{more}\n"));
        assert!(half.contains(&format!("lacks `{lacks}`")), "{more}: {half}");
    }
    // what is left out on purpose is no half
    let without = of(&format!("{HTTP}percent = false\npercent-request = 'PUT /s'\n"));
    assert!(without.switches.iter().all(|switch| !switch.percent));
    let colon = "exclude-by = 'a:b'\nexclude-request = 'POST /{key}'\nexclude-probe-path = '/{key}'\nexcluded = 'x'\n";
    let colon = with(&format!("{HTTP}{colon}"));
    assert!(colon.contains("a kind of context has no colon"), "{colon}");
    for header in ["Host", "a b", "content-length", "x:y"] {
        let taken = with(&format!("{HTTP}token = {{ env = 'T' }}\ntoken-header = '{header}'\n"));
        assert!(taken.contains("no login goes there"), "{taken}");
    }
    assert!(plan.contains("names `nobody`"), "{plan}");
    assert!(with("[[plan]]\nname = 'p'\nswitches = []\n").contains("is empty"));
}

#[test]
fn given_a_flag_that_a_stop_disables_when_read_then_it_names_no_variant_and_offers_nothing_for_some() {
    let disables = SWITCH.replace("stop = 'off'", "stop-disables = true");
    let switch = of(&disables).switches.remove(0);
    assert!(matches!(switch.kind, SwitchKind::Flagd { stop: None, restore: None, .. }), "{switch:?}");
    assert_eq!((switch.stop(), switch.restores()), ("the application's own default", true));
    // a variant may be called so
    let named = of(&SWITCH.replace("'off'", "'disabled'")).switches.remove(0);
    assert!(matches!(&named.kind, SwitchKind::Flagd { stop: Some(stop), .. } if stop == "disabled"), "{named:?}");
    for more in ["stop = 'off'", "restore = 'on'", "exclude-by = 'customer'", "percent = true"] {
        let told = wrong(&format!("{disables}{more}\n")).concat();
        assert!(told.contains("does not go with `stop-disables`"), "{more}: {told}");
    }
    let not = wrong(&SWITCH.replace("stop = 'off'", "stop-disables = false")).concat();
    assert!(not.contains("lacks `stop`"), "{not}");
}
