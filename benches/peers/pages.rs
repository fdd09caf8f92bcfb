//! Writing a report down.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context as _, Result};

/// Writes the pages of a benchmark into a folder, each under its name, and says so.
pub fn write(benchmark: &str, folder: &Path, pages: &[(&str, String)]) -> Result<()> {
    fs::create_dir_all(folder)?;
    for (name, text) in pages {
        let path = folder.join(name);
        fs::write(&path, text).with_context(|| path.display().to_string())?;
        eprintln!("{benchmark}: written: {}", path.display());
    }
    Ok(())
}

/// The day, in UTC.
pub fn today() -> String {
    humantime::format_rfc3339_seconds(SystemTime::now()).to_string().chars().take(10).collect()
}
