//! One run of a command, measured.
//!
//! It is started by a process of its own that does nothing else: until a process begins to execute its program it counts
//! with the memory of the one that started it (Linux keeps the maximum over `execve`), and ours has much.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use wait4::Wait4 as _;

use super::tool::Step;

/// The argument that makes this program run one command; the file for its output and the command follow.
pub const RUN: &str = "run-one-command";

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// From before its start until it had ended.
    pub wall: Duration,
    /// User and system time, of its own and of the processes that it has waited for.
    pub cpu: Duration,
    /// The most of memory that one of these processes had at a time, in KiB.
    pub memory: u64,
}

/// Runs the command of these arguments, and prints what it took.
pub fn run(arguments: &[OsString]) -> Result<()> {
    let [output, program, arguments @ ..] = arguments else { anyhow::bail!("OUTPUT PROGRAM [ARGUMENT...]") };
    let output = File::create(output)?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    let began = Instant::now();
    let mut child = command.spawn().with_context(|| program.display().to_string())?;
    let used = child.wait4()?;
    let wall = began.elapsed();
    let cpu = used.rusage.utime + used.rusage.stime;
    let code = used.status.code().unwrap_or(-1);
    println!("{} {} {} {code}", wall.as_nanos(), cpu.as_nanos(), used.rusage.maxrss / 1024);
    Ok(())
}

/// Runs a step in this environment, and insists that it ends as it should.
pub fn take(program: &Path, step: &Step, project: &Path, variables: &[(&str, OsString)]) -> Result<Sample> {
    let output = project.with_extension("output");
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(RUN).arg(&output).arg(program).args(&step.arguments).current_dir(project).env_clear();
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    command.envs(step.variables.iter().map(|(name, value)| (name, value)));
    let taken = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    let said = String::from_utf8_lossy(&fs::read(&output)?).into_owned();
    let what = || format!("{} {:?}\n{said}", program.display(), step.arguments);
    ensure!(taken.status.success(), "could not be run: {}", what());

    let line = String::from_utf8(taken.stdout)?;
    let numbers: Vec<i64> = line.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let [wall, cpu, memory, code] = numbers[..] else { anyhow::bail!("not what was measured: {line}") };
    ensure!(code == i64::from(step.code), "exit code {code} instead of {}: {}", step.code, what());
    ensure!(said.contains(step.says), "does not say {:?}: {}", step.says, what());
    Ok(Sample {
        wall: Duration::from_nanos(wall.try_into()?),
        cpu: Duration::from_nanos(cpu.try_into()?),
        memory: memory.try_into()?,
    })
}
