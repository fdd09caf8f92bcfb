//! Atlas scans a file for its statements, and its first comment for directives. It has no way back.

use super::check::check;
use super::scanner::scan;
use super::truth::{Files, Half, Unit};

fn read(files: &Files) -> Vec<Unit> {
    let unit = |(path, text): &(String, String)| {
        let (number, title) =
            path.strip_suffix(".sql").and_then(|stem| stem.split_once('_')).expect("it has a version");
        let sql = text.strip_prefix("-- atlas:txmode none\n\n");
        let is_outside = sql.is_some();
        let sql = sql.unwrap_or(text);
        assert!(!sql.contains("atlas:"), "{path}: a directive that is none of ours");
        assert!(!sql.to_ascii_lowercase().trim_start().starts_with("delimiter"), "{path}: a command of MySQL");
        Unit {
            number: number.parse().expect("versions are sorted as they are numbered"),
            title: title.to_owned(),
            up: Half::each(&scan(sql), is_outside),
            down: None,
        }
    };
    files.iter().map(unit).collect()
}

#[test]
fn atlas_sends_the_statements() {
    check("atlas", |_, files| read(files), |_, unit| Unit { down: None, ..unit });
}
