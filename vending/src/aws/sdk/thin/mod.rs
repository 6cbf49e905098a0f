//! A client of services of which vending makes a few flat calls each, and whose SDK crates are larger than all else that
//! it is built of (DESIGN.md, *The thin client*). What is hard is the SDK's: its orchestrator, signing, connections and
//! time-outs. What is here says where a service is, how a request is written and how an error is read, and is held to
//! botocore's models (`tests/data/botocore`).

mod endpoint;
mod fault;
mod operation;
mod request;
mod xml;

use std::sync::Arc;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::http::Headers;
use aws_types::request_id::RequestId;

pub(crate) use request::Request;
pub(crate) use xml::Xml;

use super::answers;
use super::retry::Sender;
use crate::error::{Error, Kind};

/// A service, as its model describes it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Service {
    /// Its name in `endpoints` of the provider block.
    pub(crate) name: &'static str,
    /// The `serviceId` of its model, by which the SDKs' variables and shared files name it.
    pub(crate) id: &'static str,
    /// What its requests are signed for.
    pub(crate) signs_as: &'static str,
    /// Whether it signs paths as S3 does.
    pub(crate) is_s3: bool,
}

/// Amazon EC2: the query protocol.
pub(crate) const EC2: Service = Service { name: "ec2", id: "EC2", signs_as: "ec2", is_s3: false };

/// S3 Control: REST with XML, at an endpoint of the account's own.
pub(crate) const S3_CONTROL: Service =
    Service { name: "s3control", id: "S3 Control", signs_as: "s3", is_s3: true };

/// Where the provider block says that a service is.
pub(crate) type Endpoints = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The client, over the credentials of a configuration.
#[derive(Clone)]
pub(crate) struct Thin {
    sdk: SdkConfig,
    sender: Sender,
    endpoints: Endpoints,
}

impl Thin {
    pub(crate) fn new(sdk: SdkConfig, sender: Sender, endpoints: Endpoints) -> Self {
        Self { sdk, sender, endpoints }
    }

    /// Makes a call (`service:Operation`) in a region; it is tried again as every other one.
    ///
    /// # Errors
    /// The service's, or that of the way to it.
    pub(crate) async fn send(
        &self,
        service: &'static Service,
        region: &str,
        call: &'static str,
        request: Request,
    ) -> Result<Answer, Error> {
        let given = (self.endpoints)(service.name);
        let host = request.host_prefix();
        let url = endpoint::url(&self.sdk, service, region, host, given.as_deref());
        let operation = operation::operation(&self.sdk, service, region, call, &url);
        self.sender.send(call, || operation.invoke(request.clone())).await
    }
}

/// What a service answered.
#[derive(Debug)]
pub(crate) struct Answer {
    body: String,
    request_id: Option<String>,
}

impl RequestId for Answer {
    fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

impl Answer {
    fn new(headers: &Headers, body: String) -> Self {
        let names = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"];
        let request_id = names.into_iter().find_map(|name| headers.get(name)).map(str::to_owned);
        Self { body, request_id }
    }

    /// Reads it as XML.
    ///
    /// # Errors
    /// It is none: whether the call had its effect is not known.
    pub(crate) fn xml(&self, call: &'static str) -> Result<Xml<'_>, Error> {
        Xml::parse(&self.body).ok_or_else(|| answers::incomplete(call, "answer in XML"))
    }

    /// Reads it as XML of the query protocol, whose outermost element is named for the operation: a page of somebody else's, or
    /// the answer to another call, has none of the members that may be missing, and would read as one where nothing is set.
    ///
    /// # Errors
    /// As for [`Self::xml`].
    pub(crate) fn query_xml(&self, call: &'static str) -> Result<Xml<'_>, Error> {
        let operation = call.split_once(':').map_or(call, |(_, operation)| operation);
        let xml = self.xml(call)?;
        match xml.root().strip_suffix("Response") {
            Some(of) if of == operation => Ok(xml),
            _ => Err(answers::incomplete(call, "answer in XML")),
        }
    }
}

/// A word of AWS's that this version does not know where it decides something: it passes for nothing.
pub(crate) fn unheard(call: &'static str, member: &str, word: &str) -> Error {
    let word: String = word.chars().take(80).flat_map(char::escape_default).collect();
    Error::new(call, Kind::Unexpected, "UnknownWord", format!("`{member}` is `{word}`"))
}

#[cfg(test)]
mod tests;
