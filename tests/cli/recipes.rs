//! The recipes for pipelines in README, run as written: only the gate's address and a wait's length are others. It must not know what is in them.

use super::gate::Pipeline;
use super::ship::{Ship, ended};
use crate::liaison::loopback::{Loopback, json};
use std::path::Path;
use std::process::{Command, Stdio};

/// Where the recipes say that the gate is.
const ADDRESS: &str = "https://gate.example.org/gate.json";

/// A recipe: what it is for, and its steps; each is a shell of its own, and one that fails ends it.
struct Recipe {
    name: &'static str,
    steps: Vec<String>,
}

/// The code block in README that begins with these words, without them.
#[track_caller]
fn block(readme: &str, begins: &str) -> String {
    let all = readme.split("```").skip(1).step_by(2);
    let mut bodies = all.filter_map(|block| block.split_once('\n')).map(|(_, body)| body);
    let body = bodies.find(|body| body.starts_with(begins));
    body.unwrap_or_else(|| panic!("README has no block that begins with {begins}")).to_owned()
}

/// What stands behind a mark in each line that has it.
fn behind(body: &str, mark: &str) -> Vec<String> {
    let steps = body.lines().filter_map(|line| line.trim_start().strip_prefix(mark));
    steps.map(|step| step.trim().to_owned()).collect()
}

fn recipes(readme: &str) -> Vec<Recipe> {
    let gitlab = behind(&block(readme, "# GitLab"), "- ");
    let jenkins = behind(&block(readme, "// Jenkins"), "sh ");
    let quoted = |step: &String| step.trim_matches('\'').to_owned();
    vec![
        Recipe { name: "GitHub Actions", steps: behind(&block(readme, "# GitHub Actions"), "run:") },
        // one script, which ends with the first line that fails
        Recipe { name: "GitLab", steps: vec![gitlab.join(" && ")] },
        Recipe { name: "Jenkins", steps: jenkins.iter().map(quoted).collect() },
        Recipe { name: "plain shell", steps: vec![block(readme, "# plain shell")] },
    ]
}

/// Runs a recipe in the repository; the code that ended it, and whether it was deployed.
fn run(recipe: &Recipe, ship: &Ship, commander: &Ship, commit: &str, gate: &str) -> (i32, bool) {
    let repository = ship.path("repository");
    let deployed = repository.join("deployed");
    let _ = std::fs::remove_file(&deployed);
    // the one without an address reads the journal of the machine it runs on
    let like = if recipe.name == "plain shell" { commander.command(&[]) } else { ship.command(&[]) };
    let path = format!("{}:{}", ship.path("bin").display(), std::env::var("PATH").unwrap_or_default());
    for step in &recipe.steps {
        let step = step.replace(ADDRESS, gate).replace("--wait 10m", "--wait 1s");
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", &step]).current_dir(&repository);
        shell.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.env("PATH", &path);
        for name in ["GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT"] {
            shell.env(name, commit);
        }
        shell.stdout(Stdio::piped()).stderr(Stdio::piped());
        let run = ended(shell.spawn().expect("a shell"));
        if run.code != 0 {
            return (run.code, deployed.exists());
        }
    }
    (0, deployed.exists())
}

#[cfg(unix)]
#[test]
fn given_the_recipes_of_the_manual_when_run_as_written_then_each_is_held_lets_the_fix_pass_and_goes_on_after_the_lift()
{
    let (commander, ship) = (Ship::new(), Ship::new());
    let Some(pipeline) = Pipeline::of(&ship) else { return };
    std::fs::create_dir_all(commander.path("gate")).expect("a directory");
    commander.configure("[gate]\ndir = \"~/gate\"\n");
    let file = commander.path("gate/gate.json");
    let server = Loopback::start(move |_| json(&std::fs::read_to_string(&file).unwrap_or_default()));
    let gate = format!("{}/gate.json", server.url());
    let deploy = ship.write("repository/deploy.sh", "#!/bin/sh\ntouch deployed\n");
    std::fs::create_dir_all(ship.path("bin")).expect("a directory");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_quarterdeck"), ship.path("bin/quarterdeck")).expect("a link");
    executable(&deploy);

    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("README");
    let recipes = recipes(&readme);
    for recipe in &recipes {
        let steps = recipe.steps.join("\n");
        assert!(
            steps.contains("quarterdeck freeze check") && steps.contains("./deploy.sh"),
            "{}: {steps}",
            recipe.name
        );
    }
    let all = |what: &str, wanted: &dyn Fn(&Recipe) -> (i32, bool)| {
        for recipe in &recipes {
            let found = run(recipe, &ship, &commander, &pipeline.commit, &gate);
            assert_eq!(found, wanted(recipe), "{} {what}", recipe.name);
        }
    };
    let waits = |recipe: &Recipe| if recipe.steps.concat().contains("--wait") { 75 } else { 3 };
    let elsewhere = |recipe: &Recipe| recipe.steps.concat().contains("--from");

    all("before there is a gate", &|recipe| if elsewhere(recipe) { (4, false) } else { (0, true) });
    commander.does(&["freeze", "add", "--scope", "prod", "--why", "1823 is not understood"]);
    all("while it is frozen", &|recipe| (waits(recipe), false));
    commander.does(&["freeze", "pass", "--scope", "prod", "--ref", &pipeline.commit, "--why", "the fix"]);
    all("with a pass for this build", &|_| (0, true));
    commander.does(&["freeze", "withdraw", "1"]);
    all("after the pass was taken back", &|recipe| (waits(recipe), false));
    commander.does(&["freeze", "lift"]);
    all("after the lift", &|_| (0, true));
}

#[cfg(unix)]
fn executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("its mode");
}
