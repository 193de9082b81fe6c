//! The only writer: one message in, effects out.

use super::key::Code;
use super::keymap::When;
use super::msg::{Effect, Msg};
use super::{App, Layer, Stirred};
use crate::incident::time::Time;

/// Takes one message at a moment; answers with what is to be done.
pub fn update(app: &mut App, now: Time, msg: Msg) -> Vec<Effect> {
    app.stirred = Stirred::All;
    match msg {
        Msg::Key(key) => {
            let calm = app.hush.is_none() && app.layer == Layer::None;
            let effects = app.key(now, key);
            if !calm {
                app.stirred = Stirred::All;
            }
            effects
        }
        Msg::Paste(text) => app.pasted(now, &text),
        Msg::Focus(true) => {
            app.slos.iter_mut().for_each(|s| s.feed.refresh());
            app.switches.iter_mut().for_each(|s| s.feed.refresh());
            let mut effects = vec![Effect::Read { number: app.incident.number(), after: app.incident.head() }];
            effects.extend(app.ask(now));
            effects
        }
        Msg::Focus(false) => {
            if let Layer::Confirm(confirm) = &mut app.layer {
                confirm.disarm("The terminal lost the focus.".into());
            }
            Vec::new()
        }
        Msg::Resized => vec![Effect::Redraw],
        Msg::Tick => app.tick(now),
        Msg::Glimpse { number, entries, total } => app.glimpsed(now, number, entries, total),
        Msg::Incidents(incidents) => app.listed(now, incidents),
        Msg::Grown => vec![Effect::List],
        Msg::Entries { number, entries, more } => app.entries(now, number, entries, more),
        Msg::Appended(answer) => app.appended(now, answer),
        Msg::JournalTrouble(words) => {
            app.trouble = Some(words);
            app.glimpse = None;
            Vec::new()
        }
        Msg::Burned { slo, ticket, answer } => app.burned(now, slo, ticket, answer),
        Msg::WouldBe { ticket, answer } => {
            app.would_be(now, ticket, answer);
            Vec::new()
        }
        Msg::ToldChanges { source, ticket, answer } => app.told_changes(now, source, ticket, answer),
        Msg::Probed { ask, readings } => app.probed(now, &ask, readings),
        Msg::Shared { ticket, answer } => app.shared(now, ticket, answer).into_iter().collect(),
        Msg::Looked { switch, ticket, answer } => app.looked(now, switch, ticket, answer.map(|sight| *sight)),
        Msg::Planned { switch, draft, answer } => app.planned(now, switch, &draft, answer.map(|plan| *plan)),
        Msg::Carried(settled) => app.carried(now, *settled),
        Msg::Sought { marker, answer } => app.sought(now, marker, answer),
        Msg::Wrote(Ok(words)) => {
            if let Some(drill) = &mut app.drill {
                drill.exported = true;
            }
            app.exported = Some(words.clone());
            app.say(now, words, false);
            Vec::new()
        }
        Msg::Wrote(Err(words)) => {
            app.say(now, words, true);
            Vec::new()
        }
        Msg::Said(said) => app.said(now, *said),
        Msg::World { next } => {
            if let Some(drill) = &mut app.drill {
                drill.next = next;
            }
            // what was counted before the world had caught up with its clock is old
            app.slos.iter_mut().for_each(|slo| slo.feed.refresh());
            app.ask(now)
        }
        Msg::Others(count) => app.others(now, count),
        Msg::Leave => app.leave(),
    }
}

impl App {
    /// Pasted text goes into a field that takes words, never runs an action and never confirms one.
    fn pasted(&mut self, now: Time, text: &str) -> Vec<Effect> {
        match &mut self.layer {
            Layer::Prompt(prompt) => {
                prompt.refusal = match prompt.field_mut() {
                    Some(field) if field.by_hand => Some("It is typed by hand, not pasted.".into()),
                    Some(field) => {
                        field.insert(text);
                        None
                    }
                    None => None,
                };
            }
            Layer::Palette(palette) => {
                palette.field.insert(text);
                palette.narrow(&self.keymap);
            }
            Layer::Confirm(confirm) => confirm.paste(text),
            Layer::None
            | Layer::Help(_)
            | Layer::Details(..)
            | Layer::Shares
            | Layer::Deeds(_)
            | Layer::Probes(_)
            | Layer::Changes(_)
            | Layer::Incidents(_)
            | Layer::Holds(_)
            | Layer::Leave(..) => {
                let words = "Pasted text was ignored: there was no field to put it in. Press n for a note, then paste.";
                self.say(now, words, true);
            }
        }
        Vec::new()
    }

    /// Which rows of the keymap hold: those of the focused panel.
    pub fn when(&self) -> When {
        self.focus.when()
    }

    /// A plain key that closes or confirms layers without a field.
    pub(super) fn is_escape(code: Code) -> bool {
        matches!(code, Code::Esc | Code::Char('q'))
    }
}
