//! The command line: one file per command or small family. The same rules decide as on the screen. It must not know how anything
//! outside is reached: acts go through `shell::hands`, questions through `shell::asker`.

mod acts;
mod against;
mod args;
mod burn;
mod by;
mod changes;
mod conditions;
mod declare;
mod desk;
mod doctor;
mod drill;
mod editor;
mod export;
mod fault;
mod freeze;
mod gate;
mod import;
mod list;
mod manual;
mod marks;
mod paper;
mod past;
mod people;
mod probe;
mod promise;
mod promised;
mod record;
mod run;
mod say;
mod screen;
mod seal;
mod shares;
mod show;
mod slo;
mod status;
mod stray;
mod stream;
mod switch;
mod task;
mod update;
mod which;
mod words;

use args::{Cli, Command};
use clap::Parser;
use desk::{Io, Setting};
use fault::{Fault, Kind};
use std::ffi::OsString;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

/// Reads the arguments, does what they say, and answers with the exit code.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = spoken(std::env::args_os()).collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            if let Some(fault) = stray::meant(&error, &arguments) {
                let _ = writeln!(io::stderr(), "{}", crate::shell::typed::words(&fault.to_string()));
                return ExitCode::from(fault.kind as u8);
            }
            // help and version are answers, everything else is bad usage
            let code = if error.use_stderr() { Kind::Usage as u8 } else { 0 };
            let _ = stray::untempted(error, &arguments).print();
            return ExitCode::from(code);
        }
    };
    // its terminal and its pipes are the command's
    if let Some(Command::Run(args)) = &cli.command {
        return run::run(cli.globals, args);
    }
    // no lock is held: the screen and its panic hook use these from other threads
    let (stdout, mut err, mut input) = (io::stdout(), io::stderr(), io::stdin());
    let mut io = Io {
        typed: input.is_terminal(),
        read: stdout.is_terminal(),
        watched: err.is_terminal(),
        deaf: false,
        out: &mut BufWriter::new(stdout),
        err: &mut err,
        input: &mut input,
    };
    let done = match perform(cli, &mut io) {
        Ok(()) if io.deaf => Ok(()),
        Ok(()) => io.out.flush().map_err(Fault::from),
        Err(fault) => {
            // what was answered before it failed is an answer too
            let _ = io.out.flush();
            Err(fault)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            if fault.kind != Kind::Pipe {
                let _ = writeln!(io.err, "{}", crate::shell::typed::words(&fault.to_string()));
            }
            ExitCode::from(fault.kind as u8)
        }
    }
}

/// `-5m it broke` is no option: none begins with a digit, and a space before it says so. Every text and time is trimmed. What follows `--`
/// is no option anyway, and may be a command's own.
fn spoken(arguments: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let is_time =
        |text: &str| text.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let mut is_ours = true;
    arguments.map(move |argument| {
        is_ours = is_ours && argument != "--";
        match argument.to_str().filter(|text| is_ours && is_time(text)) {
            Some(text) => OsString::from(format!(" {text}")),
            None => argument,
        }
    })
}

fn perform(cli: Cli, io: &mut Io<'_>) -> Result<(), Fault> {
    let Cli { globals, command } = cli;
    match command {
        Some(Command::Completions(args)) => return manual::completions(io, &args),
        Some(Command::Man(args)) => return manual::page(io, &args),
        _ => {}
    }
    let setting = Setting::read(globals)?;
    match command {
        Some(Command::Drill(args)) => return drill::run(setting, io, &args),
        Some(Command::Doctor) => return doctor::run(&setting.desk(true)?, io),
        _ => {}
    }
    let desk = &mut setting.desk(false)?;
    let Some(command) = command else { return screen::open(desk, io, screen::Way::Bare) };
    match command {
        Command::Declare(args) => declare::declare(desk, io, &args),
        Command::List(args) => list::run(desk, io, &args),
        Command::Show(args) => show::run(desk, io, &args),
        Command::Status(args) => status::run(desk, io, &args),
        Command::Note(args) => say::note(desk, io, &args),
        Command::Decide(args) => say::decide(desk, io, &args),
        Command::Question(args) => say::question(desk, io, args),
        Command::Changed(args) => say::changed(desk, io, &args),
        Command::Changes(args) => changes::run(desk, io, &args),
        Command::Link(args) => say::link(desk, io, &args),
        Command::Impact(args) => say::impact(desk, io, &args),
        Command::Mark(args) => say::mark(desk, io, &args),
        Command::Correct(args) => say::correct(desk, io, &args),
        Command::Task(args) => task::task(desk, io, args),
        Command::Checkin(args) => task::checkin(desk, io, args),
        Command::Update(args) => update::run(desk, io, &args),
        Command::Promise(args) => promise::run(desk, io, args),
        Command::Role(args) => people::role(desk, io, &args),
        Command::Goal(args) => people::goal(desk, io, &args),
        Command::Join(args) => people::join(desk, io, &args),
        Command::Severity(args) => declare::severity(desk, io, &args),
        Command::Phase(args) => declare::phase(desk, io, &args),
        Command::Resolve(args) => declare::resolve(desk, io, &args),
        Command::Close(args) => declare::close(desk, io, &args),
        Command::Reopen(args) => declare::reopen(desk, io, &args),
        Command::Fold(args) => declare::fold(desk, io, &args),
        Command::Switch(args) => switch::run(desk, io, &args),
        Command::Freeze(args) => freeze::run(desk, io, &args),
        Command::Probe(args) => probe::run(desk, io, &args),
        Command::Burn(args) => burn::run(desk, io, &args),
        Command::Slo(args) => slo::run(desk, io, &args),
        Command::Export(args) => export::run(desk, io, &args),
        Command::Import(args) => import::run(desk, io, &args),
        Command::Drill(_) | Command::Doctor | Command::Run(_) | Command::Completions(_) | Command::Man(_) => Ok(()),
    }
}
