//! What a host and its plugins agree on before a plugin starts.

/// What tells the plugins of one application from those of another. Host and plugin have the same, as a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// The environment variable by which a plugin knows that a host started it, and no person (go-plugin's
    /// `MagicCookieKey`).
    pub cookie_key: &'static str,
    /// What that variable holds. No secret: it protects from mistakes, and from nobody else.
    pub cookie_value: &'static str,
    /// The version of the application's own protocol: the second field of the handshake line.
    pub version: u16,
}
