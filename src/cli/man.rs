//! `pevensie-pg man`

use anyhow::Context;
use clap::{Args, Command};
use clap_mangen::Man;

use super::exit::Exit;
use super::failure::Failure;
use super::ui::Ui;

/// Print a manual page
#[derive(Args, Debug)]
pub struct ManArgs {
    /// Of which command; without one, of pevensie-pg itself
    #[arg(value_name = "COMMAND", value_parser = ["migrate", "status", "rollback", "print", "rehearse", "completions", "man"])]
    command: Option<String>,
}

/// Runs the command.
pub fn run(args: &ManArgs, ui: &Ui, mut root: Command) -> Result<Exit, Failure> {
    root.build();
    let command = args.command.as_deref().and_then(|name| root.find_subcommand(name).cloned());
    let page = command.unwrap_or(root);
    let mut text = Vec::new();
    Man::new(page).render(&mut text).context("cannot write the page").map_err(Failure::Other)?;
    ui.result(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
