//! Colours, stream by stream.

use std::fs;

use crate::support::{Folder, Terminal, servers};

/// Whether stdout and stderr of a `status` have colours; what is redirected goes to files.
struct Colors<'a> {
    address: &'a str,
    folder: &'a Folder,
}

/// Where the streams go.
#[derive(Clone, Copy, Debug)]
enum To {
    Terminal,
    StdoutToFile,
    StderrToFile,
}

impl Colors<'_> {
    fn of(&self, to: To, flag: &str, variables: &[(&str, &str)]) -> (bool, bool) {
        let file = self.folder.path().join("stream");
        let redirection = match to {
            To::Terminal => String::new(),
            To::StdoutToFile => format!(">{}", file.display()),
            To::StderrToFile => format!("2>{}", file.display()),
        };
        let words = format!("status auth {flag} --addr={} {redirection}", self.address);
        let (code, screen) = Terminal::run_in(80, &words, variables).end_as_bytes();
        assert_eq!(code, 0, "{screen}");
        let redirected = || fs::read_to_string(&file).expect("it was written");
        let (stdout, stderr) = match to {
            To::Terminal => (screen.clone(), screen),
            To::StdoutToFile => (redirected(), screen),
            To::StderrToFile => (screen, redirected()),
        };
        assert!(stdout.contains("MODULE") && stderr.contains("hint:"), "{stdout}{stderr}");
        (stdout.contains("\x1b[1mMODULE"), stderr.contains("\x1b[36mhint:"))
    }
}

#[test]
fn each_stream_is_coloured_by_itself() {
    let (database, folder) = (servers()[0].database(), Folder::new());
    let (address, folder) = (&database.url(), &folder);
    let colors = Colors { address, folder };
    for (to, flag, variables, expected) in [
        (To::Terminal, "", &[][..], (true, true)),
        (To::StdoutToFile, "", &[], (false, true)),
        (To::StderrToFile, "", &[], (true, false)),
        (To::Terminal, "", &[("TERM", "dumb")], (false, false)),
        (To::Terminal, "", &[("TERM", "")], (false, false)),
        (To::Terminal, "", &[("NO_COLOR", "1")], (false, false)),
        (To::Terminal, "", &[("NO_COLOR", "")], (true, true)),
        (To::Terminal, "", &[("CLICOLOR", "0")], (false, false)),
        (To::StdoutToFile, "", &[("CLICOLOR", "1")], (false, true)),
        (To::StdoutToFile, "", &[("CLICOLOR_FORCE", "1")], (true, true)),
        (To::StderrToFile, "", &[("CLICOLOR_FORCE", "1"), ("TERM", "dumb")], (true, true)),
        (To::StdoutToFile, "", &[("CLICOLOR_FORCE", "0")], (false, true)),
        (To::Terminal, "", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], (false, false)),
        (To::StdoutToFile, "--color=always", &[("NO_COLOR", "1")], (true, true)),
        (To::Terminal, "--color=never", &[("CLICOLOR_FORCE", "1")], (false, false)),
        (To::StderrToFile, "--color=auto", &[], (true, false)),
    ] {
        assert_eq!(colors.of(to, flag, variables), expected, "{to:?} {flag} {variables:?}");
    }
}

#[test]
fn help_and_wrong_usage_have_the_same_colours() {
    for (words, coloured) in [("--help", "\x1b[1mUsage:"), ("status --nonsense", "\x1b[1m\x1b[31merror:")] {
        for (flag, variables, expected) in [
            ("", &[][..], true),
            ("--color=never", &[], false),
            ("--color never", &[("CLICOLOR_FORCE", "1")], false),
            ("--color=always", &[("NO_COLOR", "1")], true),
            ("", &[("NO_COLOR", "1")], false),
            ("", &[("TERM", "dumb")], false),
        ] {
            let (_, screen) = Terminal::run_in(80, &format!("{flag} {words}"), variables).end_as_bytes();
            assert_eq!(screen.contains(coloured), expected, "{flag} {words} {variables:?}: {screen:?}");
            assert_eq!(screen.contains('\x1b'), expected, "{flag} {words} {variables:?}: {screen:?}");
        }
    }
}
