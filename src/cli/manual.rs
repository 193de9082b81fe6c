//! Completions and manual pages, made from the one definition of the arguments. It must not know what a command does.

use super::args::{Cli, Completions, Man};
use super::desk::Io;
use super::fault::{Fault, Kind};
use clap::CommandFactory;

/// `completions`.
pub fn completions(io: &mut Io<'_>, args: &Completions) -> Result<(), Fault> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "quarterdeck", &mut script);
    Ok(io.out.write_all(&script)?)
}

/// `man`.
pub fn page(io: &mut Io<'_>, args: &Man) -> Result<(), Fault> {
    let mut root = Cli::command();
    root.build();
    let command = match &args.command {
        None => root,
        Some(name) => root.find_subcommand(name).cloned().ok_or_else(|| Fault {
            kind: Kind::Usage,
            happened: format!("There is no command {}.", crate::config::trouble::shown(name)),
            stands: "Nothing was printed.".into(),
            next: "quarterdeck --help names them.".into(),
        })?,
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(io.out.write_all(&page)?)
}
