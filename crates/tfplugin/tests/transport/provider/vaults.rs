//! A resource full of secrets, which logs all that it is given.

use tfplugin::{
    Applied, Attr, Context, Create, Delete, Diagnostic, Private, Read, Resource, Update,
};

/// A vault.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Vault {
    /// Its name.
    #[attribute(required)]
    name: Attr<String>,
    /// Opens it.
    #[attribute(optional, sensitive)]
    password: Attr<String>,
    /// Opens it once.
    #[attribute(optional, write_only)]
    key: Attr<String>,
    /// Opens it, too.
    #[attribute(optional, sensitive)]
    pin: Attr<i64>,
    /// What is behind it.
    #[attribute(optional)]
    door: Attr<Door>,
    /// What it made up.
    #[attribute(computed, sensitive)]
    token: Attr<String>,
}

/// A door.
#[derive(Debug, Clone, tfplugin::Object)]
pub(crate) struct Door {
    /// Opens it.
    #[attribute(optional, sensitive)]
    code: Attr<String>,
}

pub(crate) struct Vaults;

/// Tells everything.
fn tell(vault: &Vault, private: &Private) -> Diagnostic {
    let Vault { password, key, pin, door, token, .. } = vault;
    let (password, key, token) = (password.as_str(), key.as_str(), token.as_str());
    let code = door.known().and_then(|door| door.code.as_str());
    let etag = private.get("etag").and_then(|etag| etag.as_str());
    let pin = pin.known().copied();
    tracing::info!(?vault, password, key, pin, code, token, etag, "told");
    let all = format!("{password:?} {key:?} {pin:?} {code:?} {token:?} {etag:?}");
    tracing::debug!("all of it: {all}");
    Diagnostic::warning("Told", all)
}

impl Resource for Vaults {
    type Model = Vault;
    const TYPE: &'static str = "example_vault";

    async fn create(&self, _: &Context, request: Create<Vault>) -> Applied<Vault> {
        let told = tell(&request.config, &request.private);
        let mut private = Private::default();
        private.set("etag", "etag-secret");
        Applied::ok(Vault { token: "token\"secret".into(), ..request.planned })
            .with_private(private)
            .with(told)
    }

    async fn read(&self, _: &Context, request: Read<Vault>) -> Applied<Vault> {
        let told = tell(&request.state, &request.private);
        Applied::ok(request.state).with(told)
    }

    async fn update(&self, _: &Context, request: Update<Vault>) -> Applied<Vault> {
        Applied::ok(request.planned)
    }

    async fn delete(&self, _: &Context, request: Delete<Vault>) -> Applied<Vault> {
        let token = request.prior.token.as_str().unwrap_or_default();
        panic!("cannot forget {token}")
    }
}
