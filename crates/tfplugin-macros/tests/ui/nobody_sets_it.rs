struct Attr<T>(T);

/// A server.
#[derive(tfplugin_macros::Object)]
struct Server {
    /// Its name.
    #[attribute(sensitive)]
    name: Attr<String>,
    /// Its size.
    size: Attr<String>,
}

fn main() {}
