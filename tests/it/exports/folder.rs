//! `--out`: everything that is new is written, or nothing.

mod numbers;
mod texts;
mod written;
