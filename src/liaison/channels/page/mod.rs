//! A static status page in a directory: `index.html` for people, `summary.json` for programs. It must not know where the
//! directory is served, or what may be told to whom: titles and texts arrive as they are to be read.
//!
//! What was published before stays: incidents and updates that are in `summary.json` and not in the new page are kept; one
//! with the same id is replaced. `summary.json` is put in place first and `index.html` last. A crash between them leaves
//! people with the page of before and loses nothing, because the next publication starts from `summary.json`; the other
//! way round it would drop the update that people have already read.
//!
//! A missing directory is created when its parent is there. Further up nothing is created: a mistyped path, or a volume
//! that is not mounted, must not become a page that nobody serves.

mod html;
mod summary;

use crate::incident::phase::Phase;
use crate::incident::severity::Severity;
use crate::incident::time::Time;
use crate::incident::trouble::Trouble;
use crate::liaison::clean::{clean, clean_text};
use crate::liaison::disk::{self, Old, Replaced, Staged, Turn};
use crate::liaison::outcome::CarryOutcome;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The most resolved incidents that a page keeps.
const PAST: usize = 100;
/// The most updates that an incident keeps.
const UPDATES: usize = 500;
/// Tries, ten milliseconds apart, for another quarterdeck to finish its page.
const PATIENCE: u32 = 300;

/// What a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Whose status this is.
    pub title: String,
    /// Whether it is a rehearsal; a rehearsal's page and a real one never share a directory.
    pub drill: bool,
    /// When it is written.
    pub generated: Time,
    /// The incidents, in any order.
    pub incidents: Vec<PageIncident>,
}

/// One incident on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageIncident {
    /// Its id; the same incident keeps it from page to page.
    pub id: String,
    /// Its title as the public may read it.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where it stands; shown by its public word.
    pub phase: Phase,
    /// What was said, in any order.
    pub updates: Vec<PageUpdate>,
    /// By when the next update was promised.
    pub next: Option<Time>,
}

/// One update on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageUpdate {
    /// Its id, by which [`look`] finds it again.
    pub id: String,
    /// When it was said.
    pub at: Time,
    /// The phase it was said in.
    pub phase: Phase,
    /// What was said; line breaks are kept.
    pub text: String,
}

impl PageIncident {
    /// Whether it is over, as far as the public is told.
    pub fn is_past(&self) -> bool {
        self.phase >= Phase::Resolved
    }

    /// When the public first heard of it; of an incident without updates, not known.
    fn first(&self) -> Option<Time> {
        self.updates.iter().map(|u| u.at).min()
    }

    fn last(&self) -> Option<Time> {
        self.updates.iter().map(|u| u.at).max()
    }
}

/// Publishes `page` in `directory`, once. *Done* means that both files were read back and say what was meant; whether a web
/// server shows them is not known from here.
pub fn publish(directory: &Path, page: &Page) -> CarryOutcome {
    match prepare(directory, page) {
        Ok(change) => change.make(directory, &mut || {}),
        Err(trouble) => CarryOutcome::before_acting(&trouble),
    }
}

/// The text of the update `id` if both files in `directory` show it.
///
/// # Errors
/// Missing files are no error: nothing is visible then. What cannot be read is [`Trouble::Denied`] or
/// [`Trouble::Unreachable`]; what is not ours is [`Trouble::Refused`]; what is damaged is [`Trouble::Garbled`].
pub fn look(directory: &Path, id: &str) -> Result<Option<String>, Trouble> {
    let Some(index) = ours(directory)? else { return Ok(None) };
    let Some((_, before)) = kept(directory)? else { return Ok(None) };
    let id = clean(id, 64);
    let update = before.incidents.iter().flat_map(|i| &i.updates).find(|u| u.id == id);
    Ok(update.filter(|update| html::shows(&index.text, update)).map(|update| update.text.clone()))
}

struct Change {
    _turn: Turn,
    json: (Option<Old>, Staged, String),
    html: (Option<Old>, Staged, String),
}

fn prepare(directory: &Path, page: &Page) -> Result<Change, Trouble> {
    make_directory(directory)?;
    let turn = Turn::take(directory, PATIENCE)?;
    let index = ours(directory)?;
    turn.sweep(directory);
    let before = kept(directory)?;
    if let Some((_, before)) = &before
        && before.drill != page.drill
    {
        let (has, comes) =
            if page.drill { ("a real page", "a rehearsal") } else { ("a rehearsal's page", "a real page") };
        return Err(Trouble::Refused(format!(
            "{} holds {has}, and {comes} was to be written over it. Nothing was changed. Choose another directory for one of them.",
            disk::shown(directory)
        )));
    }
    let (old_json, before) = before.map_or((None, None), |(old, page)| (Some(old), Some(page)));
    let mut whole = merged(page, before);
    let (json, html) = loop {
        let (json, html) = (summary::write(&whole), html::write(&whole));
        if json.len().max(html.len()) as u64 <= disk::LARGEST {
            break (json, html);
        }
        // The oldest of what is over goes first; the order is newest first.
        let Some(oldest) = whole.incidents.iter().rposition(PageIncident::is_past) else {
            return Err(Trouble::Refused(format!(
                "The page would be larger than {} MiB. Nothing was changed. Shorten the updates.",
                disk::LARGEST >> 20
            )));
        };
        whole.incidents.remove(oldest);
    };
    let stage = |old: &Option<Old>, name: &str, text: &str| match old {
        Some(old) => Staged::over(old, text),
        None => Staged::fresh(&directory.join(name), text),
    };
    // Both are on disk before the first is put in place, so that a full disk is noticed in time.
    let json_staged = stage(&old_json, summary::NAME, &json)?;
    let html_staged = stage(&index, html::NAME, &html)?;
    Ok(Change { _turn: turn, json: (old_json, json_staged, json), html: (index, html_staged, html) })
}

impl Change {
    fn make(self, directory: &Path, meanwhile: &mut dyn FnMut()) -> CarryOutcome {
        let (mut old_json, staged_json, json) = self.json;
        let (mut old_html, staged_html, html) = self.html;
        let place = disk::shown(directory);
        match staged_json.replace(old_json.as_mut()) {
            Replaced::Done => {}
            Replaced::Moved => {
                return CarryOutcome::Refused(format!(
                    "{} in {place} was changed by somebody else while the new one was being written. Their version is in force, and nothing was changed by us. Look at the page, then publish again.",
                    summary::NAME
                ));
            }
            other => return unsure(&place, summary::NAME, &other),
        }
        meanwhile();
        match staged_html.replace(old_html.as_mut()) {
            Replaced::Done => {}
            other => return unsure(&place, html::NAME, &other),
        }
        let same = |name: &str, text: &str| disk::read(&directory.join(name)).is_ok_and(|now| now == text);
        if same(summary::NAME, &json) && same(html::NAME, &html) {
            let words = format!("written to {place} and read back; whether it is served is not known from here");
            CarryOutcome::done("visible", words)
        } else {
            CarryOutcome::Unsure(format!(
                "The page in {place} was written, but reading it back gives something else. Somebody else may have replaced it. Look at it before publishing again."
            ))
        }
    }
}

fn unsure(place: &str, name: &str, how: &Replaced) -> CarryOutcome {
    let why = match how {
        Replaced::Moved => "somebody else changed it in the same moment",
        Replaced::Collided => "somebody else wrote into it in the same moment, and their change is lost",
        Replaced::NotSynced(why) | Replaced::Failed(why) => why.as_str(),
        Replaced::Done => "it was replaced",
    };
    CarryOutcome::Unsure(format!(
        "{name} in {place} was not put in place as meant: {why}. People may read the old page or the new one. Look at it; publishing again is harmless."
    ))
}

fn make_directory(directory: &Path) -> Result<(), Trouble> {
    let name = disk::shown(directory);
    match fs::metadata(directory) {
        Ok(meta) if meta.is_dir() => return Ok(()),
        Ok(_) => {
            return Err(Trouble::Refused(format!(
                "{name} is not a directory. Nothing was published. Name a directory for the page in the configuration."
            )));
        }
        Err(e) if e.kind() == ErrorKind::NotFound => {}
        Err(e) => {
            return Err(Trouble::Denied(format!(
                "{name} cannot be looked into: {}. Nothing was published. Ask for permission on it.",
                disk::said(&e)
            )));
        }
    }
    fs::create_dir(directory).map_err(|e| {
        Trouble::Refused(format!(
            "{name} is not there and could not be created: {}. Nothing was published. Check the path and that its volume is mounted; only the last directory of a path is created.",
            disk::said(&e)
        ))
    })?;
    let parent = directory.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    disk::sync_directory(parent).map_err(|e| {
        Trouble::Refused(format!(
            "{name} was created, but the disk did not confirm it: {}. Nothing was published. Look at the disk.",
            disk::said(&e)
        ))
    })
}

/// The file of that name, if there is any.
fn existing(directory: &Path, name: &str) -> Result<Option<Old>, Trouble> {
    let path = directory.join(name);
    match fs::symlink_metadata(&path) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        _ => disk::open(&path).map(Some),
    }
}

fn ours(directory: &Path) -> Result<Option<Old>, Trouble> {
    let index = existing(directory, html::NAME)?;
    if index.as_ref().is_some_and(|old| !old.text.contains(html::MARKER)) {
        return Err(not_ours(directory, html::NAME));
    }
    Ok(index)
}

fn not_ours(directory: &Path, name: &str) -> Trouble {
    Trouble::Refused(format!(
        "{name} in {} was not written by quarterdeck. It was left as it is, and nothing was published. Choose a directory of its own for the page, or move that file away.",
        disk::shown(directory)
    ))
}

fn kept(directory: &Path) -> Result<Option<(Old, Page)>, Trouble> {
    let Some(old) = existing(directory, summary::NAME)? else { return Ok(None) };
    match summary::read(&old.text) {
        Ok(page) => Ok(Some((old, page))),
        Err(summary::Fault::NotOurs) => Err(not_ours(directory, summary::NAME)),
        Err(summary::Fault::Damaged(what)) => Err(Trouble::Garbled(format!(
            "{} in {} is damaged: {what}. Nothing was published, because the updates it held would be lost. Put it back from a copy, or move it away to begin anew.",
            summary::NAME,
            disk::shown(directory)
        ))),
    }
}

/// The new page together with what was there before; everything harmless and in order.
fn merged(page: &Page, before: Option<Page>) -> Page {
    let mut incidents: Vec<PageIncident> = page.incidents.iter().map(harmless).collect();
    for old in before.map(|page| page.incidents).unwrap_or_default() {
        match incidents.iter_mut().find(|new| new.id == old.id) {
            None => incidents.push(old),
            Some(new) => {
                let lost =
                    old.updates.into_iter().filter(|u| new.updates.iter().all(|n| n.id != u.id)).collect::<Vec<_>>();
                new.updates.extend(lost);
            }
        }
    }
    for incident in &mut incidents {
        incident.updates.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
        incident.updates.truncate(UPDATES);
    }
    // Open before past, the worst first, then the one that was last heard of.
    incidents.sort_by(|a, b| {
        let key = |i: &PageIncident| (i.is_past(), if i.is_past() { Severity::Sev1 } else { i.severity });
        key(a).cmp(&key(b)).then_with(|| (b.last(), &b.id).cmp(&(a.last(), &a.id)))
    });
    let open = incidents.iter().filter(|i| !i.is_past()).count();
    incidents.truncate(open + PAST);
    Page { title: clean(&page.title, 120).into_owned(), drill: page.drill, generated: page.generated, incidents }
}

fn harmless(incident: &PageIncident) -> PageIncident {
    let update = |u: &PageUpdate| PageUpdate {
        id: clean(&u.id, 64).into_owned(),
        at: u.at,
        phase: u.phase,
        text: clean_text(&u.text, 20_000).into_owned(),
    };
    PageIncident {
        id: clean(&incident.id, 64).into_owned(),
        title: clean(&incident.title, 200).into_owned(),
        severity: incident.severity,
        phase: incident.phase,
        updates: incident.updates.iter().map(update).collect(),
        next: incident.next.filter(|_| !incident.is_past()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        let update = PageUpdate { id: text.to_owned(), at: Time(0), phase: Phase::Identified, text: text.to_owned() };
        let incident = PageIncident {
            id: "1".to_owned(),
            title: "title".to_owned(),
            severity: Severity::Sev2,
            phase: Phase::Identified,
            updates: vec![update],
            next: None,
        };
        Page { title: "status".to_owned(), drill: false, generated: Time(0), incidents: vec![incident] }
    }

    #[test]
    fn a_publication_cut_in_the_middle_is_unsure_and_the_next_one_mends_it() {
        let directory = tempfile::tempdir().unwrap();
        assert!(matches!(publish(directory.path(), &page("first")), CarryOutcome::Done { .. }));
        let index = directory.path().join(html::NAME);
        let theirs = format!("{}theirs", html::MARKER);
        let got = prepare(directory.path(), &page("second"))
            .unwrap()
            .make(directory.path(), &mut || fs::write(&index, &theirs).unwrap());
        assert!(matches!(&got, CarryOutcome::Unsure(w) if w.contains("somebody else")), "{got:?}");
        assert_eq!(fs::read_to_string(&index).unwrap(), theirs);
        assert_eq!(look(directory.path(), "second"), Ok(None));

        assert!(matches!(publish(directory.path(), &page("third")), CarryOutcome::Done { .. }));
        for text in ["first", "second", "third"] {
            assert_eq!(look(directory.path(), text).unwrap().as_deref(), Some(text));
        }
    }

    #[test]
    fn a_summary_changed_meanwhile_is_refused_and_stays() {
        let directory = tempfile::tempdir().unwrap();
        publish(directory.path(), &page("first"));
        let change = prepare(directory.path(), &page("second")).unwrap();
        let path = directory.path().join(summary::NAME);
        fs::write(&path, "theirs").unwrap();
        assert!(matches!(change.make(directory.path(), &mut || {}), CarryOutcome::Refused(_)));
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
    }

    #[test]
    fn a_page_that_grows_too_large_loses_its_oldest_past_first() {
        let directory = tempfile::tempdir().unwrap();
        let long = |incident: i64| PageIncident {
            id: format!("{incident:03}"),
            phase: Phase::Resolved,
            updates: (0..20)
                .map(|n| PageUpdate {
                    id: format!("{incident:03}-{n}"),
                    at: Time(incident),
                    phase: Phase::Resolved,
                    text: "<".repeat(20_000),
                })
                .collect(),
            ..page("").incidents.remove(0)
        };
        let mut whole = page("open");
        whole.incidents.extend((0..12).map(long));
        assert!(matches!(publish(directory.path(), &whole), CarryOutcome::Done { .. }));
        assert!(look(directory.path(), "011-0").unwrap().is_some());
        assert_eq!(look(directory.path(), "000-0"), Ok(None));
        assert!(look(directory.path(), "open").unwrap().is_some());
    }
}
