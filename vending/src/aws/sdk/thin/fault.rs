//! The error of a service, in the words of its protocol.

use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::xml::Xml;

/// An error that a service answered.
#[derive(Debug, thiserror::Error)]
#[error("{}: {}", .0.code().unwrap_or("no code"), .0.message().unwrap_or_default())]
pub(super) struct Fault(ErrorMetadata);

impl ProvideErrorMetadata for Fault {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

impl Fault {
    /// Reads it: in XML `Code` and `Message`, wherever they stand (`Response/Errors/Error` of EC2, `Error` of S3,
    /// `ErrorResponse/Error` of others); without a code where it says none.
    pub(super) fn read(headers: &Headers, body: &str) -> Self {
        let mut metadata = ErrorMetadata::builder();
        if let Some(xml) = Xml::parse(body) {
            if let Some(code) = xml.anywhere("Code") {
                metadata = metadata.code(code);
            }
            if let Some(message) = xml.anywhere("Message") {
                metadata = metadata.message(message);
            }
        } else if let Some(code) = headers.get("x-amzn-errortype") {
            metadata = metadata.code(code.split(':').next().unwrap_or_default());
        }
        Self(metadata.build())
    }
}
