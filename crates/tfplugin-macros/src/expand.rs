//! The code the macro writes.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprCall, ExprPath};

use crate::arguments::{AttributeArguments, BlockArguments};
use crate::object::{Field, Object, Role};

/// What may stand in `plan(…)` by its bare name.
const MODIFIERS: [&str; 6] = [
    "keep_prior_when_equal",
    "requires_replace",
    "requires_replace_if",
    "requires_replace_if_configured",
    "use_non_null_state",
    "use_state_for_unknown",
];

/// What may stand in `validate(…)` by its bare name.
const VALIDATORS: [&str; 24] = [
    "all_of",
    "any_of",
    "arn",
    "arn_of",
    "at_least_one_of",
    "cidr",
    "cidr_v4",
    "cidr_v6",
    "conflicts_with",
    "custom",
    "duration",
    "each",
    "email",
    "exactly_one_of",
    "keys",
    "length",
    "not",
    "one_of",
    "range",
    "regex",
    "required_with",
    "rfc3339",
    "satisfies",
    "unique",
];

/// The validators that are made of others.
const NESTING: [&str; 5] = ["all_of", "any_of", "each", "keys", "not"];

pub(crate) fn expand(object: &Object) -> TokenStream {
    let Object { ident, generics, description, .. } = object;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let attributes = object.fields.iter().filter_map(|field| match &field.role {
        Role::Attribute(arguments) => Some(attribute(field, arguments)),
        Role::Block(_) => None,
    });
    let blocks = object.fields.iter().filter_map(|field| match &field.role {
        Role::Block(arguments) => Some(block(field, arguments)),
        Role::Attribute(_) => None,
    });
    let deprecated = option(object.arguments.deprecated.as_ref());
    let decode = object.fields.iter().map(|field| {
        let Field { ident, ty, name, .. } = field;
        quote_spanned! { ty.span() =>
            #ident: ::tfplugin::value::decode_attribute::<#ty>(attributes, #name)?
        }
    });
    // An object may have no attributes at all, such as the configuration of a provider without settings.
    let unused = object.fields.is_empty().then(|| quote! { let _ = attributes; });
    let encode = object.fields.iter().map(|field| {
        let Field { ident, name, .. } = field;
        quote! { (#name, ::tfplugin::value::AttributeType::encode(self.#ident)) }
    });
    quote! {
        #[automatically_derived]
        impl #impl_generics ::tfplugin::value::Object for #ident #ty_generics #where_clause {
            fn block() -> ::tfplugin::schema::Block {
                ::tfplugin::schema::Block {
                    description: ::std::string::String::from(#description),
                    attributes: ::std::iter::IntoIterator::into_iter([#(#attributes),*])
                        .collect(),
                    blocks: ::std::iter::IntoIterator::into_iter([#(#blocks),*]).collect(),
                    deprecated: #deprecated,
                }
            }
        }

        #[automatically_derived]
        impl #impl_generics ::tfplugin::value::AttributeType for #ident #ty_generics #where_clause {
            fn kind() -> ::tfplugin::schema::AttributeKind {
                ::tfplugin::schema::AttributeKind::Nested {
                    nesting: ::tfplugin::schema::Nesting::Single,
                    object: <Self as ::tfplugin::value::Object>::block().into_nested(),
                }
            }

            fn decode(
                value: ::tfplugin::value::Value,
            ) -> ::std::result::Result<Self, ::tfplugin::value::DecodeError> {
                let attributes = &mut ::tfplugin::value::into_attributes(value)?;
                #unused
                ::std::result::Result::Ok(Self { #(#decode),* })
            }

            fn encode(self) -> ::tfplugin::value::Value {
                ::tfplugin::value::Value::object::<&str>([#(#encode),*])
            }
        }
    }
}

fn attribute(field: &Field, arguments: &AttributeArguments) -> TokenStream {
    let Field { ty, name, description, .. } = field;
    let AttributeArguments { required, optional, computed, sensitive, write_only, .. } = arguments;
    let [required, optional, computed, sensitive, write_only] =
        [required, optional, computed, sensitive, write_only].map(Option::is_some);
    let deprecated = option(arguments.deprecated.as_ref());
    let default = arguments.default.as_ref().map_or_else(
        || quote! { ::std::option::Option::None },
        |default| {
            quote_spanned! { default.span() =>
                ::std::option::Option::Some(::tfplugin::value::Value::from(#default))
            }
        },
    );
    let unknown = match &arguments.refine {
        Some((_, calls)) => quote! {
            ::std::convert::From::from(::tfplugin::value::Refinement::new() #(.#calls)*)
        },
        None => quote! { ::tfplugin::value::Unknown::PLAIN },
    };
    let modifiers =
        arguments.plan.iter().map(|rule| named(rule, &MODIFIERS, &quote!(plan::modifier)));
    let validators =
        arguments.validate.iter().map(|rule| named(rule, &VALIDATORS, &quote!(validator)));
    let kind = quote_spanned! { ty.span() => <#ty as ::tfplugin::value::AttributeType>::kind() };
    quote! {
        (
            ::std::string::String::from(#name),
            ::tfplugin::schema::Attribute {
                kind: #kind,
                description: ::std::string::String::from(#description),
                required: #required,
                optional: #optional,
                computed: #computed,
                sensitive: #sensitive,
                write_only: #write_only,
                deprecated: #deprecated,
                default: #default,
                unknown: #unknown,
                modifiers: ::std::vec![#(#modifiers),*],
                validators: ::std::vec![#(#validators),*],
            },
        )
    }
}

fn block(field: &Field, arguments: &BlockArguments) -> TokenStream {
    let Field { ty, name, description, .. } = field;
    let BlockArguments { nesting, min, max, .. } = arguments;
    let nesting = Ident::new(nesting, Span::call_site());
    let item = quote_spanned! { ty.span() => <#ty as ::tfplugin::schema::BlockType>::Item };
    quote! {
        (
            ::std::string::String::from(#name),
            ::tfplugin::schema::NestedBlock {
                nesting: ::tfplugin::schema::Nesting::#nesting,
                block: ::tfplugin::schema::Block {
                    description: ::std::string::String::from(#description),
                    ..<#item as ::tfplugin::value::Object>::block()
                },
                min: #min,
                max: #max,
            },
        )
    }
}

/// A rule by its bare name becomes a call in tfplugin's own module; any other expression is as it stands.
fn named(rule: &Expr, names: &[&str], module: &TokenStream) -> TokenStream {
    let known = |path: &ExprPath| {
        path.path.get_ident().filter(|ident| names.iter().any(|name| ident == name)).cloned()
    };
    match rule {
        Expr::Path(path) => match known(path) {
            Some(ident) => quote_spanned! { ident.span() => ::tfplugin::#module::#ident() },
            None => quote! { #rule },
        },
        Expr::Call(ExprCall { func, args, .. }) => {
            let function = match func.as_ref() {
                Expr::Path(path) => known(path),
                _ => None,
            };
            match function {
                Some(ident) if NESTING.iter().any(|name| ident == name) => {
                    let args = args.iter().map(|arg| named(arg, names, module));
                    let args = if ident == "all_of" || ident == "any_of" {
                        quote! { [#(#args),*] }
                    } else {
                        quote! { #(#args),* }
                    };
                    quote_spanned! { ident.span() => ::tfplugin::#module::#ident(#args) }
                }
                Some(ident) => {
                    quote_spanned! { ident.span() => ::tfplugin::#module::#ident(#args) }
                }
                None => quote! { #rule },
            }
        }
        _ => quote! { #rule },
    }
}

fn option(text: Option<&syn::LitStr>) -> TokenStream {
    match text {
        Some(text) => {
            quote! { ::std::option::Option::Some(::std::string::String::from(#text)) }
        }
        None => quote! { ::std::option::Option::None },
    }
}
