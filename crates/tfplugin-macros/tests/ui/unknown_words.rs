struct Attr<T>(T);

/// A server.
#[derive(tfplugin_macros::Object)]
struct Server {
    /// Its name.
    #[attribute(mandatory)]
    name: Attr<String>,
    /// Its address.
    #[attribute(computed, refine(suffix("/")))]
    address: Attr<String>,
    /// Its disks.
    #[block(many)]
    disks: Attr<Vec<Disk>>,
}

/// A disk.
#[derive(tfplugin_macros::Object)]
struct Disk {
    /// Its name.
    #[attribute(required)]
    name: Attr<String>,
}

fn main() {}
