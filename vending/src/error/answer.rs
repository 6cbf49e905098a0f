//! Codes of AWS's that decide something beyond their [`Kind`](super::Kind): the one table of them.

use super::Error;

/// What a code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The object is in a state, or an address in a use, that does not agree with the call.
    Conflict,
    /// The root has this type of policy switched off.
    PolicyTypeOff,
    /// The policy is not attached there.
    NotAttached,
    /// The unit still has accounts or units.
    UnitNotEmpty,
    /// Units are nested no deeper.
    UnitTooDeep,
    /// The account is a delegated administrator of a service.
    DelegatedAdministrator,
    /// It is the management account.
    ManagementAccount,
}

impl Answer {
    /// AWS's words for it, without the ending `Exception`
    /// ([Organizations](https://docs.aws.amazon.com/organizations/latest/APIReference/API_CloseAccount.html#API_CloseAccount_Errors),
    /// [Account](https://docs.aws.amazon.com/accounts/latest/reference/API_StartPrimaryEmailUpdate.html)).
    fn words(self) -> &'static [&'static str] {
        match self {
            Self::Conflict => &["Conflict"],
            Self::PolicyTypeOff => &["PolicyTypeNotEnabled"],
            Self::NotAttached => &["PolicyNotAttached"],
            Self::UnitNotEmpty => &["OrganizationalUnitNotEmpty"],
            Self::UnitTooDeep => &["OU_DEPTH_LIMIT_EXCEEDED"],
            Self::DelegatedAdministrator => &[
                "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
                "DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE",
            ],
            Self::ManagementAccount => &[
                "CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
                "MANAGEMENT_ACCOUNT_NOT_COMPLIANT_FOR_OPERATION",
            ],
        }
    }

    fn all() -> [Self; 7] {
        [
            Self::Conflict,
            Self::PolicyTypeOff,
            Self::NotAttached,
            Self::UnitNotEmpty,
            Self::UnitTooDeep,
            Self::DelegatedAdministrator,
            Self::ManagementAccount,
        ]
    }
}

impl Error {
    /// What its code says, where that decides something.
    #[must_use]
    pub fn answer(&self) -> Option<Answer> {
        let bare = self.code.strip_suffix("Exception").unwrap_or(&self.code);
        Answer::all().into_iter().find(|answer| answer.words().contains(&bare))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Kind;
    use super::*;

    #[test]
    fn a_code_is_read_whole() {
        for (code, answer) in [
            ("ConflictException", Some(Answer::Conflict)),
            ("PolicyTypeNotEnabledException", Some(Answer::PolicyTypeOff)),
            ("PolicyNotAttachedException", Some(Answer::NotAttached)),
            ("OrganizationalUnitNotEmptyException", Some(Answer::UnitNotEmpty)),
            ("OU_DEPTH_LIMIT_EXCEEDED", Some(Answer::UnitTooDeep)),
            (
                "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
                Some(Answer::DelegatedAdministrator),
            ),
            ("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", Some(Answer::ManagementAccount)),
            // It begins as one of them does, and means something else.
            ("ConflictingOperationException", None),
            ("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR", None),
            ("CREATE_ORGANIZATION_IN_BILLING_MODE_UNSUPPORTED_REGION", None),
            ("", None),
        ] {
            assert_eq!(Error::new("call", Kind::Invalid, code, "").answer(), answer, "{code}");
        }
    }
}
