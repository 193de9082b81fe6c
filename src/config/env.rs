//! Every environment variable, named once, and read once. It must not know what follows from them: that is decided in the parent.

use std::ffi::OsString;

/// One variable that is set, with its name for errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The variable.
    pub name: &'static str,
    /// What it holds; never empty.
    pub value: OsString,
}

impl Setting {
    /// What it holds as text; what is not UTF-8 becomes U+FFFD.
    pub fn text(&self) -> String {
        self.value.to_string_lossy().into_owned()
    }
}

/// Writes the variables, their names and their list from one table.
macro_rules! variables {
    ($($field:ident = $name:literal, $says:literal;)+) => {
        /// What the environment said when the program started. A variable that is set to nothing counts as not set.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub struct Environment {
            $(#[doc = concat!("`", $name, "`: ", $says)] pub $field: Option<Setting>,)+
            /// What `/etc/localtime` points at, as far as it names a zone: `Europe/Paris`.
            pub machine_zone: Option<String>,
        }

        /// Every variable that is read, and what for.
        pub const VARIABLES: &[(&str, &str)] = &[$(($name, $says),)+];

        impl Environment {
            /// The environment as a function answers for each name; what the machine says besides it stays unknown.
            pub fn from_lookup(lookup: impl Fn(&str) -> Option<OsString>) -> Environment {
                let setting = |name: &'static str| {
                    lookup(name).filter(|value| !value.is_empty()).map(|value| Setting { name, value })
                };
                Environment { $($field: setting($name),)+ machine_zone: None }
            }
        }
    };
}

variables! {
    journal = "QUARTERDECK_JOURNAL", "the journal's file, instead of the configured one";
    config = "QUARTERDECK_CONFIG", "the configuration file, instead of the one in the user's configuration directory";
    person = "QUARTERDECK_PERSON", "who is at the keyboard, instead of the configured person";
    theme = "QUARTERDECK_THEME", "the theme, instead of the configured one and of what NO_COLOR asks for";
    log = "QUARTERDECK_LOG", "how much the log file says: off, error, warn, info, debug or trace";
    no_color = "NO_COLOR", "set to anything: the theme `plain`, unless --theme or QUARTERDECK_THEME name another";
    term = "TERM", "`dumb` or unset: there is no full screen, only the commands";
    tmux = "TMUX", "set by tmux: others may be at the same screen";
    visual = "VISUAL", "the editor for long texts";
    editor = "EDITOR", "the editor for long texts when VISUAL is not set; vi when neither is";
    tz = "TZ", "the zone of the second clock when none is configured; only names such as Europe/Paris";
    user = "USER", "the login name: who is assumed to be at the keyboard when nobody is named";
    logname = "LOGNAME", "the login name when USER is not set";
}

/// The variables that are read on our behalf when the directories of the user are looked up, and what for.
pub const THROUGH_DIRECTORIES: &[(&str, &str)] = &[
    ("HOME", "the user's directory; what `~` in a path means"),
    ("XDG_CONFIG_HOME", "where quarterdeck/config.toml is, on Linux"),
    ("XDG_DATA_HOME", "where quarterdeck/journal and quarterdeck/drills are, on Linux"),
    ("XDG_STATE_HOME", "where the log, drafts and what is unsent are, on Linux"),
    ("XDG_CACHE_HOME", "where what can be made again is, on Linux"),
];

impl Environment {
    /// Reads the environment of this process, and the machine's zone. Called once, at the start.
    pub fn read() -> Environment {
        let mut environment = Environment::from_lookup(|name| std::env::var_os(name));
        let link = std::fs::read_link("/etc/localtime").ok();
        environment.machine_zone = link.and_then(|target| zone_of_link(&target.to_string_lossy()).map(str::to_owned));
        environment
    }

    /// The editor for long texts, with its arguments as the person wrote them.
    pub fn editor(&self) -> Option<String> {
        self.visual.as_ref().or(self.editor.as_ref()).map(Setting::text)
    }

    /// The terminal can show a full screen as far as it says.
    pub fn has_screen(&self) -> bool {
        self.term.as_ref().is_some_and(|term| term.value != "dumb")
    }

    /// The login name.
    pub fn login(&self) -> Option<&Setting> {
        self.user.as_ref().or(self.logname.as_ref())
    }
}

/// The zone that a link into the zone database names: what follows `zoneinfo/`.
fn zone_of_link(target: &str) -> Option<&str> {
    target.split_once("zoneinfo/").map(|(_, zone)| zone.trim_start_matches("posix/")).filter(|zone| !zone.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_an_empty_variable_when_read_then_it_is_not_set() {
        let environment = Environment::from_lookup(|name| match name {
            "NO_COLOR" => Some("".into()),
            "EDITOR" => Some("hx".into()),
            _ => None,
        });
        assert_eq!(environment.no_color, None);
        assert_eq!(environment.editor(), Some("hx".to_owned()));
        assert!(!environment.has_screen());
    }

    #[test]
    fn given_the_table_when_looked_through_then_every_name_stands_there_once() {
        let mut names: Vec<&str> = VARIABLES.iter().chain(THROUGH_DIRECTORIES).map(|(name, _)| *name).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn given_a_link_when_it_leads_into_the_zone_database_then_it_names_the_zone() {
        assert_eq!(zone_of_link("/usr/share/zoneinfo/Europe/Paris"), Some("Europe/Paris"));
        assert_eq!(zone_of_link("../usr/share/zoneinfo/posix/UTC"), Some("UTC"));
        assert_eq!(zone_of_link("/somewhere/else"), None);
    }
}
