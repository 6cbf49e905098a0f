//! Cases for the evaluator: they are asked all at once, and what differs is told together.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::MEMBER;

/// Allows everything: the identity's policy of an administrator, and what AWS attaches to each node of an organization.
pub(crate) const FULL: &str = "FullAWSAccess";

/// The policy that KMS gives a new key: what an identity may do is up to its account.
const KEY: &str = "key";

/// One question.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Case {
    /// Who asks: the ARN of a session, a user, a root user, or of the provider of a token.
    principal: String,
    action: String,
    resource: String,
    /// The account of the resource.
    account: String,
    context: BTreeMap<String, Value>,
    /// Names of policies.
    identity: Vec<String>,
    boundary: Option<String>,
    session: Option<String>,
    /// The service control policies of each node, from the root down; none for the management account.
    scps: Vec<Vec<String>>,
    resource_policy: Option<String>,
    #[serde(skip)]
    expected: bool,
}

#[derive(Debug, Deserialize)]
struct Verdict {
    error: Option<String>,
    #[serde(default)]
    allowed: bool,
    result: Option<String>,
    #[serde(default)]
    ignored: Vec<String>,
}

impl Case {
    /// A session of an administrator's role in the member account.
    pub(crate) fn of(role: &str, action: &str, resource: &str, expected: bool) -> Self {
        Self::by(&session(MEMBER, role), action, resource, expected)
            .with("aws:PrincipalArn", format!("arn:aws:iam::{MEMBER}:role/{role}"))
    }

    /// Somebody with every permission that his account can give.
    pub(crate) fn by(principal: &str, action: &str, resource: &str, expected: bool) -> Self {
        let account =
            |arn: &str| arn.split(':').nth(4).filter(|id| id.len() == 12).map(str::to_owned);
        Self {
            principal: principal.to_owned(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            // What has no account in its ARN is of whoever asks.
            account: account(resource).or_else(|| account(principal)).unwrap_or_default(),
            context: BTreeMap::new(),
            identity: vec![FULL.to_owned()],
            boundary: None,
            session: None,
            scps: Vec::new(),
            resource_policy: resource.contains(":key/").then(|| KEY.to_owned()),
            expected,
        }
    }

    /// A key of the request.
    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.context.insert(key.to_owned(), value.into());
        self
    }

    pub(crate) fn identity(mut self, names: &[&str]) -> Self {
        self.identity = names.iter().map(|name| (*name).to_owned()).collect();
        self
    }

    pub(crate) fn boundary(mut self, name: &str) -> Self {
        self.boundary = Some(name.to_owned());
        self
    }

    pub(crate) fn session(mut self, name: &str) -> Self {
        self.session = Some(name.to_owned());
        self
    }

    /// The service control policies of the account, beside those that AWS attaches.
    pub(crate) fn guarded(mut self, names: &[&str]) -> Self {
        let account = [FULL].iter().chain(names).map(|name| (*name).to_owned()).collect();
        self.scps = vec![vec![FULL.to_owned()], account];
        self
    }

    /// The service control policies of each node, and no others.
    pub(crate) fn scps(mut self, nodes: &[&[&str]]) -> Self {
        let names = |node: &&[&str]| node.iter().map(|name| (*name).to_owned()).collect();
        self.scps = nodes.iter().map(names).collect();
        self
    }

    pub(crate) fn resource_policy(mut self, name: &str) -> Self {
        self.resource_policy = Some(name.to_owned());
        self
    }
}

/// The ARN of a session of a role.
pub(crate) fn session(account: &str, role: &str) -> String {
    format!("arn:aws:sts::{account}:assumed-role/{role}/session")
}

/// The ARN of a role, policy or another thing of IAM in the member account.
pub(crate) fn iam(resource: &str) -> String {
    format!("arn:aws:iam::{MEMBER}:{resource}")
}

/// The policies that the product writes, out of its own code.
pub(crate) fn ours() -> Result<BTreeMap<String, Value>> {
    let program = fleet_acceptance::example_of("fleet-vending", "policies")?;
    let done = Command::new(program).output()?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Ok(serde_json::from_slice(&done.stdout)?)
}

/// Asks for every case; an error tells each one that is not as expected.
pub(crate) fn prove(mut policies: BTreeMap<String, Value>, cases: &[Case]) -> Result<()> {
    let full = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    policies.insert(FULL.to_owned(), json!({"Version": "2012-10-17", "Statement": [full]}));
    let account = json!({"AWS": format!("arn:aws:iam::{MEMBER}:root")});
    let key = json!({"Effect": "Allow", "Principal": account, "Action": "kms:*", "Resource": "*"});
    policies.insert(KEY.to_owned(), json!({"Version": "2012-10-17", "Statement": [key]}));
    let request = json!({"policies": policies, "cases": cases}).to_string();
    let verdicts: Vec<Verdict> = serde_json::from_str(&fleet_acceptance::evaluate(&request)?)
        .context("the evaluator's answer")?;
    ensure!(verdicts.len() == cases.len(), "{} verdicts", verdicts.len());
    let mut wrong = Vec::new();
    for (case, verdict) in cases.iter().zip(verdicts) {
        let said = match &verdict {
            Verdict { error: Some(error), .. } => error.clone(),
            Verdict { ignored, .. } if !ignored.is_empty() => {
                format!("AWS offers no {} for this action", ignored.join(", "))
            }
            Verdict { allowed, .. } if *allowed == case.expected => continue,
            Verdict { result, .. } => result.clone().unwrap_or_default(),
        };
        wrong.push(format!(
            "{} {} {} {:?}: {said}, expected {}",
            case.principal, case.action, case.resource, case.context, case.expected
        ));
    }
    ensure!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    Ok(())
}
