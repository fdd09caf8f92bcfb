//! The binary `pevensie-pg`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    pevensie_pg::run()
}
