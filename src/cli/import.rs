//! Takes in what was exported: twice the same is once. It must not judge what an entry says.

use super::args::{Import, ImportForm};
use super::desk::{Desk, Io};
use super::fault::{Fault, Kind};
use super::paper;
use crate::exchange::json;
use crate::incident::impact::counted;
use serde_json::json;
use std::fs::File;
use std::io::BufReader;

/// `import`.
pub fn run(desk: &mut Desk, io: &mut Io<'_>, args: &Import) -> Result<(), Fault> {
    let ImportForm::Json = args.format;
    let document = if args.file.as_os_str() == "-" {
        json::import(BufReader::new(&mut *io.input))
    } else {
        let file = File::open(&args.file).map_err(|error| Fault {
            stands: "Nothing was imported.".into(),
            ..Fault::file(&args.file, "opened", &error)
        })?;
        json::import(BufReader::new(file))
    };
    let document = document.map_err(|trouble| Fault::of(Kind::Tool, trouble.words()))?;
    if document.drill && desk.drill.is_none() {
        return Err(Fault {
            stands: "Nothing was imported.".into(),
            ..Fault::refused(
                format!("This is the record of a drill (incident {}), and the journal is none.", document.number),
                "Import it into a drill's journal with --journal.",
            )
        });
    }
    let done = desk.writing(true)?.import(&document.entries)?;
    let moved = done.number != document.number;
    if desk.globals.json {
        let value = json!({"incident": done.number, "exported_as": document.number, "added": done.added, "present": done.present});
        let answered = paper::data(io.out, &value).map_err(Fault::from);
        return paper::told(io, answered);
    }
    let number = match moved {
        true => format!("incident {} ({} is another incident here)", done.number, document.number),
        false => format!("incident {}", done.number),
    };
    let added = counted(done.added as u64, "entry", "entries");
    let present = counted(done.present as u64, "was", "were");
    let line = writeln!(io.out, "{number}: {added} added, {present} there already");
    let answered = line.map_err(Fault::from);
    paper::told(io, answered)
}
