//! Service control policies.
//!
//! What they say is the same for every account, so a provider process asks once: a refresh of 500
//! accounts costs as many calls as a refresh of one. A write of ours empties what was kept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{PolicyType, PolicyTypeStatus, Tag};
use aws_types::request_id::RequestId;
use tokio::sync::{Mutex, MutexGuard};

use super::answers;
use super::organizations::{client, pages, shapes};
use super::session::{Clients, Session};
use crate::aws::api::Call;
use crate::aws::api::member::{
    Attached, NewPolicy, Policies, PolicyContent, ServiceControlPolicy, Tags,
};
use crate::error::{Answer, Error, Kind};
use crate::trying;

/// The adapter.
pub(crate) struct AwsPolicies {
    session: Arc<Session>,
    clients: Clients<Client>,
    known: Mutex<Known>,
    /// Rises with every write: what was read before it is not believed.
    generation: AtomicU64,
}

/// What this process has read.
#[derive(Default)]
struct Known {
    generation: u64,
    enabled: Option<bool>,
    ids: Option<BTreeMap<String, String>>,
    targets: BTreeMap<String, BTreeSet<String>>,
    contents: BTreeMap<String, PolicyContent>,
    types: Option<Vec<PolicyType>>,
    names: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
}

impl AwsPolicies {
    pub(crate) fn new(session: Arc<Session>) -> Self {
        Self {
            session,
            clients: Clients::default(),
            known: Mutex::new(Known::default()),
            generation: AtomicU64::new(0),
        }
    }

    async fn client(&self, call: &str) -> Result<&Client, Error> {
        self.clients.of(&self.session, call, |sdk| client(&self.session, sdk)).await
    }

    /// The types of policies that are enabled on the root. An organization has one, whatever an answer without it says.
    async fn enabled_types(&self) -> Result<Vec<PolicyType>, Error> {
        const CALL: &str = "organizations:ListRoots";
        let client = self.client(CALL).await?;
        let roots = pages!(
            self.session.sender(),
            CALL,
            |token| client.list_roots().set_next_token(token),
            roots
        );
        if roots.is_empty() {
            return Err(answers::incomplete(CALL, "Roots[].Id"));
        }
        let all = roots.iter().flat_map(|root| root.policy_types());
        let enabled = all.filter(|of| of.status() == Some(&PolicyTypeStatus::Enabled));
        Ok(enabled.filter_map(|of| of.r#type().cloned()).collect())
    }

    /// The lock is held over a read, so that many accounts that ask at once cause one call.
    async fn known(&self) -> MutexGuard<'_, Known> {
        let mut known = self.known.lock().await;
        let generation = self.generation.load(Ordering::SeqCst);
        if known.generation != generation {
            *known = Known { generation, ..Known::default() };
        }
        known
    }
}

// === impl AwsPolicies ===

impl Policies for AwsPolicies {
    fn enabled(&self) -> Call<'_, bool> {
        Box::pin(async {
            let mut known = self.known().await;
            if let Some(enabled) = known.enabled {
                return Ok(enabled);
            }
            let enabled = self.enabled_types().await?.contains(&PolicyType::ServiceControlPolicy);
            known.enabled = Some(enabled);
            Ok(enabled)
        })
    }

    fn find<'a>(&'a self, name: &'a str) -> Call<'a, Option<ServiceControlPolicy>> {
        Box::pin(async move {
            let mut known = self.known().await;
            const CALL: &str = "organizations:ListPolicies";
            let client = self.client(CALL).await?;
            if known.ids.is_none() {
                let policies = pages!(
                    self.session.sender(),
                    CALL,
                    |token| client
                        .list_policies()
                        .filter(PolicyType::ServiceControlPolicy)
                        .set_next_token(token),
                    policies
                );
                let ids = policies.into_iter().filter_map(|policy| policy.name.zip(policy.id));
                known.ids = Some(ids.collect());
            }
            let Some(id) = known.ids.as_ref().and_then(|ids| ids.get(name)).cloned() else {
                return Ok(None);
            };
            drop(known);
            let targets = self.targets(&id).await?;
            Ok(Some(ServiceControlPolicy { id, targets }))
        })
    }

    fn targets<'a>(&'a self, id: &'a str) -> Call<'a, BTreeSet<String>> {
        Box::pin(async move {
            let mut known = self.known().await;
            if let Some(targets) = known.targets.get(id) {
                return Ok(targets.clone());
            }
            let client = self.client("organizations:ListTargetsForPolicy").await?;
            let targets = pages!(
                self.session.sender(),
                "organizations:ListTargetsForPolicy",
                |token| client.list_targets_for_policy().policy_id(id).set_next_token(token),
                targets
            );
            let targets: BTreeSet<String> =
                targets.into_iter().filter_map(|target| target.target_id).collect();
            known.targets.insert(id.to_owned(), targets.clone());
            Ok(targets)
        })
    }

    fn content<'a>(&'a self, id: &'a str) -> Call<'a, PolicyContent> {
        Box::pin(async move {
            let mut known = self.known().await;
            if let Some(content) = known.contents.get(id) {
                return Ok(content.clone());
            }
            const CALL: &str = "organizations:DescribePolicy";
            let client = self.client(CALL).await?;
            let answer = self
                .session
                .sender()
                .send(CALL, || client.describe_policy().policy_id(id).send())
                .await?;
            let tags = pages!(
                self.session.sender(),
                "organizations:ListTagsForResource",
                |token| client.list_tags_for_resource().resource_id(id).set_next_token(token),
                tags
            );
            let content = PolicyContent {
                content: answer.policy.and_then(|policy| policy.content).unwrap_or_default(),
                tags: tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
            };
            known.contents.insert(id.to_owned(), content.clone());
            Ok(content)
        })
    }

    fn attached<'a>(&'a self, target: &'a str) -> Call<'a, usize> {
        Box::pin(async move {
            const CALL: &str = "organizations:ListPoliciesForTarget";
            let client = self.client(CALL).await?;
            let policies = pages!(
                self.session.sender(),
                CALL,
                |token| client
                    .list_policies_for_target()
                    .target_id(target)
                    .filter(PolicyType::ServiceControlPolicy)
                    .set_next_token(token),
                policies
            );
            Ok(policies.len())
        })
    }

    fn names_at<'a>(&'a self, target: &'a str) -> Call<'a, BTreeMap<String, BTreeSet<String>>> {
        Box::pin(async move {
            let mut known = self.known().await;
            if let Some(names) = known.names.get(target) {
                return Ok(names.clone());
            }
            let types = match known.types.clone() {
                Some(types) => types,
                None => {
                    let types = self.enabled_types().await?;
                    known.types.insert(types).clone()
                }
            };
            const CALL: &str = "organizations:ListPoliciesForTarget";
            let client = self.client(CALL).await?;
            let mut all = BTreeMap::new();
            for kind in types {
                let policies = pages!(
                    self.session.sender(),
                    CALL,
                    |token| client
                        .list_policies_for_target()
                        .target_id(target)
                        .filter(kind.clone())
                        .set_next_token(token),
                    policies
                );
                let names = policies.into_iter().filter_map(|policy| policy.name).collect();
                all.insert(kind.as_str().to_owned(), names);
            }
            known.names.insert(target.to_owned(), all.clone());
            Ok(all)
        })
    }

    fn create<'a>(&'a self, policy: &'a NewPolicy) -> Call<'a, String> {
        Box::pin(async move {
            let unexpected = || answers::incomplete(CALL, "Policy.PolicySummary.Id");
            const CALL: &str = "organizations:CreatePolicy";
            let client = self.client(CALL).await?;
            let tags = policy
                .tags
                .iter()
                .map(|(key, value)| Tag::builder().key(key).value(value).build())
                .collect::<Result<Vec<Tag>, _>>()
                .map_err(|_| unexpected())?;
            let answer = self
                .session
                .sender()
                .send_read(CALL, || async {
                    let request = client
                        .create_policy()
                        .r#type(PolicyType::ServiceControlPolicy)
                        .name(&policy.name)
                        .description(&policy.description)
                        .content(&policy.content)
                        .set_tags(Some(tags.clone()));
                    let answer =
                        request.send().await.map_err(|error| shapes::policy_fault(CALL, &error))?;
                    trying::answered(CALL, answer.request_id());
                    Ok(answer)
                })
                .await;
            self.refresh();
            answer?
                .policy
                .and_then(|policy| policy.policy_summary)
                .and_then(|summary| summary.id)
                .ok_or_else(unexpected)
        })
    }

    fn tag<'a>(&'a self, id: &'a str, tags: &'a Tags) -> Call<'a, ()> {
        Box::pin(async move {
            const CALL: &str = "organizations:TagResource";
            let client = self.client(CALL).await?;
            let answer = self
                .session
                .sender()
                .send(CALL, || {
                    client.tag_resource().resource_id(id).set_tags(Some(shapes::tags(tags))).send()
                })
                .await;
            self.refresh();
            answer.map(drop)
        })
    }

    fn update<'a>(&'a self, id: &'a str, content: &'a str) -> Call<'a, ()> {
        Box::pin(async move {
            const CALL: &str = "organizations:UpdatePolicy";
            let client = self.client(CALL).await?;
            let answer = self
                .session
                .sender()
                .send(CALL, || client.update_policy().policy_id(id).content(content).send())
                .await;
            self.refresh();
            answer.map(|_| ())
        })
    }

    fn attach<'a>(&'a self, id: &'a str, target: &'a str) -> Call<'a, Attached> {
        Box::pin(async move {
            const CALL: &str = "organizations:AttachPolicy";
            let client = self.client(CALL).await?;
            // An attempt without an answer may have done it.
            let unanswered = AtomicBool::new(false);
            let attempt = || async {
                match client.attach_policy().policy_id(id).target_id(target).send().await {
                    Ok(answer) => {
                        trying::answered(CALL, answer.request_id());
                        Ok(Attached::Now)
                    }
                    Err(error) => {
                        let error = shapes::attach_fault(CALL, &error);
                        let lost = error.kind == Kind::Unanswered;
                        unanswered.fetch_or(lost, Ordering::SeqCst);
                        Err(error)
                    }
                }
            };
            let answer = self.session.sender().send_read(CALL, attempt).await;
            self.refresh();
            match answer {
                Err(error) if error.kind == Kind::AlreadyExists => {
                    let ours = unanswered.load(Ordering::SeqCst);
                    Ok(if ours { Attached::Now } else { Attached::Before })
                }
                other => other,
            }
        })
    }

    fn detach<'a>(&'a self, id: &'a str, target: &'a str) -> Call<'a, ()> {
        Box::pin(async move {
            let client = self.client("organizations:DetachPolicy").await?;
            let answer = self
                .session
                .sender()
                .send("organizations:DetachPolicy", || {
                    client.detach_policy().policy_id(id).target_id(target).send()
                })
                .await;
            self.refresh();
            match answer {
                Err(error) if error.answer() == Some(Answer::NotAttached) => Ok(()),
                other => other.map(|_| ()),
            }
        })
    }

    fn refresh(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }
}
