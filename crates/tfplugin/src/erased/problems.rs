//! The rules that the schemas of a provider have to keep.

use super::Registered;
use crate::diagnostic::Path;
use crate::schema::{
    Offered, Problem, Schema, check, check_function, check_identity, check_type_name,
};
use crate::value::Type;

impl Registered {
    /// What is wrong with the schemas: what every provider asserts to be nothing in a unit test.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let under = |at: Path, found: Vec<Problem>| {
            let problem =
                move |Problem { path, rule }| Problem { path: at.clone().join(path), rule };
            found.into_iter().map(problem)
        };
        let of = |offered: Offered, name: &str, schema: Option<(&Schema, &Type)>| {
            let mut found = check_type_name(self.name, name);
            let broken = schema.map(|(schema, _)| check(offered, schema)).unwrap_or_default();
            found.extend(under(name.into(), broken));
            found
        };
        let config = check(Offered::Provider, self.provider_schema().0);
        let mut problems: Vec<Problem> = under("provider".into(), config).collect();
        for name in self.resource_types() {
            problems.extend(of(Offered::Resource, name, self.resource_schema(name)));
            let identity = self.identity_schema(name).map(|(schema, _)| check_identity(schema));
            let path = Path::attribute(name).nested("identity");
            problems.extend(under(path, identity.unwrap_or_default()));
        }
        for name in self.data_source_types() {
            problems.extend(of(Offered::DataSource, name, self.data_source_schema(name)));
        }
        for name in self.list_resource_types() {
            problems.extend(of(Offered::ListResource, name, self.list_resource_schema(name)));
            if self.identity_schema(name).is_none() {
                let rule = "what it lists is not registered as an identified resource".to_owned();
                problems.push(Problem { path: Path::attribute("list").nested(name), rule });
            }
        }
        for name in self.ephemeral_resource_types() {
            let schema = self.ephemeral_resource_schema(name);
            problems.extend(of(Offered::EphemeralResource, name, schema));
        }
        for name in self.action_types() {
            problems.extend(of(Offered::Action, name, self.action_schema(name)));
        }
        for (name, function) in self.functions() {
            problems.extend(check_function(name, &function));
        }
        problems
    }
}
