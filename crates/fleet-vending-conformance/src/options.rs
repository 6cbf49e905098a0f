//! What a person says on the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser;

/// What the vendor's fake of its cloud may be told to do wrong, by the names that the kit writes into `--fault-file`.
pub(crate) const FAULTS: [&str; 13] = [
    "slow",
    "human",
    "lost_answer",
    "throttled",
    "busy",
    "in_flight_limit",
    "not_yet",
    "denied",
    "invalid",
    "quota",
    "unsupported",
    "credentials",
    "unexpected",
];

/// Runs a vendor of accounts through the contract that every vendor has to keep.
///
/// Everything happens in the vendor's own world: give it a fake of its cloud, never the real one, since accounts are made
/// and closed. `{scratch}` in any value stands for a directory that is made for the run and removed after it.
///
/// Exit code: 0 when nothing failed, 1 when a test failed, 2 when the tests could not be run.
#[derive(Debug, Parser)]
#[command(name = "fleet-vending-conformance", version)]
pub(crate) struct Options {
    /// A JSON file: what the vendor is configured with. Without it, with no settings.
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,

    /// A JSON file: what is asked for beside the key, with the fields `contract`, `parent`, `tags`, `vendor_settings`,
    /// `arguments`. `{key}` stands for the key of the account.
    #[arg(long, value_name = "FILE")]
    pub(crate) account: Option<PathBuf>,

    /// A variable of the vendor's environment, which is empty otherwise but for PATH, HOME and TMPDIR.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) env: Vec<String>,

    /// A program that runs beside the vendor, such as the fake of its cloud: one line for a shell.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) beside: Option<String>,

    /// The file into which the kit writes what shall go wrong next: one name of `--faults`. It is gone when nothing shall.
    #[arg(long, value_name = "FILE")]
    pub(crate) fault_file: Option<String>,

    /// What the fake can do wrong.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', default_values_t = FAULTS.map(str::to_owned))]
    pub(crate) faults: Vec<String>,

    /// A file or directory that changes whenever the vendor changes anything in its cloud. Names that begin with a dot do not
    /// count.
    #[arg(long, value_name = "PATH")]
    pub(crate) witness: Vec<String>,

    /// A text that may appear in no message, log line or token of the vendor: a password of its settings, say.
    #[arg(long, value_name = "TEXT")]
    pub(crate) secret: Vec<String>,

    /// Only these tests, by number.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    pub(crate) only: Vec<u8>,

    /// Seconds that one account may take until it is ready.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) patience: u64,

    /// Seconds for which the stream of a call may say nothing.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) silence: u64,

    /// Seconds that the vendor may take to start.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub(crate) start: u64,

    /// Print JSON in place of the table.
    #[arg(long)]
    pub(crate) json: bool,

    /// The vendor's program and its arguments.
    #[arg(required = true, last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}
