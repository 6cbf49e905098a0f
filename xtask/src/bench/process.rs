//! What processes cost: CPU and memory, as the kernel counts them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// CPU, in user space and in the kernel, of a command and of all processes that it started and waited for.
///
/// Nothing else that this process started may end meanwhile.
pub(crate) fn cpu_of(command: &mut Command) -> Result<Duration> {
    let before = cpu(&of_children()?);
    command.stdin(Stdio::null());
    let output = command.output().with_context(|| format!("{command:?} cannot be started"))?;
    let spent = cpu(&of_children()?).saturating_sub(before);
    if !output.status.success() {
        bail!(
            "{command:?} failed:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(spent)
}

/// What the children that have ended cost so far.
pub(crate) fn of_children() -> Result<Usage> {
    getrusage(UsageWho::RUSAGE_CHILDREN).context("the kernel does not tell what processes cost")
}

/// CPU in user space and in the kernel.
pub(crate) fn cpu(usage: &Usage) -> Duration {
    duration(usage.user_time()) + duration(usage.system_time())
}

fn duration(time: TimeVal) -> Duration {
    let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
    let microseconds = u64::try_from(time.tv_usec()).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_micros(microseconds)
}

/// CPU that all threads of a running process have spent so far.
pub(crate) fn cpu_so_far(pid: u32) -> Result<Duration> {
    let mut total = Duration::ZERO;
    for task in fs::read_dir(format!("/proc/{pid}/task")).context("there is no /proc")? {
        // A thread may have ended since.
        if let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) {
            total += on_cpu(&text).context("schedstat cannot be read")?;
        }
    }
    Ok(total)
}

/// The first field of a schedstat: nanoseconds on a CPU.
fn on_cpu(schedstat: &str) -> Option<Duration> {
    schedstat.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// Memory that a running process has resident, in megabytes.
pub(crate) fn resident(pid: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    kibibytes(&status, "VmRSS:").map(megabytes).context("no VmRSS in /proc")
}

/// A field of `/proc/PID/status` that counts kibibytes.
fn kibibytes(status: &str, field: &str) -> Option<u64> {
    let rest = status.lines().find_map(|line| line.strip_prefix(field))?;
    rest.trim().strip_suffix(" kB")?.parse().ok()
}

/// Kibibytes, as the kernel counts memory, in millions of bytes.
#[expect(clippy::cast_precision_loss, reason = "memory is not counted to the byte here")]
pub(crate) fn megabytes(kibibytes: u64) -> f64 {
    (kibibytes * 1024) as f64 / 1e6
}

/// The size of a file, in megabytes.
#[expect(clippy::cast_precision_loss, reason = "no file has 2^52 bytes")]
pub(crate) fn file_size(path: &Path) -> Result<f64> {
    let metadata = path.metadata().with_context(|| format!("there is no {}", path.display()))?;
    Ok(metadata.len() as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedstat_begins_with_nanoseconds_on_a_cpu() {
        assert_eq!(on_cpu("1500000 220 7\n"), Some(Duration::from_micros(1500)));
        assert_eq!(on_cpu(""), None);
    }

    #[test]
    fn memory_is_read_by_its_field() {
        let status = "Name:\tx\nVmHWM:\t    9000 kB\nVmRSS:\t    5000 kB\nThreads:\t3\n";
        assert_eq!(kibibytes(status, "VmRSS:"), Some(5000));
        assert_eq!(kibibytes(status, "VmSwap:"), None);
        assert!((megabytes(5000) - 5.12).abs() < 1e-9);
    }

    #[test]
    fn a_command_that_fails_is_an_error_with_what_it_said() {
        let error = cpu_of(Command::new("sh").args(["-c", "echo why; exit 3"])).unwrap_err();
        assert!(error.to_string().contains("why"), "{error}");
    }

    #[test]
    fn our_own_cost_can_be_read() {
        let pid = std::process::id();
        assert!(cpu_so_far(pid).unwrap() > Duration::ZERO);
        assert!(resident(pid).unwrap() > 0.5);
    }
}
