//! What an apply or a refresh says of an account that exists, as a person reads it.

use fleet_model::contact::ContactType;
use fleet_vending::NotGoverned;
use fleet_vending::error::{Error, Tries};

use super::super::tests::planned;
use super::*;

fn told(all: Vec<Diagnostic>) -> String {
    let told = all.into_iter().map(|of| {
        let path = of.path.as_ref().map(ToString::to_string).unwrap_or_default();
        format!("{:?}: {} [{path}]\n\n{}", of.severity, of.summary, of.detail)
    });
    told.collect::<Vec<_>>().join("\n\n---\n\n")
}

fn call(kind: Kind, call: &str, code: &str) -> Refusal {
    Refusal::Call(Error::new(call, kind, code, "AWS's own text."))
}

#[test]
fn what_failed_while_the_apply_went_on_reads_by_its_cause() {
    let rows = [
        (Attempt::Tags, call(Kind::Denied, "organizations:TagResource", "AccessDeniedException")),
        (
            Attempt::Read,
            call(Kind::Unanswered, "organizations:DescribeAccount", "ServiceException"),
        ),
        (Attempt::Name, call(Kind::Invalid, "account:PutAccountName", "ValidationException")),
        (
            Attempt::Contacts,
            call(Kind::Unsupported, "account:GetAlternateContact", "NotImplemented"),
        ),
        (Attempt::Regions, call(Kind::Quota, "account:EnableRegion", "QuotaExceeded")),
        (
            Attempt::Control("oidc-trust"),
            call(Kind::AlreadyExists, "iam:CreateOpenIDConnectProvider", "EntityAlreadyExists"),
        ),
        (
            Attempt::Quarantine,
            call(Kind::NotFound, "organizations:AttachPolicy", "PolicyNotFoundException"),
        ),
        (Attempt::Parent, Refusal::NoSuchParent { path: "Gone".into(), nearest: Vec::new() }),
        (
            Attempt::Shut,
            Refusal::OutOfTime { waiting_for: "the role to let us in".into(), tried: None },
        ),
        (
            Attempt::Enrolment,
            Refusal::NotGoverned {
                object: "account 111122223333".into(),
                why: NotGoverned::Failed { message: Some("A recorder is there".into()) },
            },
        ),
        (
            Attempt::Parent,
            Refusal::UnitBusy { unit: "ou-ab12-prod0000".into(), other: "444455556666".into() },
        ),
        (
            Attempt::Enter,
            Refusal::NoAccessRole {
                account_id: "111122223333".into(),
                caller: "123456789012".into(),
                tried: vec!["OrganizationAccountAccessRole".into()],
                remedy: "aws iam create-role …".into(),
            },
        ),
    ];
    let failed = rows.map(|(attempt, refusal)| failed(&planned(), &Failure { attempt, refusal }));
    insta::assert_snapshot!(told(failed.into()));
}

#[test]
fn each_warning_of_the_engine_has_words_of_its_own() {
    let text = str::to_owned;
    let all = [
        Warning::RoleStays { role: text("fleet-vending") },
        Warning::RetiredUnseen { reason: text("OrganizationAccountAccessRole: AccessDenied") },
        Warning::EmailDiffers { found: text("new@example.com"), asked: text("old@example.com") },
        Warning::PolicyStays { policy: text("p-former01") },
        Warning::ForeignPolicy { policy: text("p-freeze01") },
        Warning::InQuarantine { unit: text("ou-ab12-quaranti") },
        Warning::ContactStays { of: ContactType::Security },
        Warning::Stays(Stays::Role { role: text("fleet-plan"), manager: Some(text("other/team")) }),
        Warning::Stays(Stays::Role { role: text("fleet-plan"), manager: None }),
        Warning::Stays(Stays::Provider { url: text("gitlab.example.com") }),
        Warning::Stays(Stays::Trusted {
            url: text("gitlab.example.com"),
            roles: vec![text("deployer")],
        }),
        Warning::Stays(Stays::Guardrail {
            name: text("fleet-regulated-foundation"),
            manager: Some(text("other/team")),
        }),
        Warning::Stays(Stays::Guardrail { name: text("fleet-foundation"), manager: None }),
        Warning::Stays(Stays::Password),
        Warning::Released {
            object: text("account 111122223333 (payments)"),
            shut: vec![text("fleet-apply"), text("token.actions.githubusercontent.com")],
            open_role: Some(text("fleet-vending")),
        },
        Warning::Released { object: text("a"), shut: Vec::new(), open_role: None },
        Warning::ReleasedUnseen { object: text("a"), reason: text("no role is left") },
        Warning::Closing { object: text("a") },
    ];
    insta::assert_snapshot!(told(all.iter().map(|of| warned("Account payments", of)).collect()));
}

#[test]
fn where_an_account_stands_reads_by_what_keeps_it_there() {
    let at = |phase: &str| Model {
        phase: tfplugin::Attr::Known(phase.to_owned()),
        status_reason: tfplugin::Attr::Known("open checks: password-policy".to_owned()),
        ..planned()
    };
    let ends = [Phase::Suspended, Phase::Closing, Phase::Closed];
    let throttled = Error::new("organizations:ListAccounts", Kind::Throttled, "Throttling", "");
    let tries = Tries { times: 7, last: throttled.clone() };
    let mut all: Vec<Diagnostic> = ends.map(|end| ended(&at(end.as_str()), end)).into();
    all.push(not_ready(&at("baselined"), false, None));
    all.push(not_ready(&at("baselined"), true, None));
    for of in [
        Unfinished::Stopped,
        Unfinished::OutOfTime(None),
        Unfinished::OutOfTime(Some(Box::new(tries))),
        Unfinished::Failed(throttled),
    ] {
        all.push(unfinished(&at("ready"), &of));
    }
    insta::assert_snapshot!(told(all));
}
