//! A switch that programs flip: one stops, one restores, and a probe says what is the case. Only what the probe says counts: an act is *done*
//! when the probe proves it, and a program that took too long is never run again by itself: the probe looks. It must not know what any
//! of the programs does.
//!
//! The probe says the state in the first line of its output and ends with 0. Any other end is *unknown*. Where one context was excluded, or a share
//! is served, that line has to name it ("running without acme", "running at 5"): else nobody can say that it is so. Where both can be, a number is the
//! share only behind "at" or before "%": a customer may be called 42.

use crate::incident::sought::Found;
use crate::incident::switch::{ByName, Level, Plan, Share, Sight, Wanted, Whom};
use crate::incident::trouble::Trouble;
use crate::liaison::clean;
use crate::liaison::outcome::CarryOutcome;
use crate::liaison::process::{End, Program, Ran};

/// Stands in an argument of its own for the context that is excluded.
pub const KEY: &str = "{key}";
/// Stands in an argument of its own for the whole percentage.
pub const PERCENT: &str = "{percent}";
/// What is shown of a state, in characters.
const SHOWN: usize = 120;

/// A switch that programs flip.
#[derive(Clone, PartialEq, Eq)]
pub struct Commands {
    /// What it is called, for words.
    pub name: String,
    /// Says what is the case.
    pub probe: Program,
    /// Stops it.
    pub stop: Program,
    /// Restores it.
    pub restore: Program,
    /// Stops it for one context, an argument [`KEY`] being that context.
    pub exclude: Option<Program>,
    /// Serves a share, an argument [`PERCENT`] being that share.
    pub percent: Option<Program>,
    /// What the probe says when it is stopped ("paused").
    pub stopped: String,
    /// What the probe says when it is not ("running").
    pub running: String,
}

impl Commands {
    /// What the probe says, and whom of those who are asked about it names.
    ///
    /// # Errors
    /// It could not be run, did not end with 0, or said nothing.
    pub async fn look(&self, by_name: &ByName) -> Result<Sight, Trouble> {
        Ok(self.seen(self.state().await?, by_name))
    }

    /// What a state means.
    fn seen(&self, state: String, by_name: &ByName) -> Sight {
        let is_named = |whom: &&Whom| self.exclude.is_some() && self.names(&whom.key).holds(&state);
        let named: Vec<Whom> = by_name.one.iter().chain(by_name.others()).filter(is_named).cloned().collect();
        let level = match state.as_str() {
            state if state == self.stopped => Level::Off,
            state if state == self.running => Level::On,
            state if state.starts_with(self.running.as_str()) => Level::Partly,
            _ => Level::Other,
        };
        let share = self.share(&state).filter(|_| level == Level::Partly && named.is_empty());
        let words = match level {
            Level::Off => format!("{state}: stopped"),
            Level::On => format!("{state}: not stopped"),
            Level::Partly => format!("{state}: not stopped for everybody"),
            Level::Other => {
                format!("{state}: neither {} nor {}", self.stopped, self.running)
            }
        };
        // its probe proves what was done; no client is asked
        Sight { version: Some(state.clone()), value: state, words, level, excluded: named, share, ..Sight::default() }
    }

    /// The share that a state names behind the word for running; none where it names no number, or several: nobody can say which it is.
    fn share(&self, state: &str) -> Option<Share> {
        self.percent.as_ref()?;
        let rest = state.strip_prefix(self.running.as_str())?;
        let is_both = self.exclude.is_some();
        let mut numbers = words(rest).filter(|(at, word)| !is_both || is_share(rest, *at, word));
        let mut numbers = numbers.by_ref().filter_map(|(_, word)| word.parse::<u32>().ok());
        let only = numbers.next().filter(|_| numbers.next().is_none())?;
        Share::of_percent(only)
    }

    /// What puts back a state that is a share and nothing else: whatever else it says, the program for a share would not put back.
    fn sharing(&self, state: &str) -> Option<Step> {
        let (program, whole) = (self.percent.as_ref()?, self.share(state)?.whole()?);
        let rest = state.strip_prefix(self.running.as_str())?;
        let is_it =
            |at: usize, word: &str| word.parse() == Ok(whole) && (self.exclude.is_none() || is_share(rest, at, word));
        let mut others = words(rest).filter(|(at, word)| !word.eq_ignore_ascii_case("at") && !is_it(*at, word));
        let program = filled(program, PERCENT, &whole.to_string());
        others.next().is_none().then(|| Step { program, proof: Proof::Is(state.to_owned()) })
    }

    /// What proves that one is excluded.
    fn names(&self, key: &str) -> Proof {
        let is_both = self.percent.is_some();
        Proof::Names {
            name: key.to_owned(),
            of: Named::Context,
            counts: if is_both { Counts::NoShare } else { Counts::Any },
        }
    }

    /// What would be run. Nothing is.
    ///
    /// # Errors
    /// As [`Commands::look`]; or no program is configured for what is wanted.
    pub async fn plan(&self, wanted: &Wanted) -> Result<Plan, Trouble> {
        let step = self.step(wanted)?;
        let from = self.state().await?;
        let idle = step.proof.holds(&from);
        let to = if idle { from.clone() } else { step.proof.words(&self.running) };
        let changes = if idle { String::new() } else { format!("runs {}", line(&step.program)) };
        let reach = self.seen(from.clone(), &ByName::default()).reach();
        Ok(Plan { before: from.clone(), from, to, reach, changes, idle, ..Plan::default() })
    }

    /// What the probe says, beside what it said then and what was wanted.
    ///
    /// # Errors
    /// As [`Commands::look`].
    pub async fn compare(&self, wanted: &Wanted, before: &str) -> Result<Found, Trouble> {
        let state = self.state().await?;
        let is_wanted = self.step(wanted).is_ok_and(|step| step.proof.holds(&state));
        Ok(Found::of(is_wanted, state == before))
    }

    /// Runs it once when the state is the one that was planned on, and lets the probe prove it.
    pub async fn carry(&self, wanted: &Wanted, before: &str) -> CarryOutcome {
        let step = match self.step(wanted) {
            Ok(step) => step,
            Err(trouble) => return CarryOutcome::before_acting(&trouble),
        };
        let now = match self.state().await {
            Ok(state) => state,
            Err(trouble) => return CarryOutcome::before_acting(&trouble),
        };
        if step.proof.holds(&now) {
            return CarryOutcome::already(now);
        }
        if now != before {
            return CarryOutcome::Conflict(format!(
                "{} is {now}, and it was {} when this was planned. Nothing was run. Look at it and decide anew.",
                self.name,
                clean::clean(before, SHOWN)
            ));
        }
        let ran = match step.program.run().await {
            Ok(ran) => ran,
            Err(trouble) => return CarryOutcome::before_acting(&trouble),
        };
        self.proven(&step, &ran).await
    }

    /// What the probe says after a program has run; the program is not run again whatever it says.
    async fn proven(&self, step: &Step, ran: &Ran) -> CarryOutcome {
        let how = format!("{} {}", step.program.name(), ran.end.words(step.program.timeout));
        let said = ran.said();
        let how = if said.is_empty() { how } else { format!("{how} and said: {said}") };
        let how = how.trim_end_matches('.');
        let state = match self.state().await {
            Ok(state) => state,
            Err(trouble) => return CarryOutcome::Unsure(format!("{how}. {} Look at it there.", trouble.words())),
        };
        if step.proof.holds(&state) {
            return CarryOutcome::Done {
                words: format!("{how}. The probe says {state}."),
                value: state,
                reference: None,
            };
        }
        let next = match ran.end {
            End::Late | End::Signal(_) => "It is not run again by itself. Look at it again, then decide.",
            End::Code(_) => "See what it says, and look at it again.",
        };
        let wanted = step.proof.words(&self.running);
        CarryOutcome::Unsure(format!("{how}. The probe says {state}, not {wanted}. {next}"))
    }

    /// The state in the probe's words.
    async fn state(&self) -> Result<String, Trouble> {
        let ran = self.probe.run().await?;
        let state = clean::clean(&ran.out.first_line(), SHOWN).into_owned();
        let unknown = |how: String| {
            let probe = self.probe.name();
            Trouble::Unreachable(format!(
                "{probe} {how}. What {} serves is unknown. Run it by hand to see why.",
                self.name
            ))
        };
        match ran.end {
            End::Code(0) if state.is_empty() => Err(unknown("said nothing".into())),
            End::Code(0) => Ok(state),
            end => {
                let said = ran.said();
                let said = if said.is_empty() { said } else { format!(" and said: {}", said.trim_end_matches('.')) };
                Err(unknown(format!("{}{said}", end.words(self.probe.timeout))))
            }
        }
    }

    /// The program for what is wanted, and what the probe has to say then.
    fn step(&self, wanted: &Wanted) -> Result<Step, Trouble> {
        let none = |what: &str, key: &str| {
            Trouble::Refused(format!(
                "{} has no program to {what}. Nothing was run. Configure {key}, or stop it for everybody.",
                self.name
            ))
        };
        let step = |program: &Program, to: &str| Ok(Step { program: program.clone(), proof: Proof::Is(to.to_owned()) });
        match wanted {
            Wanted::Stop => step(&self.stop, &self.stopped),
            Wanted::Restore => step(&self.restore, &self.running),
            Wanted::Put(state) if *state == self.running => step(&self.restore, &self.running),
            Wanted::Put(state) if *state == self.stopped => step(&self.stop, &self.stopped),
            Wanted::Put(state) => self.sharing(state).ok_or_else(|| {
                Trouble::Refused(format!(
                    "{} was {}, and no program puts that back. Nothing was run. Put it back by hand, and record what changed.",
                    self.name,
                    clean::clean(state, SHOWN)
                ))
            }),
            Wanted::Exclude(Whom { key, .. }) => {
                let program = self.exclude.as_ref().ok_or_else(|| none("exclude somebody", "exclude-command"))?;
                Ok(Step { program: filled(program, KEY, key), proof: self.names(key) })
            }
            Wanted::Percent(share) | Wanted::Step(share, _) => {
                let program = self.percent.as_ref().ok_or_else(|| none("serve a share", "percent-command"))?;
                let whole = share.whole().ok_or_else(|| {
                    let words = format!("{} takes whole percentages, not {share}. Nothing was run.", self.name);
                    Trouble::Refused(format!("{words} Write a whole number."))
                })?;
                let proof = match *share {
                    Share::NOBODY => Proof::Is(self.stopped.clone()),
                    Share::EVERYBODY => Proof::Is(self.running.clone()),
                    _ => {
                        let counts = if self.exclude.is_some() { Counts::ShareOnly } else { Counts::Any };
                        Proof::Names { name: whole.to_string(), of: Named::Share, counts }
                    }
                };
                Ok(Step { program: filled(program, PERCENT, &whole.to_string()), proof })
            }
        }
    }
}

/// A program to be run, and what the probe has to say then.
struct Step {
    program: Program,
    proof: Proof,
}

/// What proves that something is so.
enum Proof {
    /// The state is this.
    Is(String),
    /// The state names this.
    Names {
        /// A key or a whole percentage.
        name: String,
        /// Which of them.
        of: Named,
        /// Where.
        counts: Counts,
    },
}

/// What a state names.
#[derive(Clone, Copy)]
enum Named {
    /// Whom it is stopped for.
    Context,
    /// How many are served.
    Share,
}

/// Which of the places where a state names something count.
#[derive(Clone, Copy)]
enum Counts {
    /// All: it can name one kind of thing only.
    Any,
    /// Those that are a share.
    ShareOnly,
    /// Those that are none.
    NoShare,
}

/// The words of a text, and where they stand.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let pieces = text.split(|c: char| !c.is_alphanumeric());
    pieces.filter(|word| !word.is_empty()).map(|word| (word.as_ptr().addr() - text.as_ptr().addr(), word))
}

/// What stands at a place is said to be a share: behind "at", or before "%".
fn is_share(text: &str, at: usize, word: &str) -> bool {
    let before = text.get(..at).map_or("", str::trim_end);
    let after = text.get(at + word.len()..).map_or("", str::trim_start);
    let word_before = before.rsplit(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty());
    after.starts_with('%') || word_before.is_some_and(|word| word.eq_ignore_ascii_case("at"))
}

impl Proof {
    fn holds(&self, state: &str) -> bool {
        match self {
            Proof::Is(wanted) => state == wanted,
            Proof::Names { name, counts, .. } => state.match_indices(name.as_str()).any(|(at, _)| {
                let before = state.get(..at).and_then(|text| text.chars().next_back());
                let after = state.get(at + name.len()..).and_then(|text| text.chars().next());
                let is_whole = !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric);
                is_whole
                    && match counts {
                        Counts::Any => true,
                        Counts::ShareOnly => is_share(state, at, name),
                        Counts::NoShare => !is_share(state, at, name),
                    }
            }),
        }
    }

    fn words(&self, running: &str) -> String {
        match self {
            Proof::Is(state) => state.clone(),
            Proof::Names { name, of: Named::Context, .. } => format!("{running} without {}", clean::clean(name, SHOWN)),
            Proof::Names { name, of: Named::Share, .. } => format!("{running} at {}", clean::clean(name, SHOWN)),
        }
    }
}

/// The same program with a value in place of the argument that stands for it: a whole argument, so that no value can become two.
fn filled(program: &Program, place: &str, value: &str) -> Program {
    let argv = program.argv.iter().map(|word| if word == place { value.to_owned() } else { word.clone() }).collect();
    Program { argv, ..program.clone() }
}

/// A program with its arguments, for the preview: arguments that stand in the configuration are no secrets.
fn line(program: &Program) -> String {
    let words: Vec<String> = program
        .argv
        .iter()
        .map(|word| if word.is_empty() || word.contains(' ') { format!("'{word}'") } else { word.clone() })
        .collect();
    clean::clean(&words.join(" "), 300).into_owned()
}
