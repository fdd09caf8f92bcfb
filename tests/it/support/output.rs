//! What a command said, and how it looks in a snapshot.

use std::path::Path;

/// The end of a command.
#[derive(Debug)]
pub(crate) struct Output {
    /// The command as a person would type it.
    pub(crate) typed: String,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

impl Output {
    /// Insists on exit code 0.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert!(self.code == 0, "it failed:\n{}", self.snapshot());
        self
    }

    /// Insists that `status --check` has nothing to object to; what is newer than the test goes may be pending.
    #[track_caller]
    pub(crate) fn sound(self) -> Self {
        assert!([0, 3].contains(&self.code), "it is not sound:\n{}", self.snapshot());
        self
    }

    /// Everything about it. What differs from run to run is still in it: [`assert_snapshot`] takes that out.
    pub(crate) fn snapshot(&self) -> String {
        let Self { typed, stdout, stderr, code } = self;
        format!("$ {typed}\n[exit {code}]\n--- stdout\n{stdout}\n--- stderr\n{stderr}")
    }
}

/// What differs from run to run, as regular expressions, and what a snapshot has in its place.
const VARIABLE_PARTS: &[(&str, &str)] = &[
    (r"\b(\w+?)_p\d+_\d+\b", "[$1]"), // names made by `unique`
    (r"\b(127\.0\.0\.1|localhost):\d+", "$1:[port]"),
    (r"\bport(=| )\d+", "port$1[port]"),
    (r"\b(pid=|pid |process |process: )\d+", "$1[pid]"),
    (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?UTC|Z|\+00(:00)?)?", "[time]"),
    (r"\b(just now|\d+ (min|hours?|days?) ago) +", "[ago]  "), // in a column of ages
    (r"\b(just now|\d+ (min|hours?|days?) ago)\b", "[ago]"),
    (r"pevensie_rehearsal_[a-z]{10}\b", "pevensie_rehearsal_[random]"),
    (r" {2,}(\d+(\.\d+)? m?s  )", "  $1"),         // in a column of durations
    (r"\b\d+(\.\d+)? (ms|s|min)\b", "[duration]"), // with the space: `5s` is what a user writes, and stays
    (r"\bPostgreSQL \d+\.\d+( \([^)\n]+\))?", "PostgreSQL [version]"), // with the minor version: `PostgreSQL 15` stays
];

/// The settings under which insta compares snapshots of commands.
pub(crate) fn snapshot_filters() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_omit_expression(true);
    for folder in [&std::env::temp_dir(), Path::new("/tmp"), Path::new("/dev/shm")] {
        settings.add_filter(&format!(r#"{}/[^\s,;:&'"()]+"#, folder.display()), "[path]");
    }
    for (pattern, replacement) in VARIABLE_PARTS {
        settings.add_filter(pattern, *replacement);
    }
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("the kernel has a host name");
    settings.add_filter(&format!(r"\b{}:\d+\b", host.trim().replace('.', r"\.")), "[host]:[pid]");
    settings
}

/// What a snapshot can be taken of.
pub(crate) trait Snapshot {
    fn text(&self) -> String;
}

impl Snapshot for Output {
    fn text(&self) -> String {
        self.snapshot()
    }
}

/// What some outputs have in common.
impl Snapshot for String {
    fn text(&self) -> String {
        self.clone()
    }
}

impl<T: Snapshot> Snapshot for &T {
    fn text(&self) -> String {
        T::text(self)
    }
}

/// Compares an [`Output`] or a text with its snapshot: `assert_snapshot!(output)`, with a name before it or `@"…"` after it.
///
/// No function, because insta calls a snapshot after the module that this stands in.
macro_rules! assert_snapshot {
    ($output:expr $(, @$inline:literal)?) => {{
        let _filters = $crate::support::snapshot_filters().bind_to_scope();
        insta::assert_snapshot!($crate::support::Snapshot::text(&$output) $(, @$inline)?);
    }};
    ($name:expr, $output:expr) => {{
        let _filters = $crate::support::snapshot_filters().bind_to_scope();
        insta::assert_snapshot!($name, $crate::support::Snapshot::text(&$output));
    }};
}
pub(crate) use assert_snapshot;
