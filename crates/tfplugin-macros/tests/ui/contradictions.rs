struct Attr<T>(T);

/// A server.
#[derive(tfplugin_macros::Object)]
struct Server {
    /// Its name.
    #[attribute(required, computed)]
    name: Attr<String>,
    /// Its size.
    #[attribute(optional, default = "small")]
    size: Attr<String>,
    /// How to log in.
    #[attribute(optional, computed, write_only)]
    password: Attr<String>,
    /// Its id.
    #[attribute(computed, validate(length(1..)))]
    id: Attr<String>,
    /// Its image.
    #[attribute(optional, refine(not_null))]
    image: Attr<String>,
    /// Its zone.
    #[attribute(required, optional)]
    zone: Attr<String>,
}

fn main() {}
