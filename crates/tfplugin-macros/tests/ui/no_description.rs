struct Attr<T>(T);

#[derive(tfplugin_macros::Object)]
struct Server {
    #[attribute(required)]
    name: Attr<String>,
}

fn main() {}
