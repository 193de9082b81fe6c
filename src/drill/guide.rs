//! What somebody who does this for the first time is told to do next. It must not know the screen: whoever shows it knows which step is not
//! done yet, and names the keys.

use crate::incident::rehearsal::Until;

/// All steps, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guide {
    /// The steps.
    pub steps: Vec<Step>,
    /// What is said when all are done.
    pub done: String,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What ends it.
    pub until: Until,
    /// What is said until then; `{declare}` stands for the key of that act, one of [`ACTS`].
    pub say: String,
}

/// The words of the conditions, as a scenario writes them; `stopped`, `green`, `phase` and `after` take one more word. Several are joined by `or`.
pub const CONDITIONS: [&str; 13] = [
    "declared",
    "noted",
    "updated",
    "impact",
    "checked-in",
    "stopped",
    "held",
    "passed",
    "lifted",
    "green",
    "phase",
    "exported",
    "after",
];

/// The acts whose keys a step may name.
pub const ACTS: [&str; 15] = [
    "jump",
    "declare",
    "note",
    "decide",
    "update",
    "check-in",
    "switch",
    "freeze",
    "phase",
    "export",
    "task",
    "promise",
    "palette",
    "help",
    "break-down",
];

/// A piece of what is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words.
    Text(&'a str),
    /// An act, for whose key it stands.
    Act(&'a str),
}

/// Takes `{act}` apart from the words around it; a brace without its partner is a word.
pub fn pieces(mut say: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    while let Some((before, (act, after))) =
        say.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        pieces.push(Piece::Text(before));
        pieces.push(Piece::Act(act));
        say = after;
    }
    pieces.push(Piece::Text(say));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_act_in_braces_is_told_from_words_and_a_lone_brace_is_one() {
        use Piece::{Act, Text};
        assert_eq!(pieces("press {switch}, or not"), [Text("press "), Act("switch"), Text(", or not")]);
        assert_eq!(pieces("press {nothing"), [Text("press {nothing")]);
    }
}
