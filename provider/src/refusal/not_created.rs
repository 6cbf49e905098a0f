//! Why AWS made no account, said to a person: each of its reasons, what stands behind it, and what
//! to do.

use fleet_vending::aws::api::NotCreated;

use crate::diagnostic::{Report, error};

/// What a reason means to a person.
struct Meaning {
    code: &'static str,
    summary: &'static str,
    why: &'static str,
    todo: &'static str,
    /// The attribute that is to blame, where it is one.
    attribute: Option<&'static str>,
}

/// Says why there is no account. `message` is AWS's own, or empty; `request_id` is `car-…`.
pub(super) fn report(
    reason: &NotCreated,
    message: &str,
    request_id: Option<&str>,
    doing: &str,
) -> Report {
    let said = super::said(reason.as_str(), message);
    let request = request_id.map(|id| format!(" (request `{id}`)")).unwrap_or_default();
    meaning(reason).report(format!("Cannot {doing}: AWS answered {said}{request}."))
}

/// Says that the time was over while a request was made again and again, where its reason says more
/// than that. `what` happened.
pub(super) fn still(reason: &NotCreated, what: &str) -> Option<Report> {
    match reason {
        NotCreated::ConcurrentAccountModification
        | NotCreated::FinalizingOrganization
        | NotCreated::AccountCreationRateLimitExceeded => Some(meaning(reason).report(what)),
        _ => None,
    }
}

impl Meaning {
    fn report(self, what: impl Into<String>) -> Report {
        let next = "The next apply looks for the account before it asks for one.";
        let report = error(self.code, self.summary)
            .what(what)
            .why(self.why)
            .todo(format!("{} {next}", self.todo));
        match self.attribute {
            Some(attribute) => report.at(attribute),
            None => report,
        }
    }
}

const VALIDATION: &str = "AWS makes accounts only for an owner whose business it could validate, and validates that of the management account. Nothing was created.";

fn meaning(reason: &NotCreated) -> Meaning {
    let of = |code, summary, why, todo| Meaning { code, summary, why, todo, attribute: None };
    let at = |attribute, meaning| Meaning { attribute: Some(attribute), ..meaning };
    match reason {
        NotCreated::AccountLimitExceeded | NotCreated::AccountNumberLimitExceeded => of(
            "FLEET0514",
            "The organization may have no more accounts",
            "The quota of accounts counts closed accounts too, until AWS removes them 90 days after the close. An organization that is less than an hour old may answer this without having reached its quota.",
            "Ask for a higher quota in Service Quotas (AWS Organizations, `Default maximum number of accounts`, in us-east-1 of the management account), then apply again. For a new organization: wait an hour first.",
        ),
        NotCreated::EmailAlreadyExists => at(
            "email",
            of(
                "FLEET0515",
                "The email is taken outside of this organization",
                "An email belongs to one AWS account in the whole world, and no account of this organization has it. Either an account outside of the organization has it, or one that was closed and is not listed any more: AWS does not give an email free again.",
                "Use an email that no AWS account ever had (`aws+key@…` makes a new one of each mailbox that takes plus addresses). To have this one: sign in as that account's root user, and either change its email there, or have the account invited to this organization.",
            ),
        ),
        NotCreated::InvalidAddress | NotCreated::MasterAccountMissingContactInfo => of(
            "FLEET0516",
            "The management account's address is not valid",
            "A new account gets its postal address and telephone number from the management account, and AWS does not accept what is there.",
            "Correct the contact information of the management account (its Account page, or `aws account get-contact-information` and `put-contact-information`), then apply again.",
        ),
        NotCreated::InvalidEmail | NotCreated::InvalidEmailAddressTarget => at(
            "email",
            of(
                "FLEET0517",
                "AWS does not accept the email",
                "AWS takes fewer addresses than mail does: 6 to 64 ASCII characters, without spaces, without quotes, brackets, commas, colons, semicolons, backslashes, `|`, `%` and `&` before the `@`, where it does not begin with a dot.",
                "Write another email, then apply again.",
            ),
        ),
        NotCreated::ConcurrentAccountModification => of(
            "FLEET0518",
            "An earlier request for this account does not end",
            "AWS says that it works on a request with the same email and name already, and an account of it did not show. A second request is not made beside it.",
            "Apply again later. If it stays so for hours, look at `aws organizations list-create-account-status`, and give AWS Support the id of the request.",
        ),
        NotCreated::InternalFailure => of(
            "FLEET0519",
            "AWS failed to make the account",
            "The failure is inside of AWS, and three further requests failed in the same way.",
            "Apply again later. If it stays so, look at the AWS Health Dashboard, and give AWS Support the id of the request.",
        ),
        NotCreated::GovcloudAccountAlreadyExists => at(
            "email",
            of(
                "FLEET0520",
                "The email is taken in AWS GovCloud (US)",
                "The partition aws-us-gov has an account with this email, so no account can be made for it.",
                "Use another email, then apply again.",
            ),
        ),
        NotCreated::MissingBusinessValidation | NotCreated::MasterAccountMissingBusinessLicense => {
            of(
                "FLEET0521",
                "The management account's business is not validated",
                VALIDATION,
                "Submit the business licence in the console of the management account (in the China regions: to the operator, Sinnet or NWCD), wait until it is validated, then apply again.",
            )
        }
        NotCreated::PendingBusinessValidation => of(
            "FLEET0522",
            "The management account's business is being validated",
            VALIDATION,
            "Wait until the validation has ended, which takes days, then apply again. AWS Support says how far it is.",
        ),
        NotCreated::FailedBusinessValidation | NotCreated::UnknownBusinessValidation => of(
            "FLEET0523",
            "The management account's business validation failed",
            VALIDATION,
            "Ask AWS Support from the management account what is wrong with its business validation, correct that, then apply again.",
        ),
        NotCreated::InvalidIdentityForBusinessValidation => of(
            "FLEET0524",
            "The management account's identity data is not valid",
            VALIDATION,
            "Correct the identity data (name, number of the document, business name) in the console of the management account, have the business validated again, then apply again.",
        ),
        NotCreated::MissingPaymentInstrument
        | NotCreated::InvalidPaymentInstrument
        | NotCreated::MasterAccountPaymentInstrumentRequired
        | NotCreated::UnmetBillingPrerequisite => of(
            "FLEET0525",
            "The management account cannot pay for an account",
            "The management account pays for every account of the organization, and it has no payment method, one that AWS does not support (such as a card that is over, or issued in Russia or Belarus), or billing that is set up in another way than AWS asks for here.",
            "Look at Payment preferences in the Billing console of the management account, make a valid method the default, then apply again. Where one is there already, AWS Support says what is missing.",
        ),
        NotCreated::UpdateExistingResourcePolicyWithTagsNotSupported => of(
            "FLEET0526",
            "The organization's resource policy stands in the way",
            "AWS gives this reason without explaining it. Its words say that the organization's resource policy would have to change together with tags, which is not supported. The tags of an account go in with the request, since a half-made account is found again by them, so they cannot be left out.",
            "Look at that policy (`aws organizations describe-resource-policy`), and ask AWS Support by the id of the request, then apply again.",
        ),
        NotCreated::TagPolicyViolation => at(
            "tags",
            of(
                "FLEET0527",
                "A tag policy does not allow a tag of the account",
                "Tag policies that are enforced say which keys are written how, and which values they have. One tag that breaks them, and AWS makes no account. Default tags of the provider block count, and so do the tags `fleet:…` of the provider's own.",
                "Compare the tags with the policies at the root (`aws organizations list-policies --filter TAG_POLICY`), correct the tag, or leave `fleet:` keys out of the policies' enforcement, then apply again.",
            ),
        ),
        NotCreated::MaxTagLimitExceeded => at(
            "tags",
            of(
                "FLEET0530",
                "AWS does not accept an argument of the account",
                "An account has at most 50 tags, with the default tags of the provider block and the provider's own.",
                "Use fewer tags, then apply again.",
            ),
        ),
        NotCreated::DuplicateTagKey => at(
            "tags",
            of(
                "FLEET0530",
                "AWS does not accept an argument of the account",
                "Two tags of an account may not have keys that differ in case only; default tags of the provider block count.",
                "Write each key once, then apply again.",
            ),
        ),
        NotCreated::InvalidSystemTagsParameter => at(
            "tags",
            of(
                "FLEET0530",
                "AWS does not accept an argument of the account",
                "Tags that begin with `aws:` are AWS's own.",
                "Use another key, then apply again.",
            ),
        ),
        NotCreated::InvalidRoleName => at(
            "role_name",
            of(
                "FLEET0530",
                "AWS does not accept an argument of the account",
                "The name of a role has 1 to 64 letters, digits and `_+=,.@-`.",
                "Write another `role_name`, then apply again.",
            ),
        ),
        NotCreated::InvalidFullNameTarget => at(
            "name",
            of(
                "FLEET0530",
                "AWS does not accept an argument of the account",
                "The name of an account has 1 to 50 printable ASCII characters.",
                "Write another `name`, then apply again.",
            ),
        ),
        NotCreated::InvalidPattern
        | NotCreated::MaxLengthExceeded
        | NotCreated::MinLengthExceeded
        | NotCreated::InvalidInput => of(
            "FLEET0530",
            "AWS does not accept an argument of the account",
            "A value is too long, too short, or has a character that AWS does not take. AWS does not always say which: what goes into the request is `name`, `email`, `role_name`, `tags`, and the default tags of the provider block.",
            "Look at AWS's text and at these values, correct the one it is about, then apply again.",
        ),
        NotCreated::MasterAccountAddressDoesNotMatchMarketplace => of(
            "FLEET0528",
            "The management account is with another seller of AWS",
            "All accounts of an organization buy from one seller of AWS (such as Amazon Web Services, Inc., or AWS EMEA SARL), and the address of the management account asks for another than it has.",
            "Correct the address of the management account, or have AWS Support move it to the seller of its address, then apply again.",
        ),
        NotCreated::AccountCreationNotComplete => of(
            "FLEET0529",
            "The management account is not set up yet",
            "The management account is not fully active: its sign-up has steps that nobody finished, or AWS is still at work on them.",
            "Sign in to the console of the management account, finish its sign-up (payment, telephone, support plan), wait until it is active, then apply again.",
        ),
        NotCreated::OrganizationNotInAllFeaturesMode => of(
            "FLEET0531",
            "The organization does not have all features",
            "The organization has consolidated billing only. Tags of accounts, policies and the access to new accounts need all features.",
            "Enable all features (`aws organizations enable-all-features` in the management account; invited accounts are asked to agree), then apply again.",
        ),
        NotCreated::AccessDenied | NotCreated::AccessDeniedForDependency => of(
            "FLEET0532",
            "The caller may not create accounts",
            "CreateAccount works in the management account only, for a caller that may `organizations:CreateAccount` and `organizations:TagResource`, and, in an organization without its service-linked role, `iam:CreateServiceLinkedRole`.",
            "Look who the caller is (`aws sts get-caller-identity`), use a role of the management account (`assume_role` in the provider block), and allow it these actions, then apply again.",
        ),
        NotCreated::FinalizingOrganization => of(
            "FLEET0533",
            "The organization is still being set up",
            "AWS finishes a new organization in the background, for up to an hour, and makes no accounts until then. It was asked again until the time was over.",
            "Wait until the organization is an hour old, then apply again; if it still says so, ask AWS Support. `timeouts` gives an apply more time.",
        ),
        NotCreated::AccountCreationRateLimitExceeded => of(
            "FLEET0534",
            "Too many accounts are in creation",
            "AWS makes five accounts of an organization at a time. Others, such as other configurations, pipelines or people, kept all five places until the time was over.",
            "Apply again: the account gets its place when one is free. `aws organizations list-create-account-status --states IN_PROGRESS` shows who has them; `timeouts` gives an apply more time.",
        ),
        NotCreated::NotInUse => of(
            "FLEET0532",
            "The caller's account is in no organization",
            "The credentials belong to an account that is not a member of any organization.",
            "Look who the caller is (`aws sts get-caller-identity`), and use a role of the organization's management account (`assume_role` in the provider block), then apply again.",
        ),
        NotCreated::UnsupportedEndpoint => of(
            "FLEET0532",
            "This endpoint creates no accounts",
            "AWS Organizations is called in one region of each partition, and not every partition has every call.",
            "Leave out `endpoints.organizations` and `AWS_ENDPOINT_URL_ORGANIZATIONS`, and look at the partition of `region`, then apply again.",
        ),
        // Waited out by the engine: they come here only where it gave up in another way.
        NotCreated::ConcurrentModification | NotCreated::TooManyRequests | NotCreated::Service => {
            of(
                "FLEET0505",
                "AWS did not create the account",
                "AWS was busy or failed, also when it was asked again.",
                "Apply again.",
            )
        }
        NotCreated::Other(_) => of(
            "FLEET0505",
            "AWS did not create the account",
            "The reason is AWS's, and this version of the provider does not know it. Nothing was created, and nothing is kept in the state.",
            "Correct what the reason names, then apply again.",
        ),
    }
}
