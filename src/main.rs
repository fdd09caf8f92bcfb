//! The binary `pevensie-pg`.

use std::process::ExitCode;

fn main() -> ExitCode {
    pevensie_pg::run()
}
