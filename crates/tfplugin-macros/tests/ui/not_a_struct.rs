/// A server.
#[derive(tfplugin_macros::Object)]
enum Server {
    /// Small.
    Small,
}

fn main() {}
