//! Data sources without their types.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::{Capabilities, Data, Lazy, Registered, decode, guard, not_deferrable, validate_values};
use crate::context::Context;
use crate::data_source::DataSource;
use crate::diagnostic::{Diagnostic, Diagnostics, Notice, Severity};
use crate::plan::{consistency, shape};
use crate::resource::Applied;
use crate::schema::Schema;
use crate::value::{Object, Type, Value};

pub(crate) trait ErasedDataSource: Send + Sync {
    fn schema(&self) -> &(Schema, Type);
    fn validate(&self, config: Value) -> Diagnostics;
    fn read<'a>(&'a self, cx: &'a Context, config: Value) -> BoxFuture<'a, Applied<Value>>;
}

struct Typed<D> {
    data_source: D,
    schema: Lazy,
}

pub(crate) fn data_source<D: DataSource>(data_source: D) -> Arc<dyn ErasedDataSource> {
    Arc::new(Typed { data_source, schema: Lazy::default() })
}

impl<D: DataSource> ErasedDataSource for Typed<D> {
    fn schema(&self) -> &(Schema, Type) {
        self.schema.get(0, D::Model::block)
    }

    fn validate(&self, config: Value) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        match decode::<D::Model>(config) {
            Ok(config) => self.data_source.validate(&config, &mut diagnostics),
            Err(error) => diagnostics.push(error),
        }
        diagnostics
    }

    fn read<'a>(&'a self, cx: &'a Context, config: Value) -> BoxFuture<'a, Applied<Value>> {
        Box::pin(async move {
            match decode::<D::Model>(config) {
                Ok(config) => {
                    let Applied { state, private, deferred, diagnostics } =
                        self.data_source.read(cx, config).await;
                    let state = state.map(Value::of);
                    Applied { state, private, deferred, diagnostics }
                }
                Err(error) => Applied::error(error),
            }
        })
    }
}

impl Registered {
    fn data_source(&self, type_name: &str) -> Result<&Arc<dyn ErasedDataSource>, Diagnostic> {
        self.registry.data_sources.get(type_name).ok_or_else(|| {
            Diagnostic::noticed(
                Notice::Unknown,
                "Unknown data source",
                format!("This provider has no data source `{type_name}`."),
            )
        })
    }

    /// Checks a configuration of a data source.
    pub fn validate_data_source(&self, type_name: &str, config: Value) -> Diagnostics {
        let data_source = match self.data_source(type_name) {
            Ok(data_source) => data_source,
            Err(error) => return error.into(),
        };
        let mut diagnostics = validate_values(&data_source.schema().0.block, &config);
        if !diagnostics.has_errors() {
            let what = format!("validate `data.{type_name}`");
            match guard::call(&what, || data_source.validate(config)) {
                Ok(more) => diagnostics.extend(more),
                Err(panic) => diagnostics.push(panic),
            }
        }
        self.in_its_words(diagnostics)
    }

    /// Looks something up. The answer is null when there is an error, and unknown when it is deferred.
    pub async fn read_data_source(
        &self,
        type_name: &str,
        config: Value,
        capabilities: Capabilities,
    ) -> Data {
        let failed = |diagnostics| Data { state: Value::Null, deferred: None, diagnostics };
        let data_source = match self.data_source(type_name) {
            Ok(data_source) => data_source,
            Err(error) => return failed(error.into()),
        };
        let cx = self.context(capabilities);
        let read = data_source.read(&cx, config.clone());
        let found = match guard::future(&format!("read `data.{type_name}`"), read).await {
            Ok(found) => found,
            Err(panic) => return failed(panic.into()),
        };
        let Applied { state, deferred, mut diagnostics, .. } = found;
        if deferred.is_some() {
            if capabilities.deferral_allowed {
                return Data { state: Value::UNKNOWN, deferred, diagnostics };
            }
            diagnostics.push(not_deferrable());
        }
        let fault = |what: &str| Diagnostic::fault(Severity::Error, "Invalid data", what);
        let Some(mut state) = state else {
            if !diagnostics.has_errors() {
                diagnostics
                    .push(fault(&format!("`data.{type_name}` found nothing, and no error.")));
            }
            return failed(diagnostics);
        };
        let block = &data_source.schema().0.block;
        shape::restore(block, &config, &mut state);
        if !diagnostics.has_errors() {
            for (path, how) in consistency::check_plan(block, &config, &Value::Null, &state) {
                diagnostics.push(fault(&format!("The value of `{path}` {how}.")).at(path));
            }
            for path in consistency::unknown_paths(&state) {
                diagnostics
                    .push(fault(&format!("The value of `{path}` is still unknown.")).at(path));
            }
        }
        let state = if diagnostics.has_errors() { Value::Null } else { state };
        Data { state, deferred: None, diagnostics }
    }
}
