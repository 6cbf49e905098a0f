//! The process of a plugin: started in a group of its own, watched until it has ended, and ended with all that it started.

use std::io;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

/// How long to wait for the end of what was killed: it ends at once, unless the system itself is stuck.
const END_PATIENCE: Duration = Duration::from_secs(2);

/// How often a program is started that somebody still has open for writing: another thread of ours that is about to start
/// something else inherits a copy's file for a moment.
const BUSY: (u32, Duration) = (50, Duration::from_millis(10));

/// A process. It is killed, with its group, when this is dropped.
pub(super) struct Process {
    id: u32,
    /// The pipe that tells the plugin that the host lives.
    stdin: Mutex<Option<ChildStdin>>,
    life: Arc<Life>,
    ended: watch::Receiver<Option<ExitStatus>>,
}

/// What the thread that waits for the process knows.
struct Life {
    #[cfg(unix)]
    group: rustix::process::Pid,
    #[cfg(not(unix))]
    child: Mutex<Child>,
    /// How it ended. As long as there is none, the numbers of the process and its group are its own.
    status: Mutex<Option<ExitStatus>>,
    has_ended: Condvar,
}

impl Process {
    /// Starts it, with pipes for all three.
    pub(super) fn spawn(mut command: Command) -> io::Result<(Self, ChildStdout, ChildStderr)> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt as _;
            // Ctrl-C reaches the host alone.
            command.process_group(0);
        }
        let mut child = spawn(&mut command)?;
        let taken = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = taken else {
            return Err(io::ErrorKind::BrokenPipe.into());
        };
        let id = child.id();
        let (sender, ended) = watch::channel(None);
        let life = Life::watch(child, sender)?;
        Ok((Self { id, stdin: Mutex::new(Some(stdin)), life, ended }, stdout, stderr))
    }

    /// The number of the process.
    pub(super) fn id(&self) -> u32 {
        self.id
    }

    /// How it ended, if it has.
    pub(super) fn status(&self) -> Option<ExitStatus> {
        *self.life.status()
    }

    /// Waits until it has ended; says how.
    pub(super) async fn ended(&self) -> ExitStatus {
        let mut ended = self.ended.clone();
        match ended.wait_for(Option::is_some).await {
            Ok(status) => status.unwrap_or_default(),
            // The thread that waits is gone without a word: it has panicked.
            Err(_) => ExitStatus::default(),
        }
    }

    /// Ends its stdin.
    pub(super) fn end_stdin(&self) {
        drop(self.stdin().take());
    }

    /// Asks the whole group to end, after the end of stdin. What knows no such asking is killed.
    pub(super) fn terminate(&self) {
        self.end_stdin();
        #[cfg(unix)]
        self.life.signal(rustix::process::Signal::TERM);
        #[cfg(not(unix))]
        self.life.kill();
    }

    /// Kills the whole group.
    pub(super) fn kill(&self) {
        self.life.kill();
    }

    fn stdin(&self) -> MutexGuard<'_, Option<ChildStdin>> {
        self.stdin.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.life.kill();
        let status = self.life.status();
        let waited =
            self.life.has_ended.wait_timeout_while(status, END_PATIENCE, |status| status.is_none());
        drop(waited);
    }
}

/// Starts a program, again where it is busy.
fn spawn(command: &mut Command) -> io::Result<Child> {
    let mut tries = 0;
    loop {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && tries < BUSY.0 => {
                tries += 1;
                std::thread::sleep(BUSY.1);
            }
            other => return other,
        }
    }
}

impl Life {
    fn status(&self) -> MutexGuard<'_, Option<ExitStatus>> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that it has ended.
    fn end(&self, status: &mut Option<ExitStatus>, with: ExitStatus) {
        *status = Some(with);
        self.has_ended.notify_all();
    }
}

#[cfg(unix)]
impl Life {
    /// Waits for the process on a thread of its own.
    fn watch(mut child: Child, ended: watch::Sender<Option<ExitStatus>>) -> io::Result<Arc<Self>> {
        use rustix::io::Errno;
        use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

        let group = Pid::from_child(&child);
        let life =
            Arc::new(Self { group, status: Mutex::default(), has_ended: Condvar::default() });
        let watched = Arc::clone(&life);
        let waits = move || {
            // Not taken from the system yet, so that nobody else can get its number: its group is that number.
            let only_look = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            while waitid(WaitId::Pid(group), only_look).is_err_and(|error| error == Errno::INTR) {}
            let mut status = watched.status();
            watched.kill_group();
            let with = child.wait().unwrap_or_default();
            watched.end(&mut status, with);
            drop(status);
            ended.send_replace(Some(with));
        };
        let thread = std::thread::Builder::new().name("plugin".to_owned()).spawn(waits);
        if thread.is_err() {
            life.kill_group();
        }
        thread.map(|_| life)
    }

    /// Sends a signal to the group, as long as it is there.
    fn signal(&self, signal: rustix::process::Signal) {
        let status = self.status();
        if status.is_none() {
            // It may have ended just now.
            let _ = rustix::process::kill_process_group(self.group, signal);
        }
    }

    fn kill(&self) {
        self.signal(rustix::process::Signal::KILL);
    }

    fn kill_group(&self) {
        let _ = rustix::process::kill_process_group(self.group, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
impl Life {
    /// Looks for the end of the process on a thread of its own.
    fn watch(child: Child, ended: watch::Sender<Option<ExitStatus>>) -> io::Result<Arc<Self>> {
        const LOOKS: Duration = Duration::from_millis(20);

        let life = Arc::new(Self {
            child: Mutex::new(child),
            status: Mutex::default(),
            has_ended: Condvar::default(),
        });
        let watched = Arc::clone(&life);
        let waits = move || {
            let with = loop {
                match watched.child().try_wait() {
                    Ok(None) => {}
                    Ok(Some(status)) => break status,
                    Err(_) => break ExitStatus::default(),
                }
                std::thread::sleep(LOOKS);
            };
            watched.end(&mut watched.status(), with);
            ended.send_replace(Some(with));
        };
        let thread = std::thread::Builder::new().name("plugin".to_owned()).spawn(waits);
        if thread.is_err() {
            life.kill();
        }
        thread.map(|_| life)
    }

    fn kill(&self) {
        // It may have ended just now.
        let _ = self.child().kill();
    }

    fn child(&self) -> MutexGuard<'_, Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::os::unix::process::ExitStatusExt as _;

    use rustix::process::{Pid, getpgid, test_kill_process};

    use super::*;

    /// A shell that runs `script`, once it has said a line, and that line.
    fn shell(script: &str) -> (Process, String, BufReader<ChildStdout>) {
        let mut command = Command::new("/bin/sh");
        // Nobody reads what it has to say of children that end.
        command.args(["-c", &format!("exec 2>/dev/null; {script}")]);
        let (process, stdout, _) = Process::spawn(command).unwrap();
        let mut stdout = BufReader::new(stdout);
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        (process, line.trim().to_owned(), stdout)
    }

    fn pid(text: &str) -> Pid {
        Pid::from_raw(text.parse().unwrap()).unwrap()
    }

    #[tokio::test]
    async fn it_has_a_group_and_a_pipe_of_its_own() {
        let (process, line, _stdout) = shell("echo $$; cat; exit 3");
        assert_eq!(line, process.id().to_string());
        assert_eq!(getpgid(Some(pid(&line))), Ok(pid(&line)));
        assert_eq!(process.status(), None);
        // The end of the pipe is what the plugin sees when the host is gone.
        drop(process.stdin().take());
        assert_eq!(process.ended().await.code(), Some(3));
        assert_eq!(process.status().and_then(|status| status.code()), Some(3));
    }

    #[tokio::test]
    async fn it_is_asked_to_end() {
        let (process, _, _stdout) = shell("trap 'exit 5' TERM; echo; while :; do sleep 0.02; done");
        process.terminate();
        assert_eq!(process.ended().await.code(), Some(5));
        // Nothing is signalled any more: the number may be another's by now.
        process.terminate();
        process.kill();
    }

    #[tokio::test]
    async fn what_it_has_started_ends_with_it_however_it_ends() {
        type End = fn(&Process);
        let by_itself: End = |process| drop(process.stdin().take());
        for (end, signal) in [(Process::kill as End, Some(9)), (by_itself, None)] {
            let (process, line, _) = shell("sleep 600 & echo $!; cat");
            assert!(test_kill_process(pid(&line)).is_ok());
            end(&process);
            assert_eq!(process.ended().await.signal(), signal);
            until_gone(&line);
        }
    }

    #[test]
    fn dropped_is_killed() {
        let (process, line, mut stdout) = shell("trap '' TERM; sleep 600 & echo $!; wait");
        let leader = process.id().to_string();
        drop(process);
        // Both had it open.
        assert_eq!(stdout.read_to_end(&mut Vec::new()).unwrap(), 0);
        assert!(test_kill_process(pid(&leader)).is_err());
        until_gone(&line);
    }

    /// Waits for the end of a process that was killed, and is somebody else's to take from the system.
    fn until_gone(id: &str) {
        for _ in 0..1000 {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            if test_kill_process(pid(id)).is_err() || stat.contains(") Z ") {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("{id} still runs");
    }
}
