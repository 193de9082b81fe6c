//! What a key means: first to what lies on top, then as an action.

use super::action::Action;
use super::confirm::Answer;
use super::key::{Code, Key};
use super::msg::Effect;
use super::palette::Palette;
use super::prompt::Kind;
use super::{App, Layer, Panel};
use crate::incident::command::Command;
use crate::incident::phase::Phase;
use crate::incident::record::Marked;
use crate::incident::rehearsal::ClockMoved;
use crate::incident::second::Asking;
use crate::incident::standing::Wish;
use crate::incident::time::{Span, Time};

impl App {
    pub(super) fn key(&mut self, now: Time, key: Key) -> Vec<Effect> {
        if key == Key::new(Code::Char('c'), true, false, false) {
            return self.quit(now);
        }
        if self.is_held_down(now, key) {
            return Vec::new();
        }
        match std::mem::take(&mut self.layer) {
            Layer::None => self.plain(now, key),
            Layer::Prompt(mut prompt) => match key.code {
                Code::Esc => {
                    self.layer = Layer::Prompt(prompt.clone());
                    self.abandon(now, prompt.typed())
                }
                Code::Enter if !key.alt => {
                    self.layer = Layer::Prompt(prompt.clone());
                    self.submit(now, prompt)
                }
                _ => {
                    match key.code {
                        Code::Tab | Code::Down => prompt.turn(false),
                        Code::BackTab | Code::Up => prompt.turn(true),
                        _ => {
                            if let Some(field) = prompt.field_mut() {
                                field.key(key);
                            }
                            prompt.refusal = None;
                        }
                    }
                    self.layer = Layer::Prompt(prompt);
                    Vec::new()
                }
            },
            Layer::Confirm(mut confirm) => match confirm.key(key, now) {
                Answer::Waiting => {
                    self.layer = Layer::Confirm(confirm);
                    Vec::new()
                }
                Answer::Off => {
                    self.layer = Layer::Confirm(confirm);
                    self.close_layer(now);
                    self.say(now, "Nothing was sent.", false);
                    Vec::new()
                }
                Answer::Again => {
                    self.layer = Layer::Confirm(confirm);
                    self.look_again(now, false)
                }
                Answer::Go(mut acts) => {
                    // what is expected is told of the objective that is looked at, whichever is looked at later
                    let of = self.shown_slo().map(|slo| slo.name.clone());
                    for act in acts.iter_mut().filter(|act| act.expect_max.is_some() && act.expect_of.is_none()) {
                        act.expect_of.clone_from(&of);
                    }
                    let second = confirm.asks_second && !acts.iter().all(|act| act.glass);
                    let plan = confirm.plan.clone();
                    self.layer = Layer::Confirm(confirm);
                    self.close_layer(now);
                    if second {
                        let asking = Asking { plan, acts };
                        self.say_asked(now, &asking);
                        return self.want(now, Command::AskSecond(asking), None);
                    }
                    let command = match acts.len() {
                        1 => acts.pop().map_or(Command::ActAll(Vec::new()), Command::Act),
                        _ => Command::ActAll(acts),
                    };
                    self.want(now, command, None)
                }
            },
            Layer::Deeds(deeds) => self.deeds_key(now, key, deeds),
            Layer::Palette(palette) => self.palette(now, key, palette),
            Layer::Help(top) => self.scrolled(now, key, top, Layer::Help),
            Layer::Details(subject, top) => {
                self.scrolled(now, key, top, move |top| Layer::Details(subject.clone(), top))
            }
            Layer::Shares => self.shares_key(now, key),
            Layer::Probes(top) if key.code == Code::Enter => {
                self.layer = Layer::Probes(top);
                self.ask_probes(now)
            }
            Layer::Probes(top) => self.scrolled(now, key, top, Layer::Probes),
            Layer::Changes(picker) => self.changes_key(now, key, picker),
            Layer::Incidents(picker) => self.picked(now, key, picker),
            Layer::Holds(picker) => self.held_key(now, key, picker),
            Layer::Leave(below, _) => self.answered_leave(now, *below, key == Key::plain(Code::Char('y'))),
        }
    }

    fn palette(&mut self, now: Time, key: Key, mut palette: Palette) -> Vec<Effect> {
        match key.code {
            Code::Esc => {
                self.layer = Layer::Palette(palette);
                self.close_layer(now);
                return Vec::new();
            }
            Code::Enter => {
                let chosen = palette.action();
                self.layer = Layer::Palette(palette);
                self.close_layer(now);
                return chosen.map(|action| self.act(now, action)).unwrap_or_default();
            }
            Code::Down | Code::Tab => palette.turn(false),
            Code::Up | Code::BackTab => palette.turn(true),
            _ => {
                palette.field.key(key);
                palette.narrow(&self.keymap);
            }
        }
        self.layer = Layer::Palette(palette);
        Vec::new()
    }

    fn scrolled(&mut self, now: Time, key: Key, top: u16, layer: impl Fn(u16) -> Layer) -> Vec<Effect> {
        let more = self.spots.below;
        let page = self.spots.page.max(4);
        let top = match key.code {
            code if App::is_escape(code) || code == Code::Enter => {
                self.layer = layer(top);
                self.close_layer(now);
                return Vec::new();
            }
            Code::Down | Code::Char('j') => top + more.min(1),
            Code::Up | Code::Char('k') => top.saturating_sub(1),
            Code::PageDown | Code::Char(' ') => top + more.min(page),
            Code::PageUp => top.saturating_sub(page),
            Code::Home | Code::Char('g') => 0,
            Code::End | Code::Char('G') => top + more,
            // letters are global: a note is one key away whatever is being read
            _ => match self.keymap.action(self.when(), key) {
                Some(action) => {
                    self.layer = Layer::None;
                    return self.act(now, action);
                }
                None => top,
            },
        };
        self.layer = layer(top);
        Vec::new()
    }

    /// A key with nothing on top.
    fn plain(&mut self, now: Time, key: Key) -> Vec<Effect> {
        if let Some(letter) = key.typed()
            && self.hushed(now, letter)
        {
            return Vec::new();
        }
        if key.code == Code::Esc {
            return self.escape(now);
        }
        let Some(action) = self.keymap.action(self.when(), key) else { return Vec::new() };
        self.act(now, action)
    }

    /// Esc with nothing on top: puts away the notice, the filter, the look back, the zoom, then the guide; never the program.
    fn escape(&mut self, now: Time) -> Vec<Effect> {
        if self.notice.take().is_some() {
        } else if self.log.filter().is_some() {
            let incident = std::mem::take(&mut self.incident);
            self.log.look_for(&incident, "");
            self.incident = incident;
        } else if self.chart_until(now).is_some() {
            self.follow_chart();
            return self.ask(now);
        } else if self.zoomed {
            self.zoomed = false;
        } else if self.timeline.selected.is_some() {
            self.timeline = super::Cursor::default();
        } else if let Some(drill) = &mut self.drill {
            drill.hidden = true;
        }
        Vec::new()
    }

    /// Carries an action out.
    pub(super) fn act(&mut self, now: Time, action: Action) -> Vec<Effect> {
        if action.writes() && self.refuses_unread(now) {
            return Vec::new();
        }
        let declared = self.incident.opened().is_some();
        let writes = prompt_of(action);
        if let Some(kind) = writes {
            if !declared && !matches!(kind, Kind::Person | Kind::Find | Kind::WhatIf | Kind::BreakDown) {
                self.say(now, "No incident is declared. Nothing was recorded. Press i to declare one.", true);
                return Vec::new();
            }
            self.open(now, kind);
            return Vec::new();
        }
        match action {
            Action::Incidents => return self.list(now),
            Action::Probes => return self.look_at_probes(now),
            Action::Changes => return self.look_at_changes(now),
            Action::Declare => self.declares(now),
            Action::Fold => {
                let effects = self.list(now);
                self.say(now, "Choose the incident that goes on, then fold this one into it.", false);
                return effects;
            }
            Action::Correct => match self.timeline.selected {
                Some(id) => self.open(now, Kind::Correct(id)),
                None => self.say(now, "No entry is selected. Move to it with j and k, then press e.", true),
            },
            Action::Switch => return self.switch(now),
            Action::Freeze => return self.freeze(now),
            Action::Pass => self.open(now, Kind::Pass),
            Action::Resolve => return self.phase(now, Phase::Resolved),
            Action::Close => return self.phase(now, Phase::Closed),
            Action::Export if declared => return vec![Effect::Export],
            Action::Export => {
                self.say(now, "No incident is declared. Nothing was written. Press i to declare one.", true);
            }
            Action::Mark => {
                let mark = Marked { entry: self.timeline.selected, text: String::new() };
                return self.want(now, Command::Mark(mark), None);
            }
            Action::Pin => {
                return match self.picture(now) {
                    Ok(chart) => self.want(now, Command::PinChart(chart), None),
                    Err(words) => {
                        self.say(now, words, true);
                        Vec::new()
                    }
                };
            }
            Action::MoveDown => self.moved(now, 1),
            Action::MoveUp => self.moved(now, -1),
            Action::PageDown => self.moved(now, isize::from(self.spots.page.max(1).cast_signed())),
            Action::PageUp => self.moved(now, -isize::from(self.spots.page.max(1).cast_signed())),
            Action::Top => self.moved(now, isize::MIN / 2),
            Action::Bottom if self.focus == Panel::Timeline => self.timeline = super::Cursor::default(),
            Action::Bottom => self.moved(now, isize::MAX / 2),
            Action::Palette => self.layer = Layer::Palette(Palette::new(&self.keymap)),
            Action::Panel1 => self.focus = Panel::Priorities,
            Action::Panel2 => self.focus = Panel::Switches,
            Action::Panel3 => self.focus = Panel::Burn,
            Action::Panel4 => self.focus = Panel::Timeline,
            Action::NextPanel => self.turn_panel(1),
            Action::PrevPanel => self.turn_panel(Panel::ALL.len() - 1),
            Action::Zoom => self.zoomed = !self.zoomed,
            Action::Wider | Action::Narrower => {
                self.stretch(now, action == Action::Wider);
                return self.ask(now);
            }
            Action::ChartBack | Action::ChartForward => {
                self.pan(now, action == Action::ChartBack);
                return self.ask(now);
            }
            Action::ChartLive => {
                self.follow_chart();
                return self.ask(now);
            }
            Action::Details => return self.details(now),
            Action::SkipClock => return self.skip(now),
            Action::Help => self.layer = Layer::Help(0),
            Action::Redraw => return vec![Effect::Redraw],
            Action::Suspend => return vec![Effect::Suspend],
            Action::Quit => return self.quit(now),
            _ => {}
        }
        Vec::new()
    }

    fn phase(&mut self, now: Time, phase: Phase) -> Vec<Effect> {
        self.open(now, Kind::Severity);
        if let Layer::Prompt(prompt) = &mut self.layer {
            if let Some(field) = prompt.field_mut() {
                *field = std::mem::take(field).filled(phase.word());
            }
            prompt.active = 1;
        }
        Vec::new()
    }

    fn skip(&mut self, now: Time) -> Vec<Effect> {
        if self.drill.is_none() {
            self.say(now, "Only a drill has a clock of its own.", true);
            return Vec::new();
        }
        // after a jump the world first says what comes next; a guess would jump past it
        if self.drill.as_ref().and_then(|d| d.next.as_ref()).is_some_and(|(at, _)| *at <= now) {
            self.say(now, "The drill's world is catching up. Press > again in a moment.", false);
            return Vec::new();
        }
        match self.next_moment(now) {
            Some((at, why)) => self.move_clock(now, at, why),
            None => self.move_clock(now, now.plus(Span::minutes(5)), "5 minutes on".into()),
        }
    }

    /// Wants the drill's clock moved.
    fn move_clock(&mut self, now: Time, to: Time, why: String) -> Vec<Effect> {
        self.want_standing(now, Wish::MoveClock(ClockMoved { to, real: now, why }))
    }
}

/// The prompt an action opens, when it opens one.
fn prompt_of(action: Action) -> Option<Kind> {
    Some(match action {
        Action::Note => Kind::Note,
        Action::Decide => Kind::Decide,
        Action::CheckIn => Kind::CheckIn,
        Action::Update => Kind::Update,
        Action::Task => Kind::Task,
        Action::Promise => Kind::Promise,
        Action::Severity => Kind::Severity,
        Action::Roles => Kind::Roles,
        Action::Question => Kind::Question,
        Action::Impact => Kind::Impact,
        Action::Changed => Kind::Changed,
        Action::Link => Kind::Link,
        Action::Reopen => Kind::Reopen,
        Action::Find => Kind::Find,
        Action::WhatIf => Kind::WhatIf,
        Action::BreakDown => Kind::BreakDown,
        Action::Person => Kind::Person,
        _ => return None,
    })
}
