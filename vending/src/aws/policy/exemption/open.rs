//! What a policy of quarantine leaves open, to whom.

use serde_json::Value;

use super::{NotAPolicy, SPARING, like, many};

/// What a frozen account could still do under `document` and must not: `None` where a statement denies everything, but to
/// principals that are named, and but for actions that only look. AWS knows no end of actions, so a list of services
/// is never everything, and a condition on anything but the principal is a door.
///
/// # Errors
/// [`NotAPolicy`].
pub fn left_open(document: &str) -> Result<Option<Open>, NotAPolicy> {
    let document: Value = serde_json::from_str(document).map_err(|_| NotAPolicy)?;
    let statements: Vec<&Value> = many(document.get("Statement").ok_or(NotAPolicy)?).collect();
    let denies = |of: &&Value| of.get("Effect").and_then(Value::as_str) == Some("Deny");
    let mut least: Option<Open> = Some(Open::Everything);
    for statement in statements.into_iter().filter(denies) {
        match open_beside(statement) {
            None => return Ok(None),
            Some(open) => least = least.max(Some(open)),
        }
    }
    Ok(least)
}

/// What a policy that should deny everything leaves open; the later ones are closer to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Open {
    /// No statement denies all actions.
    #[error("it denies some actions only, where `\"Action\": \"*\"` denies all")]
    Everything,
    /// Resources are left out.
    #[error("it denies all actions on some resources only, where `\"Resource\": \"*\"` means all")]
    Resources,
    /// It depends on something else than who asks.
    #[error("what it denies depends on `{0}`, and not only on who asks")]
    Condition(String),
    /// It says whom it leaves out by an operator that does not mean each of them.
    #[error(
        "it leaves principals out by `{0}`, which does not deny to everybody else: use `ArnNotLike`"
    )]
    Operator(String),
    /// It leaves out principals of which the ARN does not say who they are.
    #[error("it leaves out everybody whose ARN is like `{0}`")]
    Principals(String),
    /// An action is left out that is not known to look and nothing else.
    #[error(
        "its `NotAction` leaves out `{0}`, which is not among what may stay open in a frozen account"
    )]
    Action(String),
}

/// Services of which `Describe*` and `List*` tell what there is and how it is set up, and no more. In others they hand out
/// keys (`appsync:ListApiKeys`), passwords (`storagegateway:DescribeChapCredentials`) or data (`chime:ListChannelMessages`).
const DESCRIBED: &[&str] = &[
    "access-analyzer",
    "application-autoscaling",
    "autoscaling",
    "cloudformation",
    "cloudfront",
    "cloudtrail",
    "cloudwatch",
    "config",
    "controltower",
    "ec2",
    "ecr",
    "ecs",
    "eks",
    "elasticache",
    "elasticfilesystem",
    "elasticloadbalancing",
    "events",
    "fsx",
    "globalaccelerator",
    "guardduty",
    "iam",
    "inspector2",
    "kms",
    "lambda",
    "organizations",
    "ram",
    "rds",
    "resource-groups",
    "route53",
    "route53resolver",
    "secretsmanager",
    "securityhub",
    "servicequotas",
    "sqs",
];

/// What else may stay open: it looks, and people need it to see what happens to the account; help; and bills.
const NAMED: &[&str] = &[
    "access-analyzer:get*",
    "account:getaccountinformation",
    "account:getregionoptstatus",
    "account:listregions",
    "aws-portal:*",
    "billing:*",
    "budgets:viewbudget",
    "ce:*",
    "cloudtrail:geteventselectors",
    "cloudtrail:gettrail",
    "cloudtrail:gettrailstatus",
    "cloudtrail:lookupevents",
    "cloudwatch:getmetricdata",
    "cloudwatch:getmetricstatistics",
    "config:get*",
    "cur:*",
    "guardduty:get*",
    "health:*",
    "iam:generate*",
    "iam:get*",
    "iam:simulate*",
    "kms:getkeypolicy",
    "kms:getkeyrotationstatus",
    "logs:describe*",
    "s3:getaccountpublicaccessblock",
    "s3:getbucket*",
    "s3:getencryptionconfiguration",
    "s3:listallmybuckets",
    "s3:listbucket",
    "securityhub:get*",
    "servicequotas:get*",
    "sns:listsubscriptions",
    "sns:listtopics",
    "sts:decodeauthorizationmessage",
    "sts:getaccesskeyinfo",
    "sts:getcalleridentity",
    "support:*",
    "tag:get*",
];

/// Whether everything that `pattern`, in lower case, speaks of only looks. A pattern that one of ours fits as if it were a
/// text is no wider than ours: each of its wildcards stands where ours has one.
fn looks(pattern: &str) -> bool {
    let described = || {
        let (service, operation) = pattern.split_once(':')?;
        let tells = operation.starts_with("describe") || operation.starts_with("list");
        Some(tells && DESCRIBED.contains(&service))
    };
    NAMED.iter().any(|ours| like(ours, pattern)) || described().unwrap_or_default()
}

/// What one statement leaves open.
fn open_beside(statement: &Value) -> Option<Open> {
    let texts = |field: &str| -> Vec<String> {
        let listed = statement.get(field).into_iter().flat_map(many);
        listed.filter_map(Value::as_str).map(str::to_ascii_lowercase).collect()
    };
    let all = |text: &String| !text.is_empty() && text.chars().all(|c| c == '*' || c == ':');
    if statement.get("NotAction").is_some() {
        if let Some(action) = texts("NotAction").into_iter().find(|action| !looks(action)) {
            return Some(Open::Action(action));
        }
    } else if !texts("Action").iter().any(all) {
        return Some(Open::Everything);
    }
    if statement.get("NotResource").is_some() || !texts("Resource").iter().any(all) {
        return Some(Open::Resources);
    }
    let conditions = statement.get("Condition").and_then(Value::as_object);
    for (written, keys) in conditions.into_iter().flatten() {
        let lower = written.to_ascii_lowercase();
        let operator = lower.strip_suffix("ifexists").unwrap_or(&lower);
        for (key, values) in keys.as_object().into_iter().flatten() {
            if !key.eq_ignore_ascii_case("aws:PrincipalArn") {
                return Some(Open::Condition(key.clone()));
            }
            if !SPARING.contains(&operator) {
                return Some(Open::Operator(written.clone()));
            }
            let wide =
                many(values).filter_map(Value::as_str).find(|pattern| !names_a_role(pattern));
            if let Some(wide) = wide {
                return Some(Open::Principals(wide.to_owned()));
            }
        }
    }
    None
}

/// How the roles of Identity Center begin: of everybody's.
const PERMISSION_SET: &str = "AWSReservedSSO_";

/// Whether a pattern of an ARN says which role it means: its name begins with at least three characters that are no
/// wildcard, and that not each role of Identity Center has. A path says where a role is, not which; a policy variable is
/// whatever the principal has it say.
fn names_a_role(pattern: &str) -> bool {
    let resource = pattern.splitn(6, ':').nth(5).and_then(|of| of.strip_prefix("role/"));
    let Some(resource) = resource.filter(|of| !of.contains('$')) else { return false };
    let name = resource.rsplit('/').next().unwrap_or_default();
    let of_a_set = name.trim_start_matches('*').strip_prefix(PERMISSION_SET);
    let name = of_a_set.unwrap_or(name);
    let begin = name.split(['*', '?']).next().unwrap_or_default();
    begin.len() >= 3 && (begin == name || !PERMISSION_SET.starts_with(begin))
}
