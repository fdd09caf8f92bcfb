//! What a stream leads to, and whether colours belong there.

use super::super::args::Color;

/// Looks up an environment variable.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a stream leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sink {
    /// A terminal with colours, whose cursor can be moved.
    Terminal,
    /// A terminal that can only be written to, line by line.
    Dumb,
    /// A file, a pipe, or nothing.
    Other,
}

impl Sink {
    /// Judges a stream by itself and by `TERM`.
    #[must_use]
    pub fn of(stream: &impl std::io::IsTerminal, variable: Lookup<'_>) -> Self {
        match (stream.is_terminal(), variable("TERM").as_deref().unwrap_or("dumb")) {
            (false, _) => Self::Other,
            (true, "dumb" | "") => Self::Dumb,
            (true, _) => Self::Terminal,
        }
    }

    /// Says whether to colour what goes there: as the flag says, otherwise as `NO_COLOR`, `CLICOLOR_FORCE` and `CLICOLOR`
    /// say, in this order, otherwise where it is a terminal with colours.
    ///
    /// Sources: <https://no-color.org>, <http://bixense.com/clicolors>. An empty variable counts as none.
    #[must_use]
    pub fn has_color(self, wanted: Color, variable: Lookup<'_>) -> bool {
        let value = |name: &str| variable(name).filter(|value| !value.is_empty());
        match wanted {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if value("NO_COLOR").is_some() => false,
            Color::Auto if value("CLICOLOR_FORCE").is_some_and(|force| force != "0") => true,
            Color::Auto if value("CLICOLOR").is_some_and(|color| color == "0") => false,
            Color::Auto => self == Self::Terminal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_comes_first_and_the_terminal_last() {
        use Color::{Always, Auto, Never};
        use Sink::{Dumb, Other, Terminal};
        for (sink, wanted, variables, expected) in [
            (Terminal, Auto, &[][..], true),
            (Dumb, Auto, &[], false),
            (Other, Auto, &[], false),
            (Terminal, Never, &[("CLICOLOR_FORCE", "1")], false),
            (Other, Always, &[("NO_COLOR", "1"), ("CLICOLOR", "0")], true),
            (Terminal, Auto, &[("NO_COLOR", "1")], false),
            (Terminal, Auto, &[("NO_COLOR", "0")], false),
            (Terminal, Auto, &[("NO_COLOR", "")], true),
            (Terminal, Auto, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")], false),
            (Other, Auto, &[("CLICOLOR_FORCE", "1"), ("CLICOLOR", "0")], true),
            (Dumb, Auto, &[("CLICOLOR_FORCE", "yes")], true),
            (Other, Auto, &[("CLICOLOR_FORCE", "0")], false),
            (Other, Auto, &[("CLICOLOR_FORCE", "")], false),
            (Terminal, Auto, &[("CLICOLOR_FORCE", "0")], true),
            (Terminal, Auto, &[("CLICOLOR", "0")], false),
            (Terminal, Auto, &[("CLICOLOR", "")], true),
            (Other, Auto, &[("CLICOLOR", "1")], false),
        ] {
            let variable = |name: &str| {
                variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(sink.has_color(wanted, &variable), expected, "{sink:?} {wanted:?} {variables:?}");
        }
    }
}
