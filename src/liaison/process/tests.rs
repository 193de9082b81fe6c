//! Programs that end, hang, talk too much or leave children behind.

use super::*;
use std::time::Instant;

fn program(argv: &[&str], timeout_ms: u64) -> Program {
    let path = std::env::var_os("PATH").unwrap_or_default();
    Program {
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        directory: None,
        environment: vec![("PATH".into(), path)],
        timeout: Duration::from_millis(timeout_ms),
    }
}

fn run(program: &Program) -> Result<Ran, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(program.run())
}

fn sh(script: &str, timeout_ms: u64) -> Ran {
    run(&program(&["sh", "-c", script], timeout_ms)).unwrap()
}

/// The process is gone, or a zombie that nobody has waited for.
fn is_gone(id: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"));
    stat.map_or(true, |stat| stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')))
}

fn waits_until_gone(id: &str) {
    let began = Instant::now();
    while !is_gone(id) {
        assert!(began.elapsed() < Duration::from_secs(20), "{id} still runs");
        std::thread::yield_now();
    }
}

#[test]
fn given_a_program_when_it_ends_then_code_words_and_complaints_are_told() {
    let ran = sh("echo; echo \"  paused $0\"; echo no >&2; exit 3", 20_000);
    assert_eq!((ran.end, ran.said().as_str()), (End::Code(3), "paused sh"));
    assert_eq!(ran.err.first_line(), "no");
    assert_eq!(sh("echo only here >&2", 20_000).said(), "only here");
    assert_eq!(sh("kill -KILL $$", 20_000).end, End::Signal(9));
    assert_eq!(End::Signal(9).words(GRACE), "was ended by SIGKILL");
    assert_eq!(sh("cat; echo end", 20_000).said(), "end", "there is nothing on its standard input");
}

#[test]
fn given_arguments_when_passed_then_no_shell_reads_them() {
    let words = ["printf", "%s|", "a b", "$HOME", "`id`", "*", "; exit 9", ""];
    let ran = run(&program(&words, 20_000)).unwrap();
    assert_eq!((ran.end, ran.said().as_str()), (End::Code(0), "a b|$HOME|`id`|*|; exit 9||"));
}

#[test]
fn given_an_environment_by_name_when_run_then_there_is_nothing_else_in_it_and_it_starts_where_it_was_told() {
    let mut program = program(&["sh", "-c", "pwd; env | sort | grep -v -e ^PWD -e ^_ -e ^SHLVL -e ^OLDPWD"], 20_000);
    program.directory = Some("/".into());
    program.environment.push(("TOKEN".into(), "s3cret".into()));
    let ran = run(&program).unwrap();
    let lines = ran.out.last_lines(9, 400);
    assert_eq!((lines.len(), lines[0].as_str(), lines[2].as_str()), (3, "/", "TOKEN=s3cret"), "{lines:?}");
}

#[test]
fn given_a_program_that_is_not_there_when_run_then_nothing_happened_and_the_words_say_what_to_do() {
    let words = |program: &Program| run(program).unwrap_err();
    let gone = words(&program(&["no-such-program-anywhere"], 1_000));
    assert!(matches!(&gone, Trouble::Unreachable(words) if words.starts_with("There is no program no-such-program")));
    let mut lost = program(&["true"], 1_000);
    lost.directory = Some("/nowhere/at/all".into());
    assert!(words(&lost).words().contains("there is no directory /nowhere/at/all"));
    assert!(words(&program(&["/"], 1_000)).words().contains("could not be started"));
    assert!(words(&program(&[], 1_000)).words().contains("it has no name"));
}

#[test]
fn given_a_program_that_ignores_term_when_late_then_it_and_its_children_are_gone() {
    let ran = sh("trap '' TERM; sleep 600 & echo $$ $!; while :; do sleep 600; done", 300);
    assert_eq!(ran.end, End::Late);
    let said = ran.said();
    let ids: Vec<&str> = said.split(' ').collect();
    assert_eq!(ids.len(), 2, "{said}");
    ids.into_iter().for_each(waits_until_gone);
}

#[test]
fn given_a_stopped_program_when_late_then_it_is_gone() {
    let ran = sh("echo $$; kill -STOP $$", 300);
    assert_eq!(ran.end, End::Late);
    waits_until_gone(&ran.said());
}

#[test]
fn given_a_grandchild_that_holds_the_output_open_when_the_program_ended_then_it_is_not_waited_for_and_lives() {
    let ran = sh("sleep 600 & echo $!; exit 4", 20_000);
    assert_eq!(ran.end, End::Code(4));
    let id = ran.said();
    assert!(!is_gone(&id), "{id} was not ours to end");
    let raw = id.parse().ok().and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::kill_process(raw, rustix::process::Signal::KILL).unwrap();
}

#[test]
fn given_output_without_end_when_late_then_beginning_and_end_are_kept_and_the_rest_is_counted() {
    let ran = run(&program(&["yes", "out of room"], 300)).unwrap();
    assert_eq!((ran.end, ran.said().as_str()), (End::Late, "out of room"));
    assert!(ran.out.left_out() > 0 && ran.out.head.len() == EACH && ran.out.tail.len() == EACH);
}

#[test]
fn given_a_program_nobody_waits_for_any_more_when_given_up_then_its_group_is_ended() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("id");
    let script = format!("sleep 600 & echo $! > '{0}.new'; mv '{0}.new' '{0}'; wait", file.display());
    let program = program(&["sh", "-c", &script], 600_000);
    runtime.block_on(async {
        let there = async {
            while !file.exists() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! { _ = program.run() => panic!("it ended"), () = there => {} }
    });
    waits_until_gone(std::fs::read_to_string(&file).unwrap().trim());
}

#[test]
fn given_hostile_output_when_shown_then_it_is_harmless() {
    let ran = sh("printf '\\033]52;c;aGk=\\007ok\\033[2J\\n\\377\\n'", 20_000);
    assert_eq!(ran.said(), "ok");
    assert_eq!(ran.out.last_lines(5, 80), ["ok", "\u{fffd}"]);
}

proptest::proptest! {
    #[test]
    fn whatever_comes_in_whatever_pieces_beginning_and_end_are_the_same(
        pieces in proptest::collection::vec(0_usize..EACH * 2, 0..6),
    ) {
        let all: Vec<u8> = (0..pieces.iter().sum::<usize>()).map(|n| (n % 251) as u8).collect();
        let mut kept = Excerpt::default();
        let mut at = 0;
        for piece in &pieces {
            kept.take(&all[at..at + piece]);
            at += piece;
        }
        let head = all.len().min(EACH);
        let tail = (all.len() - head).min(EACH);
        proptest::prop_assert_eq!(&kept.head[..], &all[..head]);
        proptest::prop_assert_eq!(kept.tail.iter().copied().collect::<Vec<u8>>(), all[all.len() - tail..].to_vec());
        proptest::prop_assert_eq!(kept.left_out, (all.len() - head - tail) as u64);
    }
}
