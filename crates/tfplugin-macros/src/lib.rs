//! The derive macro of tfplugin: one struct is schema, documentation, decoding and encoding.
//!
//! Use it through the crate `tfplugin`, which re-exports it.

mod arguments;
mod expand;
mod object;

use proc_macro::TokenStream;

/// Makes a struct a `tfplugin::Object`: the attributes of a resource, of a data source, of a provider's
/// configuration, or of a nested object.
///
/// The doc comment of the struct describes the object, that of a field the attribute; both go into the
/// schema. Each field has one of
///
/// - `#[attribute(…)]` with `required`, `optional` or `computed` (or the last two together), and any of
///   `default = value`, `sensitive`, `write_only`, `deprecated = "message"`, `name = "other_name"`,
///   `refine(not_null, prefix("arn:"), …)` with the rules of `tfplugin::value::Refinement`,
///   `plan(use_state_for_unknown, requires_replace, …)` with the functions of `tfplugin::plan::modifier`,
///   and `validate(length(1..=50), …)` with those of `tfplugin::validator`;
/// - `#[block(single)]`, `#[block(list(min = 0, max = 1))]`, `#[block(set)]` or `#[block(map)]` for a
///   nested block.
///
/// `#[object(deprecated = "message")]` on the struct says what to use instead of the whole object.
#[proc_macro_derive(Object, attributes(attribute, block, object))]
pub fn derive_object(input: TokenStream) -> TokenStream {
    let input = syn::parse_macro_input!(input as syn::DeriveInput);
    object::Object::parse(&input)
        .map(|object| expand::expand(&object))
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
