//! What each meaning on the screen looks like, and the only place that names a colour.
//!
//! A theme is a table of meanings, not of widgets. It must not know: where a meaning is shown, or which theme a person
//! chose. Nothing may be said by style alone: a word or a glyph always says it too.

use ratatui::style::{Color, Modifier, Style};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::app::fault::{Fault, Source};

/// Writes the meanings, their names and their list from one table.
macro_rules! meanings {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// What a piece of the screen says. Each theme gives every meaning its look.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Meaning {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Meaning {
            /// Every meaning, in the order of the table.
            pub const ALL: &[Meaning] = &[$(Meaning::$variant,)+];

            /// The name in a theme file.
            pub fn name(self) -> &'static str {
                match self {
                    $(Meaning::$variant => $name,)+
                }
            }
        }
    };
}

meanings! {
    /// What is read. The whole screen is painted with it first, because a theme may bring its own background.
    Text = "text",
    /// What may be skipped: units, times of old entries, hints.
    Muted = "muted",
    /// The name of a panel.
    Heading = "heading",
    /// The line beside a panel's name.
    Rule = "rule",
    /// What must be seen first.
    Urgent = "urgent",
    /// Owed, and its time is over.
    Overdue = "overdue",
    /// Owed now.
    Due = "due",
    /// Not as it should be.
    Warn = "warn",
    /// As it should be.
    Good = "good",
    /// News without a judgement.
    Info = "info",
    /// An act that reaches the world outside.
    Danger = "danger",
    /// A hold: nothing may be deployed.
    Frozen = "frozen",
    /// The selected row; laid over the looks of its words.
    Selected = "selected",
    /// The place where typed text goes.
    Cursor = "cursor",
    /// A key to press.
    Key = "key",
    /// A rehearsal.
    Drill = "drill",
    /// Recorded well after it happened.
    Late = "late",
    /// Nobody knows; never to be read as good.
    Unknown = "unknown",
    /// The budget's curve.
    ChartLine = "chart_line",
    /// Bad events in the chart.
    ChartBad = "chart_bad",
    /// Acts and changes in the chart.
    ChartMark = "chart_mark",
    /// The bar between past and future.
    Now = "now",
    /// Somebody's name.
    Person = "person",
    /// Words that were told to the public.
    Quote = "quote",
    /// Severity 1.
    Sev1 = "sev1",
    /// Severity 2.
    Sev2 = "sev2",
    /// Severity 3.
    Sev3 = "sev3",
    /// Severity 4.
    Sev4 = "sev4",
    /// Older than it should be.
    Stale = "stale",
}

/// The themes that ship with the program, by name; the first is the default.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("plain", include_str!("../../themes/plain.toml")),
    ("contrast", include_str!("../../themes/contrast.toml")),
];

/// The colours of a theme file: the sixteen that every terminal has and its person has chosen, and the terminal's own default.
/// With each, the code that selects it as a foreground (ECMA-48 30 to 37, aixterm 90 to 97; 39 is the default).
const COLOURS: [(&str, Color, u8); 17] = [
    ("default", Color::Reset, 39),
    ("black", Color::Black, 30),
    ("red", Color::Red, 31),
    ("green", Color::Green, 32),
    ("yellow", Color::Yellow, 33),
    ("blue", Color::Blue, 34),
    ("magenta", Color::Magenta, 35),
    ("cyan", Color::Cyan, 36),
    ("white", Color::Gray, 37),
    ("bright-black", Color::DarkGray, 90),
    ("bright-red", Color::LightRed, 91),
    ("bright-green", Color::LightGreen, 92),
    ("bright-yellow", Color::LightYellow, 93),
    ("bright-blue", Color::LightBlue, 94),
    ("bright-magenta", Color::LightMagenta, 95),
    ("bright-cyan", Color::LightCyan, 96),
    ("bright-white", Color::White, 97),
];

/// The modifiers of a theme file.
const MODIFIERS: [(&str, Modifier); 5] = [
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
    ("italic", Modifier::ITALIC),
];

/// The fields of a meaning.
const FIELDS: [&str; 3] = ["fg", "bg", "mods"];

/// A look for every meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    name: String,
    /// One per meaning, in the order of [`Meaning::ALL`].
    styles: Vec<Style>,
}

impl Theme {
    /// A theme that ships with the program; nothing for another name.
    pub fn built_in(name: &str) -> Option<Result<Theme, Fault>> {
        let (name, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Some(Theme::parse(name, text))
    }

    /// Reads a theme file. Fails on the first row that is not a meaning with a look, and on the first meaning that has none.
    pub fn parse(name: &str, text: &str) -> Result<Theme, Fault> {
        let file = format!("{name}.toml");
        let source = Source { file: &file, text, now: "The theme was not loaded" };
        let table = DeTable::parse(text).map_err(|error| source.broken(&error))?;
        for (word, _) in table.get_ref() {
            if !Meaning::ALL.iter().any(|meaning| meaning.name() == word.get_ref()) {
                let known = Meaning::ALL.iter().map(|meaning| meaning.name());
                return Err(source.unknown(word.span(), "a meaning", word.get_ref(), known));
            }
        }
        let mut styles = Vec::with_capacity(Meaning::ALL.len());
        for meaning in Meaning::ALL {
            let Some(look) = table.get_ref().get(meaning.name()) else {
                let what = format!("the meaning `{}` has no look", meaning.name());
                let next = format!("Add a line as {} = {{}}", meaning.name());
                return Err(source.fault(text.len()..text.len(), what, next));
            };
            styles.push(style(&source, look)?);
        }
        Ok(Theme { name: name.to_owned(), styles })
    }

    /// The theme's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The look of a meaning. What it does not name (foreground, background) stays as it was underneath.
    pub fn style(&self, meaning: Meaning) -> Style {
        self.styles.get(meaning as usize).copied().unwrap_or_default()
    }
}

/// The code that selects a colour as a foreground; ten more selects it as a background. What is not one of the sixteen
/// named colours is the terminal's default, because only those can be trusted everywhere.
pub fn foreground_code(colour: Color) -> u8 {
    let named = COLOURS.iter().find(|(_, known, _)| *known == colour);
    named.map_or(39, |(_, _, code)| *code)
}

fn style(source: &Source<'_>, look: &Spanned<DeValue<'_>>) -> Result<Style, Fault> {
    let fields = look.get_ref().as_table().ok_or_else(|| wrong(source, look))?;
    let mut style = Style::new();
    for (field, value) in fields {
        match field.get_ref().as_ref() {
            "fg" => style = style.fg(colour(source, value)?),
            "bg" => style = style.bg(colour(source, value)?),
            "mods" => {
                let words = value.get_ref().as_array().ok_or_else(|| wrong(source, value))?;
                for word in words.iter() {
                    style = style.add_modifier(chosen(source, word, "a modifier", &MODIFIERS)?);
                }
            }
            other => return Err(source.unknown(field.span(), "a field of a look", other, FIELDS)),
        }
    }
    Ok(style)
}

fn colour(source: &Source<'_>, value: &Spanned<DeValue<'_>>) -> Result<Color, Fault> {
    chosen(source, value, "a colour", &COLOURS.map(|(name, colour, _)| (name, colour)))
}

/// The value of one of a table's words.
fn chosen<T: Copy>(
    source: &Source<'_>,
    value: &Spanned<DeValue<'_>>,
    kind: &str,
    table: &[(&str, T)],
) -> Result<T, Fault> {
    let word = value.get_ref().as_str().ok_or_else(|| wrong(source, value))?;
    let found = table.iter().find(|(name, _)| *name == word);
    let known = table.iter().map(|(name, _)| *name);
    found.map(|(_, value)| *value).ok_or_else(|| source.unknown(value.span(), kind, word, known))
}

fn wrong(source: &Source<'_>, value: &Spanned<DeValue<'_>>) -> Fault {
    source.fault(
        value.span(),
        "this is not a look",
        "Write it as { fg = \"red\", bg = \"default\", mods = [\"bold\"] }",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn themes() -> Vec<Theme> {
        BUILT_IN.iter().map(|(name, _)| Theme::built_in(name).unwrap().unwrap()).collect()
    }

    fn theme(name: &str) -> Theme {
        Theme::built_in(name).unwrap().unwrap()
    }

    /// Meanings that stand beside each other, or for each other, on the screen.
    const NEIGHBOURS: [(Meaning, Meaning); 40] = [
        (Meaning::Text, Meaning::Muted),
        (Meaning::Text, Meaning::Heading),
        (Meaning::Heading, Meaning::Rule),
        (Meaning::Text, Meaning::Urgent),
        (Meaning::Text, Meaning::Overdue),
        (Meaning::Text, Meaning::Due),
        (Meaning::Overdue, Meaning::Due),
        (Meaning::Urgent, Meaning::Due),
        (Meaning::Urgent, Meaning::Warn),
        (Meaning::Text, Meaning::Warn),
        (Meaning::Warn, Meaning::Good),
        (Meaning::Danger, Meaning::Good),
        (Meaning::Danger, Meaning::Key),
        (Meaning::Danger, Meaning::Text),
        (Meaning::Frozen, Meaning::Text),
        (Meaning::Frozen, Meaning::Heading),
        (Meaning::Frozen, Meaning::Info),
        (Meaning::Selected, Meaning::Text),
        (Meaning::Selected, Meaning::Cursor),
        (Meaning::Cursor, Meaning::Text),
        (Meaning::Key, Meaning::Text),
        (Meaning::Key, Meaning::Muted),
        (Meaning::Drill, Meaning::Text),
        (Meaning::Drill, Meaning::Heading),
        (Meaning::Drill, Meaning::Sev1),
        (Meaning::Drill, Meaning::Frozen),
        (Meaning::Late, Meaning::Text),
        (Meaning::Late, Meaning::Muted),
        (Meaning::Unknown, Meaning::Good),
        (Meaning::Unknown, Meaning::Text),
        (Meaning::Unknown, Meaning::Muted),
        (Meaning::Stale, Meaning::Good),
        (Meaning::Stale, Meaning::Text),
        (Meaning::ChartLine, Meaning::ChartBad),
        (Meaning::ChartLine, Meaning::Now),
        (Meaning::ChartMark, Meaning::ChartBad),
        (Meaning::Sev1, Meaning::Sev2),
        (Meaning::Sev2, Meaning::Sev3),
        (Meaning::Sev3, Meaning::Sev4),
        (Meaning::Sev1, Meaning::Text),
    ];

    #[test]
    fn given_every_theme_when_neighbours_are_compared_then_they_differ() {
        for theme in themes() {
            for (one, other) in NEIGHBOURS {
                assert_ne!(
                    theme.style(one),
                    theme.style(other),
                    "{}: {} and {}",
                    theme.name(),
                    one.name(),
                    other.name()
                );
            }
        }
    }

    #[test]
    fn given_plain_when_read_then_no_meaning_has_a_colour_or_italics() {
        for meaning in Meaning::ALL {
            let style = theme("plain").style(*meaning);
            assert_eq!((style.fg, style.bg), (None, None), "{}", meaning.name());
            assert!(!style.add_modifier.contains(Modifier::ITALIC), "{}", meaning.name());
        }
    }

    /// A colour that is a hue; black, greys, white and the default are none. Bright and normal are one hue.
    fn hue(colour: Option<Color>) -> Option<u8> {
        let code = foreground_code(colour?) % 10;
        (1..=6).contains(&code).then_some(code)
    }

    #[test]
    fn given_a_calm_screen_when_its_hues_are_counted_then_at_most_three() {
        let loud = [
            Meaning::Urgent,
            Meaning::Overdue,
            Meaning::Danger,
            Meaning::Drill,
            Meaning::Frozen,
            Meaning::ChartBad,
            Meaning::Sev1,
            Meaning::Sev2,
        ];
        for theme in themes() {
            let calm = Meaning::ALL.iter().filter(|meaning| !loud.contains(meaning));
            let hues: BTreeSet<u8> =
                calm.flat_map(|meaning| [theme.style(*meaning).fg, theme.style(*meaning).bg]).filter_map(hue).collect();
            assert!(hues.len() <= 3, "{}: {hues:?}", theme.name());
        }
    }

    #[test]
    fn given_the_light_theme_when_read_then_nothing_is_written_in_a_colour_that_white_paper_swallows() {
        for meaning in Meaning::ALL {
            let style = theme("light").style(*meaning);
            let code = style.fg.map_or(39, foreground_code);
            let lies_on_a_colour = style.bg.is_some() || style.add_modifier.contains(Modifier::REVERSED);
            assert!(lies_on_a_colour || ![33, 37].contains(&code) && code < 91, "{}", meaning.name());
        }
    }

    #[test]
    fn given_mistakes_when_read_then_file_line_and_the_nearest_name_are_said() {
        let refused = |text: &str| Theme::parse("mine", text).unwrap_err().to_string();
        let now = "The theme was not loaded";
        assert_eq!(
            refused("\nurgnt = {}\n"),
            format!("mine.toml, line 2: `urgnt` is not a meaning. {now}. Write `urgent` if that was meant.")
        );
        let plain = BUILT_IN[2].1;
        assert!(
            refused(&plain.replace("text = {}", "text = { fg = \"rde\" }")).contains("Write `red` if that was meant")
        );
        assert!(
            refused(&plain.replace("text = {}", "text = { fgg = \"red\" }")).contains("Write `fg` if that was meant")
        );
        assert!(
            refused(&plain.replace("text = {}", "text = { mods = [\"blod\"] }"))
                .contains("Write `bold` if that was meant")
        );
        assert!(refused(&plain.replace("text = {}", "")).contains("the meaning `text` has no look"));
        assert!(refused("text = 3\n").contains("this is not a look"));
        assert!(refused("text = {").contains("the file is not TOML"));
        assert!(Theme::built_in("drak").is_none());
    }

    #[test]
    fn given_colours_when_their_codes_are_asked_then_each_named_one_has_its_own_and_others_are_the_default() {
        let codes: BTreeSet<u8> = COLOURS.iter().map(|(_, colour, _)| foreground_code(*colour)).collect();
        assert_eq!(codes.len(), COLOURS.len());
        assert_eq!(foreground_code(Color::Rgb(1, 2, 3)), 39);
        assert_eq!(foreground_code(Color::Indexed(200)), 39);
    }
}
