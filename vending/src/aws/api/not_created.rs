//! Why there is no account, in AWS's own words.

/// Declares the words once: a variant each, and its spelling.
macro_rules! words {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)+) => {
        /// Why `CreateAccount` makes no account: how a request that AWS took ended
        /// (`CreateAccountFailureReason`), or with which error it was not taken (its exception, or
        /// the `Reason` of a `ConstraintViolationException` or an `InvalidInputException`).
        ///
        /// Sources: <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccountStatus.html>,
        /// <https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html>.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub enum NotCreated {
            $($(#[$doc])* $variant,)+
            /// A word that this version does not know, as AWS wrote it.
            Other(String),
        }

        impl NotCreated {
            /// Every word that is known.
            pub const KNOWN: &[Self] = &[$(Self::$variant),+];

            /// Reads AWS's word.
            #[must_use]
            pub fn parse(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    // The documentation has this word where the API's model has the other.
                    "IDENTITY_INVALID_BUSINESS_VALIDATION" => Self::InvalidIdentityForBusinessValidation,
                    other => Self::Other(other.to_owned()),
                }
            }

            /// AWS's word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }
    };
}

words! {
    // === how a request ended ===
    /// The organization has as many accounts as it may.
    AccountLimitExceeded = "ACCOUNT_LIMIT_EXCEEDED",
    /// A request with the same information is in progress: AWS's own de-duplication.
    ConcurrentAccountModification = "CONCURRENT_ACCOUNT_MODIFICATION",
    /// Some account, anywhere in AWS, has or had the email.
    EmailAlreadyExists = "EMAIL_ALREADY_EXISTS",
    /// The management account's business licence was not validated.
    FailedBusinessValidation = "FAILED_BUSINESS_VALIDATION",
    /// The partition aws-us-gov has an account with this email.
    GovcloudAccountAlreadyExists = "GOVCLOUD_ACCOUNT_ALREADY_EXISTS",
    /// AWS's own fault.
    InternalFailure = "INTERNAL_FAILURE",
    /// The postal address, which a new account has from the management account.
    InvalidAddress = "INVALID_ADDRESS",
    /// The email is not one to AWS.
    InvalidEmail = "INVALID_EMAIL",
    /// The management account lacks valid identity data for the business validation.
    InvalidIdentityForBusinessValidation = "INVALID_IDENTITY_FOR_BUSINESS_VALIDATION",
    /// The management account has no payment method that AWS supports.
    InvalidPaymentInstrument = "INVALID_PAYMENT_INSTRUMENT",
    /// The management account has no business validation.
    MissingBusinessValidation = "MISSING_BUSINESS_VALIDATION",
    /// The management account has no payment method.
    MissingPaymentInstrument = "MISSING_PAYMENT_INSTRUMENT",
    /// The management account's business validation is under way.
    PendingBusinessValidation = "PENDING_BUSINESS_VALIDATION",
    /// Something is wrong with the management account's business validation.
    UnknownBusinessValidation = "UNKNOWN_BUSINESS_VALIDATION",
    /// The organization's resource policy stands against it.
    UpdateExistingResourcePolicyWithTagsNotSupported =
        "UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED",

    // === constraints that keep a request from being taken ===
    /// The management account is not set up, or not active.
    AccountCreationNotComplete = "ACCOUNT_CREATION_NOT_COMPLETE",
    /// As many accounts as may be are in creation.
    AccountCreationRateLimitExceeded = "ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED",
    /// The organization has as many accounts as it may, closed ones included.
    AccountNumberLimitExceeded = "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
    /// The management account is with another seller of AWS than its address asks for.
    MasterAccountAddressDoesNotMatchMarketplace =
        "MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE",
    /// The management account has no business licence (China).
    MasterAccountMissingBusinessLicense = "MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE",
    /// The management account has no contact address or phone number.
    MasterAccountMissingContactInfo = "MASTER_ACCOUNT_MISSING_CONTACT_INFO",
    /// The management account has no payment method.
    MasterAccountPaymentInstrumentRequired = "MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED",
    /// More tags than an account may have.
    MaxTagLimitExceeded = "MAX_TAG_LIMIT_EXCEEDED",
    /// The organization has consolidated billing only.
    OrganizationNotInAllFeaturesMode = "ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
    /// A tag policy does not allow one of the tags.
    TagPolicyViolation = "TAG_POLICY_VIOLATION",
    /// The management account's billing is set up in a way that AWS does not support here.
    UnmetBillingPrerequisite = "UNMET_BILLING_PREREQUISITE",

    // === values that AWS does not take ===
    /// A tag key twice.
    DuplicateTagKey = "DUPLICATE_TAG_KEY",
    /// The email is not one to AWS.
    InvalidEmailAddressTarget = "INVALID_EMAIL_ADDRESS_TARGET",
    /// The name is not one to AWS.
    InvalidFullNameTarget = "INVALID_FULL_NAME_TARGET",
    /// A character where it may not be.
    InvalidPattern = "INVALID_PATTERN",
    /// The access role's name.
    InvalidRoleName = "INVALID_ROLE_NAME",
    /// A tag that belongs to AWS.
    InvalidSystemTagsParameter = "INVALID_SYSTEM_TAGS_PARAMETER",
    /// Too long.
    MaxLengthExceeded = "MAX_LENGTH_EXCEEDED",
    /// Too short.
    MinLengthExceeded = "MIN_LENGTH_EXCEEDED",
    /// Something else, without a reason that is known.
    InvalidInput = "InvalidInputException",

    // === other errors ===
    /// The caller may not.
    AccessDenied = "AccessDeniedException",
    /// The caller may not make the service-linked role that the organization needs.
    AccessDeniedForDependency = "AccessDeniedForDependencyException",
    /// The caller's account belongs to no organization.
    NotInUse = "AWSOrganizationsNotInUseException",
    /// Somebody else changes the organization.
    ConcurrentModification = "ConcurrentModificationException",
    /// A new organization is being set up, which takes up to an hour.
    FinalizingOrganization = "FinalizingOrganizationException",
    /// AWS failed.
    Service = "ServiceException",
    /// Too many calls.
    TooManyRequests = "TooManyRequestsException",
    /// The region, or the endpoint, has no such call.
    UnsupportedEndpoint = "UnsupportedAPIEndpointException",
}

impl std::fmt::Display for NotCreated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_word_is_read_as_it_is_written_and_no_other() {
        for known in NotCreated::KNOWN {
            assert_eq!(&NotCreated::parse(known.as_str()), known);
        }
        let words: BTreeSet<&str> = NotCreated::KNOWN.iter().map(NotCreated::as_str).collect();
        assert_eq!(words.len(), NotCreated::KNOWN.len());
        let new = NotCreated::parse("A_NEW_WORD");
        assert_eq!((new.as_str(), &new), ("A_NEW_WORD", &NotCreated::Other("A_NEW_WORD".into())));
    }
}
