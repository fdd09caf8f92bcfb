//! What is seen on a terminal.

mod colors;
mod images;
mod picture;
mod progress;
