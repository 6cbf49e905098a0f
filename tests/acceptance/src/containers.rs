//! LocalStack and plain moto as Docker containers, where a Docker daemon answers.

use std::env;

use anyhow::{Context as _, Result, bail};
use testcontainers::core::{IntoContainerPort as _, WaitFor};
use testcontainers::runners::SyncRunner as _;
use testcontainers::{Container, ContainerRequest, GenericImage, ImageExt as _};

use crate::backend::Backend;

/// A container that ends with this value.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) endpoint: String,
    _container: Container<GenericImage>,
}

/// What a backend's container is made of.
#[derive(Debug, PartialEq, Eq)]
struct Recipe {
    image: &'static str,
    tag: &'static str,
    port: u16,
    ready: &'static str,
    /// Variables of the caller that go in.
    passed: &'static [&'static str],
}

fn recipe(backend: &Backend) -> Result<Recipe> {
    Ok(match backend {
        Backend::LocalStack => Recipe {
            image: "localstack/localstack-pro",
            tag: "latest",
            port: 4566,
            ready: "Ready.",
            passed: &["LOCALSTACK_AUTH_TOKEN"],
        },
        Backend::MotoContainer => Recipe {
            image: "motoserver/moto",
            tag: "5.2.5",
            port: 5000,
            ready: "Running on",
            passed: &[],
        },
        other => bail!("{other:?} is no container"),
    })
}

/// Starts the container of a backend and waits until it says that it is ready.
pub(crate) fn start(backend: &Backend) -> Result<Running> {
    let recipe = recipe(backend)?;
    let container = request(&recipe).start().with_context(|| {
        format!(
            "the container {}:{} cannot be started; does Docker answer?",
            recipe.image, recipe.tag
        )
    })?;
    let port = container.get_host_port_ipv4(recipe.port.tcp())?;
    Ok(Running { endpoint: format!("http://127.0.0.1:{port}"), _container: container })
}

fn request(recipe: &Recipe) -> ContainerRequest<GenericImage> {
    let image = GenericImage::new(recipe.image, recipe.tag)
        .with_exposed_port(recipe.port.tcp())
        .with_wait_for(WaitFor::message_on_either_std(recipe.ready));
    recipe.passed.iter().fold(image.into(), |request: ContainerRequest<GenericImage>, name| {
        match env::var(name) {
            Ok(value) => request.with_env_var(*name, value),
            Err(_) => request,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_container_backend_has_a_recipe_and_the_others_have_none() -> Result<()> {
        let localstack = recipe(&Backend::LocalStack)?;
        assert_eq!((localstack.port, localstack.passed), (4566, &["LOCALSTACK_AUTH_TOKEN"][..]));
        assert_eq!(recipe(&Backend::MotoContainer)?.tag, "5.2.5");
        assert!(recipe(&Backend::Emulator).is_err());
        assert!(recipe(&Backend::Endpoint("http://x".to_owned())).is_err());
        Ok(())
    }

    #[test]
    fn a_request_names_image_and_tag() -> Result<()> {
        let request = request(&recipe(&Backend::MotoContainer)?);
        assert_eq!(request.descriptor(), "motoserver/moto:5.2.5");
        Ok(())
    }
}
