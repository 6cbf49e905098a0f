//! What a plugin writes: the first line of stdout is its handshake, the rest of it nobody reads; each line of stderr goes to
//! the host's log.

use std::collections::VecDeque;
use std::io;
use std::process::{ChildStderr, ChildStdout};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, BufReader};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Where a line is cut, in bytes.
const LONGEST: usize = 64 << 10;

/// How many of the last lines of stderr an error has, and how much of each, in bytes.
const LAST: (usize, usize) = (20, 512);

/// Takes the lines of a plugin's stderr.
pub(super) type Sink = Arc<dyn Fn(&str) + Send + Sync>;

/// A line, without its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    /// Whether this is all of it.
    pub(super) whole: bool,
}

/// What a plugin writes, while it is read.
pub(super) struct Output {
    /// The first line of stdout; none where stdout ends before there is one.
    first: Option<oneshot::Receiver<Option<Line>>>,
    last: Arc<Mutex<VecDeque<String>>>,
    stdout: JoinHandle<()>,
    stderr: JoinHandle<()>,
    /// Cancelled when stderr has been read to its end.
    all_read: CancellationToken,
}

impl Output {
    /// Reads both until their ends, in the async runtime that is entered.
    pub(super) fn read(stdout: ChildStdout, stderr: ChildStderr, sink: Sink) -> io::Result<Self> {
        let stdout = tokio::process::ChildStdout::from_std(stdout)?;
        let stderr = tokio::process::ChildStderr::from_std(stderr)?;
        let (sender, first) = oneshot::channel();
        let stdout = tokio::spawn(read_stdout(BufReader::new(stdout), sender));
        let last = Arc::<Mutex<VecDeque<String>>>::default();
        let all_read = CancellationToken::new();
        let at_the_end = all_read.clone().drop_guard();
        let (stderr, tail) = (BufReader::new(stderr), Arc::clone(&last));
        let stderr = tokio::spawn(async move {
            read_stderr(stderr, sink, tail).await;
            drop(at_the_end);
        });
        Ok(Self { first: Some(first), last, stdout, stderr, all_read })
    }

    /// The first line of stdout, once: never another one. None where stdout has ended.
    pub(super) async fn first_line(&mut self) -> Option<Line> {
        let line = self.first.as_mut()?.await.ok().flatten();
        self.first = None;
        line
    }

    /// Waits until all of stderr has been read.
    pub(super) async fn all_of_stderr(&self) {
        self.all_read.cancelled().await;
    }

    /// The last lines of stderr so far.
    pub(super) fn last_lines(&self) -> Vec<String> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // Somebody may hold the other ends open who has left the plugin's group.
        self.stdout.abort();
        self.stderr.abort();
    }
}

async fn read_stdout(mut stdout: impl AsyncBufRead + Unpin, first: oneshot::Sender<Option<Line>>) {
    // Not read to its end where it has none: then it is no handshake anyway.
    let line = next_line(&mut stdout, Cut::Stop).await;
    let _ = first.send(line);
    // A plugin whose stdout is full would stand still.
    while next_piece(&mut stdout).await.is_some() {}
}

async fn read_stderr(
    mut stderr: impl AsyncBufRead + Unpin,
    sink: Sink,
    last: Arc<Mutex<VecDeque<String>>>,
) {
    while let Some(Line { text, .. }) = next_line(&mut stderr, Cut::Skip).await {
        sink(&text);
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() == LAST.0 {
            last.pop_front();
        }
        last.push_back(text[..text.floor_char_boundary(LAST.1)].to_owned());
    }
}

/// What is done with the rest of a line that is too long.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// It is read, and forgotten.
    Skip,
    /// It is left.
    Stop,
}

/// The next line, no longer than a line may be. None at the end.
async fn next_line(reader: &mut (impl AsyncBufRead + Unpin), cut: Cut) -> Option<Line> {
    let mut line = Vec::new();
    let (mut whole, mut any) = (true, false);
    while let Some(is_end) = next_piece_with(reader, |bytes| {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let piece = &bytes[..end.unwrap_or(bytes.len())];
        let kept = piece.len().min(LONGEST - line.len());
        whole &= kept == piece.len();
        line.extend_from_slice(&piece[..kept]);
        (piece.len() + usize::from(end.is_some()), end.is_some())
    })
    .await
    {
        any = true;
        if is_end || (!whole && cut == Cut::Stop) {
            break;
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    any.then(|| Line { text: String::from_utf8_lossy(&line).into_owned(), whole })
}

/// Throws away what is there next. None at the end.
async fn next_piece(reader: &mut (impl AsyncBufRead + Unpin)) -> Option<()> {
    next_piece_with(reader, |bytes| (bytes.len(), ())).await
}

/// Gives what is there next to `take`, which says how much of it is used up. None at the end, and where it cannot be read.
async fn next_piece_with<T>(
    reader: &mut (impl AsyncBufRead + Unpin),
    take: impl FnOnce(&[u8]) -> (usize, T),
) -> Option<T> {
    let bytes = reader.fill_buf().await.ok().filter(|bytes| !bytes.is_empty())?;
    let (used, taken) = take(bytes);
    reader.consume(used);
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line { text: text.to_owned(), whole: true }
    }

    async fn lines(text: &[u8]) -> Vec<Line> {
        // A small buffer: a line comes in pieces.
        let mut reader = BufReader::with_capacity(7, text);
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut reader, Cut::Skip).await {
            lines.push(line);
        }
        lines
    }

    #[tokio::test]
    async fn lines_are_read_however_they_end() {
        assert_eq!(lines(b"").await, []);
        assert_eq!(
            lines(b"one\n\nthree is longer\r\nno end").await,
            [line("one"), line(""), line("three is longer"), line("no end")]
        );
        assert_eq!(lines(b"a\xffb\n").await, [line("a\u{fffd}b")]);
    }

    #[tokio::test]
    async fn a_line_is_cut_and_the_next_one_is_not() {
        let text = format!("{}\nnext\n", "x".repeat(3 * LONGEST));
        let cut = Line { text: "x".repeat(LONGEST), whole: false };
        assert_eq!(lines(text.as_bytes()).await, [cut, line("next")]);
        let text = "x".repeat(LONGEST);
        assert_eq!(lines(format!("{text}\n").as_bytes()).await, [line(&text)]);
    }

    #[tokio::test]
    async fn an_error_has_the_last_lines_and_the_log_has_all() {
        let text: String = (0..30).map(|n| format!("{n} {}\n", "é".repeat(400))).collect();
        let (all, last) = (Arc::<Mutex<Vec<String>>>::default(), Arc::default());
        let sink = {
            let all = Arc::clone(&all);
            Arc::new(move |line: &str| all.lock().unwrap().push(line.to_owned()))
        };
        read_stderr(text.as_bytes(), sink, Arc::clone(&last)).await;
        assert_eq!(all.lock().unwrap().len(), 30);
        let last = last.lock().unwrap();
        assert_eq!(last.len(), LAST.0);
        assert!(last[0].starts_with("10 ") && last.iter().all(|line| line.len() <= LAST.1));
    }
}
