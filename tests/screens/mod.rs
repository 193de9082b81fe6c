//! Runs every `*.screen` file beside it: a script and what is then on the screen, one behaviour each. It must not know any behaviour.
//!
//! A file is read line by line: a verb and its words. `#` begins a comment, behind two blanks also at a line's end. The clock moves only
//! when a line says so; each key takes 100 ms, as if a person pressed it.
//!
//! The stage, above everything else:
//!
//! ```text
//! size 100x30   clock 14:02:00   person ana     columns and rows; UTC on 2019-07-09; who is at the keyboard
//! drill NAME                                    a rehearsal from assets/drills: its clock, its people, its guide
//! zone Europe/Paris                             the header's second clock
//! rules sev1 check-in 0 15 30 45                also public, internal, first-public; `rules good-for 15m`
//! slo api-availability 99.95                    an SLO; what it says stands in `world burn`
//! flags release = 1823 stop 1822 critical       a switch, what it serves, what a stop serves, whether its name must be typed,
//!                                               `exclude-by KIND` when it can be stopped for one, `critical-there`
//!                                               when it is its provider that calls it critical
//! changes deploys                               sources of changes; what they tell stands in `world changes`
//! channels page                                 where updates go
//! terminals 2                                   others show the same screen; `unknown` when nobody can say, `silent` until it is said
//! other ana: declare "API refuses" sev1         what the journal holds before the screen opens
//! history 100000                                so many notes more; then `read 40960` and `read all` hand them over
//! ```
//!
//! What happens, in order; the first of these opens the screen:
//!
//! ```text
//! keys 2 j x            keys as in keymap.toml             type text <enter>    letters, with keys between
//! burst text            the same without time between      paste "x\rq"         one paste
//! focus in|out          resize 80x24    leave (SIGTERM)    quiet                a second without a key
//! clock +30s            goes from one due moment to the next, never jumps; clock 14:30:00 goes until then
//! clock jumps -1h       somebody sets the clock
//! wait settled          until nothing is pending           wait TEXT            until it shows
//! crash                 the program dies with what it had not written, and is started again
//! other ben: note "x"   a second session writes, and we are told; `ben unseen:` we are not told; `ben first:` right before our next
//!                       append lands. Commands: declare note decide ask task finish check-in take severity phase stop
//!                       restore done close-anyway; `ben@0: stop exports on off` with no incident open
//! journal holds|full|locked|well                           world plans wait|go  (answers to x that come late)
//! world release = 1822  somebody changes it outside        world release silent|answers|fails "words"
//! world stop release -> done | refused "words" | timeout [but done] | never [but done]
//! world burn left 33.7 before 80 bad-from 13:50 bad-until 14:01 good-since 14:01 state traffic-gone since 14:00 traffic 4 rates 333 100 14.4
//! world burn of 2 left 33.7 …                     the same for the second SLO alone
//! world burn silent | fails "words"                        world silent | answers
//! world changes deploys [~]22:48:30 deploy api [from 1822] [to 1823] [by ci] [until 22:52] | many 400 since 22:50 | silent|answers|fails "words"
//! ```
//!
//! What must be so:
//!
//! ```text
//! expect TEXT   absent TEXT      on the screen, blanks counting once, also where it runs on in the next row
//! effects 1 carry stop release   so many effects since the beginning contain these words
//! entries 1 noted ana            so many entries do: kind, author, time, label, words
//! screen [PANEL]                 the picture below, its lines beginning with |, in the `plain` theme; at most twelve whole ones
//! ended                          the program has left; what is on the screen is then the ordinary one
//! ```
//!
//! Besides, in every file: no act is carried twice or before it is in the journal, no cell holds a character that moves a cursor, and
//! nothing wakes more than a few times a second. `BLESS=1` draws pictures anew; `SCREEN=name` runs the files whose name contains it.

mod picture;
mod script;
mod stage;
mod verbs;
mod world;

use quarterdeck::incident::time::Time;
use quarterdeck::view::theme::Theme;
use script::Script;
use stage::Stage;
use std::path::{Path, PathBuf};

/// How many pictures may be of the whole screen: each changes with every change of the layout.
const WHOLE: usize = 12;

fn files() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens");
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|e| e == "screen")).collect();
    files.sort();
    files
}

/// Runs one file, and writes its pictures anew when that is asked for.
fn run(path: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let blesses = std::env::var_os("BLESS").is_some();
    let played = play(&text, blesses)?;
    if played != text {
        std::fs::write(path, played).map_err(|e| e.to_string())?;
    }
    Ok(())
}

/// Plays a script; answers with its text, the pictures drawn anew when `blesses`. The error says what was wanted where, and what was
/// there.
fn play(text: &str, blesses: bool) -> Result<String, String> {
    let script = Script::parse(text)?;
    if script.about.trim().is_empty() {
        return Err("says nowhere what it shows: begin with a comment".into());
    }
    let start = Time::parse_iso("2019-07-09T14:02:00Z").ok_or("no start")?;
    let theme = Theme::built_in("plain").ok_or("no plain theme")?.map_err(|e| e.to_string())?;
    let mut stage = Stage::new(start, theme);
    let mut blessed = text.to_string();
    let mut moved = 0_isize;
    for line in &script.lines {
        let done = if line.verb == "screen" {
            stage.app.is_none().then(|| stage.open()).transpose().and_then(|_| picture::panel(&stage.rows, &line.rest))
        } else {
            verbs::perform(&mut stage, line).map(|()| Vec::new())
        };
        let told =
            |what: String| format!("line {}: {} {}\n  {what}\n{}", line.number, line.verb, line.rest, stage.story());
        let rows = done.map_err(told)?;
        if line.verb == "screen" && rows != line.picture {
            if !blesses {
                return Err(told(format!("wanted (BLESS=1 draws it anew):\n    |{}", line.picture.join("\n    |"))));
            }
            let number = line.number.checked_add_signed(moved).unwrap_or(line.number);
            blessed = Script::blessed(&blessed, number, &rows);
            moved += rows.len().cast_signed() - line.picture.len().cast_signed();
        }
    }
    Ok(blessed)
}

#[test]
fn given_a_screen_that_is_not_as_it_says_when_played_then_the_error_tells_what_was_wanted_and_what_was_there() {
    let refused = |script: &str| play(&format!("# x\nsize 80x24\n{script}\n"), false).unwrap_err();
    let told = refused("keys n\nexpect nowhere");
    for part in ["line 4: expect nowhere", "NO INCIDENT DECLARED", "what passed last", "Key("] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(refused("absent NO INCIDENT").contains("not wanted on the screen"));
    assert!(refused("quiet\neffects 1 quit").contains("0 effects say `quit`, not 1"));
    assert!(refused("quiet\nentries 1 noted").contains("0 entries"));
    assert!(refused("screen header\n|SEV1").contains("wanted (BLESS=1 draws it anew)"));
    assert!(refused("quiet\nperson ben").contains("belongs above"));
    assert!(refused("dance").contains("`dance` is no verb"));
    assert!(refused("keys nn").contains("is not a key"));
    assert!(refused("wait nowhere").contains("waited 120 s"));
    assert!(play("quiet\n", false).is_err(), "nothing says what it shows");
}

#[test]
fn given_every_screen_when_its_script_is_played_then_it_shows_what_it_says() {
    let only = std::env::var("SCREEN").unwrap_or_default();
    let mut told = Vec::new();
    let mut played = 0;
    for path in files() {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !name.contains(&only) {
            continue;
        }
        played += 1;
        if let Err(what) = run(&path) {
            told.push(format!("{name}, {what}"));
        }
    }
    assert!(played > 0, "no file is called {only}");
    assert!(told.is_empty(), "{} of {played} screens\n\n{}", told.len(), told.join("\n"));
}

#[test]
fn given_the_pictures_when_counted_then_only_a_few_are_of_the_whole_screen() {
    let scripts = files().into_iter().map(|path| Script::parse(&std::fs::read_to_string(path).unwrap()).unwrap());
    let whole: usize =
        scripts.map(|s| s.lines.iter().filter(|l| l.verb == "screen" && l.rest.is_empty()).count()).sum();
    assert!(whole <= WHOLE, "{whole} pictures of the whole screen, {WHOLE} are the most");
}
