//! How requests get to AWS: proxies, the authorities that are trusted, the name we go by, and where each was sent to.

use std::cell::RefCell;
use std::future::Future;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::error::display::DisplayErrorContext;
use fleet_model::address;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use super::answers;
use super::variables::variable;
use crate::config::Transport;
use crate::error::{Cause, Error, Kind, Place};

/// Never through a proxy, as with Go's proxies from the environment: who serves this machine is on it.
const LOOPBACK: &str = "localhost,127.0.0.0/8,::1";

/// What a transport that cannot be made is reported as.
const TRANSPORT: &str = "connection to AWS";

/// The client of every service. Nothing is opened.
///
/// # Errors
/// A proxy's URL or the file of certificates cannot be used.
pub(super) fn client(transport: &Transport) -> Result<SharedHttpClient, Error> {
    let setting = |given: &Option<String>, names: [&str; 2]| {
        given.clone().or_else(|| names.into_iter().find_map(variable))
    };
    let no_proxy = setting(&transport.no_proxy, ["NO_PROXY", "no_proxy"]);
    let http = setting(&transport.http_proxy, ["HTTP_PROXY", "http_proxy"]);
    let https = setting(&transport.https_proxy, ["HTTPS_PROXY", "https_proxy"]);
    let trusted = match setting(&transport.custom_ca_bundle, ["AWS_CA_BUNDLE", "AWS_CA_BUNDLE"]) {
        Some(file) => authorities(&file)?,
        None => TlsContext::default(),
    };
    let proxies = [&http, &https].map(|url| url.as_deref().map(address::shown));
    let http = http.map(|url| proxy(&url, ProxyConfig::http(url.as_str()))).transpose()?;
    let https = https.map(|url| proxy(&url, ProxyConfig::https(url.as_str()))).transpose()?;
    let direct =
        no_proxy.map_or_else(|| LOOPBACK.to_owned(), |hosts| format!("{hosts},{LOOPBACK}"));
    let through = |proxy: Option<ProxyConfig>| {
        let proxy = proxy.map_or_else(ProxyConfig::disabled, |proxy| proxy.no_proxy(&direct));
        let trusted = trusted.clone();
        Builder::new().build_with_connector_fn(move |settings, components| {
            let mut builder = Connector::builder().proxy_config(proxy.clone());
            builder.set_connector_settings(settings.cloned());
            builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
            builder
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .tls_context(trusted.clone())
                .build_with_resolver(Resolver)
        })
    };
    Ok(SharedHttpClient::new(Client {
        http: through(http),
        https: through(https),
        proxies,
        user_agent: transport.user_agent.clone(),
    }))
}

fn proxy<E: std::fmt::Display>(
    url: &str,
    made: Result<ProxyConfig, E>,
) -> Result<ProxyConfig, Error> {
    made.map_err(|error| {
        let shown = address::shown(url);
        // The reason may repeat the URL, and with it a password.
        let reason = error.to_string().replace(url, &shown);
        Error::new(
            TRANSPORT,
            Kind::Invalid,
            "InvalidProxy",
            format!("the proxy `{shown}`: {reason}"),
        )
        .with_cause(Cause::InvalidProxy)
    })
}

/// Trusts the certificates of a file, and no others.
fn authorities(file: &str) -> Result<TlsContext, Error> {
    let wrong = |why: String| {
        let message = format!("the certificates of `{file}` cannot be used: {why}");
        Error::new(TRANSPORT, Kind::Invalid, "InvalidCaBundle", message)
            .with_cause(Cause::InvalidCaBundle)
    };
    let pem = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
    let certificates = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    if certificates.map_err(|error| wrong(error.to_string()))?.is_empty() {
        return Err(wrong("it holds none".to_owned()));
    }
    let store = TrustStore::empty().with_pem_certificate(pem);
    TlsContext::builder()
        .with_trust_store(store)
        .build()
        .map_err(|error| wrong(DisplayErrorContext(error).to_string()))
}

tokio::task_local! {
    static SENT: RefCell<Option<Place>>;
}

/// Makes a call, and says where its last request was sent to.
pub(super) async fn noting<T>(call: impl Future<Output = T>) -> (T, Option<Place>) {
    SENT.scope(RefCell::default(), async {
        let answer = call.await;
        (answer, SENT.with(RefCell::take))
    })
    .await
}

fn note(request: &HttpRequest, proxy: Option<&str>) {
    let uri = request.uri();
    let begin = uri.find("://").map_or(0, |at| at + 3);
    let end = uri[begin..].find(['/', '?']).map_or(uri.len(), |at| begin + at);
    // The signature says for which region it was made: `Credential=<key>/<date>/<region>/<service>/aws4_request`.
    let signed = request.headers().get("authorization").unwrap_or_default();
    let scope = signed.split_once("Credential=").map_or("", |(_, rest)| rest);
    let region = scope.split('/').nth(2).map(str::to_owned);
    let endpoint = address::shown(&uri[..end]);
    let proxy = proxy.filter(|_| !is_loopback(&endpoint)).map(str::to_owned);
    let place = Place { endpoint, region, proxy };
    // Nobody may want to know.
    let _ = SENT.try_with(|sent| sent.replace(Some(place)));
}

/// Whether an endpoint is on this machine, and called without a proxy.
fn is_loopback(endpoint: &str) -> bool {
    let host = endpoint.split_once("://").map_or(endpoint, |(_, host)| host);
    ["localhost", "127.", "[::1]"].iter().any(|local| host.starts_with(local))
}

/// The system's resolver. With one of our own the SDK says by the type of an error that a name could not be resolved.
#[derive(Debug, Clone)]
struct Resolver;

impl ResolveDns for Resolver {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Two clients, since each can have a proxy of its own.
#[derive(Debug)]
struct Client {
    http: SharedHttpClient,
    https: SharedHttpClient,
    proxies: [Option<String>; 2],
    user_agent: Option<String>,
}

#[derive(Debug)]
struct ByScheme {
    http: SharedHttpConnector,
    https: SharedHttpConnector,
    /// Of each of the two, as it may be shown.
    proxies: [Option<String>; 2],
    user_agent: Option<String>,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(ByScheme {
            http: self.http.http_connector(settings, components),
            https: self.https.http_connector(settings, components),
            proxies: self.proxies.clone(),
            user_agent: self.user_agent.clone(),
        })
    }
}

impl HttpConnector for ByScheme {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        // The header is not among those that are signed.
        if let Some(more) = &self.user_agent
            && let Some(sent) = request.headers().get("user-agent")
        {
            let longer = format!("{sent} {more}");
            // A text that no header can hold leaves the header as it was.
            let _ = request.headers_mut().try_insert("user-agent", longer);
        }
        let is_plain = request.uri().starts_with("http:");
        let [http, https] = &self.proxies;
        note(&request, if is_plain { http } else { https }.as_deref());
        let members = answers::members(&request);
        let answering = if is_plain { self.http.call(request) } else { self.https.call(request) };
        answers::checked(members, answering)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(transport: Transport) -> String {
        let error = client(&transport).unwrap_err();
        assert_eq!(error.kind, Kind::Invalid);
        error.to_string()
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_named_without_its_password() {
        let said = refused(Transport {
            https_proxy: Some("socks5://user:pass@proxy:1".into()),
            ..Transport::default()
        });
        assert!(said.contains("socks5://proxy:1") && !said.contains("pass"), "{said}");
    }

    #[test]
    fn a_file_without_certificates_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ca.pem");
        std::fs::write(&file, "no certificate\n").unwrap();
        let path = file.display().to_string();
        for bundle in [path.clone(), dir.path().join("missing.pem").display().to_string()] {
            let said = refused(Transport {
                custom_ca_bundle: Some(bundle.clone()),
                ..Transport::default()
            });
            assert!(said.contains(&bundle), "{said}");
        }
    }
}
