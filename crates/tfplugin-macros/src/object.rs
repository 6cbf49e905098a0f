//! The struct as the macro understands it.

use proc_macro2::Ident;
use syn::{Attribute, Data, DeriveInput, Expr, Fields, Lit, LitStr, Meta, Result, Type};

use crate::arguments::{AttributeArguments, BlockArguments, ObjectArguments};

/// A struct with its description and fields.
pub(crate) struct Object {
    pub(crate) ident: Ident,
    pub(crate) generics: syn::Generics,
    pub(crate) description: String,
    pub(crate) arguments: ObjectArguments,
    pub(crate) fields: Vec<Field>,
}

/// A field that is an attribute or a nested block.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) role: Role,
}

/// What a field is.
pub(crate) enum Role {
    /// `#[attribute(…)]`
    Attribute(Box<AttributeArguments>),
    /// `#[block(…)]`
    Block(BlockArguments),
}

// === impl Object ===

impl Object {
    pub(crate) fn parse(input: &DeriveInput) -> Result<Self> {
        let Data::Struct(data) = &input.data else {
            return Err(syn::Error::new_spanned(
                &input.ident,
                "an object is a struct with named fields, one for each attribute",
            ));
        };
        let named = match &data.fields {
            Fields::Named(fields) => Some(&fields.named),
            Fields::Unit => None,
            Fields::Unnamed(_) => {
                return Err(syn::Error::new_spanned(
                    &input.ident,
                    "an object has named fields, one for each attribute",
                ));
            }
        };
        let mut errors: Option<syn::Error> = None;
        let mut note = |error: syn::Error| match &mut errors {
            Some(errors) => errors.combine(error),
            None => errors = Some(error),
        };
        let description = doc(&input.attrs);
        if description.is_empty() {
            note(syn::Error::new_spanned(
                &input.ident,
                format!(
                    "write a doc comment (`/// …`) on `{}`: it is the description in the schema",
                    input.ident
                ),
            ));
        }
        let mut fields = Vec::new();
        for field in named.into_iter().flatten() {
            match Field::parse(field) {
                Ok(field) => fields.push(field),
                Err(error) => note(error),
            }
        }
        let arguments = ObjectArguments::parse(&input.attrs).unwrap_or_else(|error| {
            note(error);
            ObjectArguments::default()
        });
        match errors {
            Some(errors) => Err(errors),
            None => Ok(Self {
                ident: input.ident.clone(),
                generics: input.generics.clone(),
                description,
                arguments,
                fields,
            }),
        }
    }
}

// === impl Field ===

impl Field {
    fn parse(field: &syn::Field) -> Result<Self> {
        let Some(ident) = field.ident.clone() else {
            return Err(syn::Error::new_spanned(field, "an object has named fields"));
        };
        let with = |name: &str| field.attrs.iter().find(|found| found.path().is_ident(name));
        let (role, renamed) = match (with("attribute"), with("block")) {
            (Some(attribute), None) => {
                let arguments = AttributeArguments::parse(attribute, &ident)?;
                let renamed = arguments.name.as_ref().map(LitStr::value);
                (Role::Attribute(Box::new(arguments)), renamed)
            }
            (None, Some(block)) => {
                let arguments = BlockArguments::parse(block, &ident)?;
                let renamed = arguments.name.as_ref().map(LitStr::value);
                (Role::Block(arguments), renamed)
            }
            (None, None) => {
                return Err(syn::Error::new_spanned(
                    &ident,
                    format!(
                        "`{ident}` is no attribute yet: write `#[attribute(required)]`, \
                         `#[attribute(optional)]` or `#[attribute(computed)]` above it"
                    ),
                ));
            }
            (Some(_), Some(block)) => {
                return Err(syn::Error::new_spanned(
                    block,
                    format!("`{ident}` is an attribute or a block, not both"),
                ));
            }
        };
        let description = doc(&field.attrs);
        if description.is_empty() {
            return Err(syn::Error::new_spanned(
                &ident,
                format!(
                    "write a doc comment (`/// …`) above `{ident}`: it is the attribute's description \
                     in the schema"
                ),
            ));
        }
        // A raw identifier is how a field is named after a Rust keyword.
        let name = renamed.unwrap_or_else(|| ident.to_string().trim_start_matches("r#").to_owned());
        Ok(Self { ident, ty: field.ty.clone(), name, description, role })
    }
}

/// The doc comment, each line without the space that follows `///`.
fn doc(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| {
        let Meta::NameValue(pair) = &attribute.meta else { return None };
        if !pair.path.is_ident("doc") {
            return None;
        }
        let Expr::Lit(syn::ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { return None };
        let text = text.value();
        Some(text.strip_prefix(' ').map(str::to_owned).unwrap_or(text))
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
