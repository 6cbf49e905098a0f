//! What is too big. The protocol says it in words; each side holds the other to it.

/// Bytes of a message to a vendor: what gRPC takes without being told.
pub const MESSAGE_TO_VENDOR: usize = 4 << 20;

/// Bytes of a message of a vendor.
pub const MESSAGE_OF_VENDOR: usize = 16 << 20;

/// Bytes of a text for people.
pub const TEXT: usize = 4 << 10;

/// Bytes of a resume token.
pub const RESUME_TOKEN: usize = 4 << 10;

/// Bytes of what a vendor wants to be given back.
pub const MEMORY: usize = 64 << 10;

/// Bytes of an id of the cloud, printable ASCII.
pub const ID: usize = 512;

/// Bytes of a JSON Schema of a vendor.
pub const SCHEMA: usize = 256 << 10;

/// Accounts in one `Observe`.
pub const ACCOUNTS: usize = 64;

/// Checks, warnings, failures or tags of one account: more are refused.
pub const ENTRIES: usize = 1000;

/// Seconds after which a stream that says nothing is taken for dead: three times what the protocol allows.
pub const SILENCE_SECONDS: u64 = 90;
