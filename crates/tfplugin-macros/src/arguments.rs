//! What stands in `#[attribute(…)]`, `#[block(…)]` and `#[object(…)]`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprCall, LitInt, LitStr, Result, Token};

/// `#[attribute(…)]`.
#[derive(Default)]
pub(crate) struct AttributeArguments {
    pub(crate) required: Option<Span>,
    pub(crate) optional: Option<Span>,
    pub(crate) computed: Option<Span>,
    pub(crate) sensitive: Option<Span>,
    pub(crate) write_only: Option<Span>,
    pub(crate) default: Option<Expr>,
    pub(crate) deprecated: Option<LitStr>,
    pub(crate) name: Option<LitStr>,
    /// Calls on a refinement.
    pub(crate) refine: Option<(Span, Vec<TokenStream>)>,
    pub(crate) plan: Vec<Expr>,
    pub(crate) validate: Vec<Expr>,
}

/// `#[block(…)]`.
pub(crate) struct BlockArguments {
    /// The nesting, by its name in `tfplugin::schema::Nesting`.
    pub(crate) nesting: &'static str,
    pub(crate) min: i64,
    pub(crate) max: i64,
    pub(crate) name: Option<LitStr>,
}

/// `#[object(…)]`.
#[derive(Default)]
pub(crate) struct ObjectArguments {
    pub(crate) deprecated: Option<LitStr>,
}

const ATTRIBUTE_KEYS: &str = "required, optional, computed, default = …, sensitive, write_only, \
                              deprecated = \"…\", name = \"…\", refine(…), plan(…), validate(…)";

// === impl AttributeArguments ===

impl AttributeArguments {
    pub(crate) fn parse(attribute: &Attribute, field: &Ident) -> Result<Self> {
        let mut found = Self::default();
        attribute.parse_nested_meta(|meta| found.take(&meta))?;
        found.check(field)?;
        Ok(found)
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        let Some(key) = meta.path.get_ident() else {
            return Err(meta.error(format!("write one of: {ATTRIBUTE_KEYS}")));
        };
        match key.to_string().as_str() {
            "required" => flag(&mut self.required, key),
            "optional" => flag(&mut self.optional, key),
            "computed" => flag(&mut self.computed, key),
            "sensitive" => flag(&mut self.sensitive, key),
            "write_only" => flag(&mut self.write_only, key),
            "default" => once(&mut self.default, meta.value()?.parse()?, key),
            "deprecated" => once(&mut self.deprecated, meta.value()?.parse()?, key),
            "name" => once(&mut self.name, meta.value()?.parse()?, key),
            "refine" => {
                let mut rules = Vec::new();
                list(&mut rules, meta)?;
                let calls = rules.iter().map(refinement).collect::<Result<_>>()?;
                once(&mut self.refine, (key.span(), calls), key)
            }
            "plan" => list(&mut self.plan, meta),
            "validate" => list(&mut self.validate, meta),
            other => Err(meta
                .error(format!("an attribute has no `{other}`; write one of: {ATTRIBUTE_KEYS}"))),
        }
    }

    /// The rules of the protocol that the arguments alone can break.
    fn check(&self, field: &Ident) -> Result<()> {
        let refuse = |span: Span, why: String| Err(syn::Error::new(span, why));
        if let Some(required) = self.required {
            if self.optional.is_some() {
                return refuse(
                    required,
                    format!("`{field}` is required and optional: write only one of them"),
                );
            }
            if self.computed.is_some() {
                return refuse(
                    required,
                    format!(
                        "`{field}` is required and computed: what has to be configured is never \
                         chosen by the provider. Write `required`, or `optional, computed`"
                    ),
                );
            }
        } else if self.optional.is_none() && self.computed.is_none() {
            return refuse(
                field.span(),
                format!(
                    "who sets `{field}`? Write `#[attribute(required)]`, `#[attribute(optional)]`, \
                     `#[attribute(computed)]` or `#[attribute(optional, computed)]`"
                ),
            );
        }
        if let Some(default) = &self.default
            && (self.optional.is_none() || self.computed.is_none())
        {
            return Err(syn::Error::new_spanned(
                default,
                format!("`{field}` has a default: write `optional, computed, default = …`"),
            ));
        }
        if let Some(write_only) = self.write_only
            && self.computed.is_some()
        {
            return refuse(
                write_only,
                format!(
                    "`{field}` is write-only and computed: no state keeps it, so nothing can be \
                     computed. Write `required, write_only` or `optional, write_only`"
                ),
            );
        }
        if let Some((refine, _)) = self.refine
            && self.computed.is_none()
        {
            return refuse(
                refine,
                format!(
                    "`{field}` is never unknown by the provider's doing: remove `refine(…)`, or write \
                     `computed`"
                ),
            );
        }
        if let Some(validate) = self.validate.first()
            && self.optional.is_none()
            && self.required.is_none()
        {
            return Err(syn::Error::new_spanned(
                validate,
                format!(
                    "nobody configures `{field}`, so there is nothing to validate: remove \
                     `validate(…)`, or write `optional, computed`"
                ),
            ));
        }
        Ok(())
    }
}

// === impl BlockArguments ===

impl BlockArguments {
    pub(crate) fn parse(attribute: &Attribute, field: &Ident) -> Result<Self> {
        const KEYS: &str = "write `#[block(single)]`, `#[block(list(max = 1))]`, `#[block(set)]` or `#[block(map)]`";
        const GATHERED: [(&str, &str); 3] = [("list", "List"), ("set", "Set"), ("map", "Map")];
        let mut nesting: Option<&'static str> = None;
        let mut found = Self { nesting: "", min: 0, max: 0, name: None };
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("single") {
                nesting = Some("Single");
            } else if let Some((_, name)) =
                GATHERED.iter().find(|(word, _)| meta.path.is_ident(word))
            {
                nesting = Some(name);
                if meta.input.peek(syn::token::Paren) {
                    meta.parse_nested_meta(|limit| {
                        let target = if limit.path.is_ident("min") {
                            &mut found.min
                        } else if limit.path.is_ident("max") {
                            &mut found.max
                        } else {
                            return Err(limit.error("blocks have `min = …` and `max = …`"));
                        };
                        *target = limit.value()?.parse::<LitInt>()?.base10_parse()?;
                        Ok(())
                    })?;
                }
            } else if meta.path.is_ident("name") {
                found.name = Some(meta.value()?.parse()?);
            } else {
                return Err(meta.error(KEYS));
            }
            Ok(())
        })?;
        let error = || syn::Error::new(field.span(), format!("how is `{field}` nested? {KEYS}"));
        found.nesting = nesting.ok_or_else(error)?;
        Ok(found)
    }
}

// === impl ObjectArguments ===

impl ObjectArguments {
    pub(crate) fn parse(attributes: &[Attribute]) -> Result<Self> {
        let mut found = Self::default();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("object")) {
            attribute.parse_nested_meta(|meta| {
                if !meta.path.is_ident("deprecated") {
                    return Err(meta.error("write `#[object(deprecated = \"…\")]`"));
                }
                found.deprecated = Some(meta.value()?.parse()?);
                Ok(())
            })?;
        }
        Ok(found)
    }
}

/// One rule of `refine(…)`, as a call on a refinement.
fn refinement(rule: &Expr) -> Result<TokenStream> {
    let name = |path: &Expr| match path {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    };
    match rule {
        Expr::Call(ExprCall { func, args, .. }) => match name(func) {
            Some(name) if name == "prefix" || name == "range" || name == "length" => {
                return Ok(quote! { #name(#args) });
            }
            _ => {}
        },
        rule => match name(rule) {
            Some(name) if name == "not_null" => return Ok(quote! { #name() }),
            _ => {}
        },
    }
    Err(syn::Error::new_spanned(
        rule,
        "what is known of the unknown value? Write `not_null`, `prefix(\"…\")`, `range(…)` or `length(…)`",
    ))
}

fn flag(slot: &mut Option<Span>, key: &Ident) -> Result<()> {
    once(slot, key.span(), key)
}

fn once<T>(slot: &mut Option<T>, value: T, key: &Ident) -> Result<()> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(syn::Error::new(key.span(), format!("`{key}` stands here twice"))),
    }
}

fn list(slot: &mut Vec<Expr>, meta: &ParseNestedMeta<'_>) -> Result<()> {
    let content;
    syn::parenthesized!(content in meta.input);
    slot.extend(Punctuated::<Expr, Token![,]>::parse_terminated(&content)?);
    Ok(())
}
