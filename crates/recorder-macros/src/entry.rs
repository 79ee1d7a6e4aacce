//! From an asynchronous main function and the attribute's arguments to a plain main function.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Error, Expr, ExprLit, ItemFn, Lit, LitInt, LitStr, Meta, Path, Token};

/// What the attribute says.
#[derive(Default)]
struct Arguments {
    flavor: Flavor,
    worker_threads: Option<LitInt>,
    start_paused: Option<Expr>,
    path: Option<LitStr>,
    compat: Option<TokenStream>,
    ring: Option<TokenStream>,
    /// Where the recorder is.
    krate: Option<Path>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Flavor {
    #[default]
    MultiThread,
    CurrentThread,
}

/// The function as it is compiled, or why it cannot be.
pub fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let function: ItemFn = match syn::parse2(item) {
        Ok(function) => function,
        Err(error) => return error.to_compile_error(),
    };
    let arguments = check(&function).and_then(|()| arguments_of(arguments));
    match arguments {
        Ok(arguments) => main_of(&arguments, &function),
        Err(error) => {
            // With a main function beside it, the compiler says nothing else.
            let (error, name) = (error.to_compile_error(), &function.sig.ident);
            quote! { #error fn #name() {} }
        }
    }
}

fn check(function: &ItemFn) -> Result<(), Error> {
    let signature = &function.sig;
    if signature.asyncness.is_none() {
        return Err(Error::new(signature.fn_token.span(), "the main function must be `async`"));
    }
    if let Some(input) = signature.inputs.first() {
        return Err(Error::new(input.span(), "the main function has no arguments"));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new(signature.generics.span(), "the main function has no generic parameters"));
    }
    Ok(())
}

fn arguments_of(tokens: TokenStream) -> Result<Arguments, Error> {
    let metas = Punctuated::<Meta, Token![,]>::parse_terminated.parse2(tokens)?;
    let mut arguments = Arguments::default();
    for meta in &metas {
        let Some(name) = meta.path().get_ident().map(ToString::to_string) else {
            return Err(Error::new(meta.span(), UNKNOWN));
        };
        match name.as_str() {
            "flavor" => {
                let flavor = text(meta, "\"multi_thread\" or \"current_thread\"")?;
                arguments.flavor = match flavor.value().as_str() {
                    "multi_thread" => Flavor::MultiThread,
                    "current_thread" => Flavor::CurrentThread,
                    _ => {
                        return Err(Error::new(flavor.span(), "flavors are \"multi_thread\" and \"current_thread\""));
                    }
                };
            }
            "worker_threads" => match value(meta)? {
                Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) if number.base10_parse::<usize>()? > 0 => {
                    arguments.worker_threads = Some(number.clone());
                }
                other => return Err(Error::new(other.span(), "`worker_threads` is a number from 1")),
            },
            "start_paused" => match value(meta)? {
                paused @ Expr::Lit(ExprLit { lit: Lit::Bool(_), .. }) => arguments.start_paused = Some(paused.clone()),
                other => return Err(Error::new(other.span(), "`start_paused` is `true` or `false`")),
            },
            "path" => arguments.path = Some(text(meta, "the path of the trace, such as \"trace.out\"")?),
            "compat" => arguments.compat = Some(compat(&text(meta, "\"1.22\", \"1.25\" or \"1.26\"")?)?),
            "ring" => arguments.ring = Some(ring(meta)?),
            "crate" => {
                let krate = text(meta, "the path of the crate goroscope-recorder")?;
                arguments.krate = Some(krate.parse()?);
            }
            _ => return Err(Error::new(meta.span(), UNKNOWN)),
        }
    }
    if arguments.flavor == Flavor::CurrentThread
        && let Some(number) = &arguments.worker_threads
    {
        return Err(Error::new(number.span(), "a runtime of flavor \"current_thread\" has no worker threads"));
    }
    Ok(arguments)
}

const UNKNOWN: &str = "arguments are `flavor`, `worker_threads`, `start_paused`, `path`, `compat`, `ring` and `crate`";

fn value(meta: &Meta) -> Result<&Expr, Error> {
    meta.require_name_value().map(|pair| &pair.value)
}

fn text(meta: &Meta, wanted: &str) -> Result<LitStr, Error> {
    match value(meta)? {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Ok(text.clone()),
        other => Err(Error::new(other.span(), format!("this is a text: {wanted}"))),
    }
}

fn compat(version: &LitStr) -> Result<TokenStream, Error> {
    match version.value().as_str() {
        "1.22" => Ok(quote! { Go122 }),
        "1.25" => Ok(quote! { Go125 }),
        "1.26" => Ok(quote! { Go126 }),
        _ => Err(Error::new(version.span(), "traces can be made for Go's tools from \"1.22\", \"1.25\" or \"1.26\"")),
    }
}

/// `ring` or `ring = SECONDS`.
fn ring(meta: &Meta) -> Result<TokenStream, Error> {
    if let Meta::Path(_) = meta {
        return Ok(quote! { ::core::option::Option::None });
    }
    match value(meta)? {
        Expr::Lit(ExprLit { lit: Lit::Int(seconds), .. }) if seconds.base10_parse::<u64>()? > 0 => {
            let seconds = seconds.base10_parse::<u64>()?;
            Ok(quote! { ::core::option::Option::Some(::core::time::Duration::from_secs(#seconds)) })
        }
        other => Err(Error::new(other.span(), "`ring` is a number of seconds, or has no value")),
    }
}

fn main_of(arguments: &Arguments, function: &ItemFn) -> TokenStream {
    let ItemFn { attrs, vis, sig, block } = function;
    let (name, output) = (&sig.ident, &sig.output);
    let krate = arguments.krate.as_ref().map_or_else(|| quote! { ::goroscope_recorder }, |path| quote! { #path });
    let new = match arguments.flavor {
        Flavor::MultiThread => quote! { new_multi_thread },
        Flavor::CurrentThread => quote! { new_current_thread },
    };
    let workers = arguments.worker_threads.as_ref().map(|number| quote! { builder.worker_threads(#number); });
    let paused = arguments.start_paused.as_ref().map(|paused| quote! { builder.start_paused(#paused); });
    let path = arguments.path.as_ref().map(|path| quote! { .path(#path) });
    let compat = arguments.compat.as_ref().map(|compat| quote! { .compat(#krate::Compat::#compat) });
    let ring = arguments.ring.as_ref().map(|period| quote! { .ring(#period) });
    quote! {
        #(#attrs)*
        #vis fn #name() #output {
            let main = async #block;
            let mut builder = #krate::entry::Builder::#new();
            builder.enable_all();
            #workers
            #paused
            #krate::entry::Entry::default() #path #compat #ring .run(&mut builder, main)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the expansion holds, without spaces.
    fn check(arguments: &str, function: &str, expected: &[&str]) {
        let expanded = expand(arguments.parse().unwrap(), function.parse().unwrap()).to_string().replace(' ', "");
        for part in expected {
            assert!(expanded.contains(&part.replace(' ', "")), "{part} in {expanded}");
        }
    }

    #[test]
    fn arguments_say_how() {
        const MAIN: &str = "async fn main() -> Result<(), E> { work().await }";
        check("", MAIN, &["fn main() -> Result<(), E> {", "new_multi_thread()", "enable_all", "Entry::default().run"]);
        check(
            "flavor = \"current_thread\", start_paused = true",
            MAIN,
            &["new_current_thread()", "start_paused(true)"],
        );
        check("worker_threads = 3", MAIN, &["builder.worker_threads(3)"]);
        check(
            "path = \"x.out\", compat = \"1.22\"",
            MAIN,
            &[".path(\"x.out\").compat(::goroscope_recorder::Compat::Go122)"],
        );
        check("ring", MAIN, &[".ring(::core::option::Option::None)"]);
        check("ring = 30, crate = \"my::recorder\"", MAIN, &["my::recorder::entry", "Duration::from_secs(30u64)"]);
    }

    #[test]
    fn mistakes_are_told() {
        const MAIN: &str = "async fn main() {}";
        let told = |arguments, function, message: &str| {
            check(arguments, function, &[&format!("compile_error!{{\"{message}\"}}")]);
        };
        told("", "fn main() {}", "the main function must be `async`");
        told("", "async fn main(a: u8) {}", "the main function has no arguments");
        told("", "async fn main<T>() {}", "the main function has no generic parameters");
        told("flavour = \"x\"", MAIN, UNKNOWN);
        told("a::b = 1", MAIN, UNKNOWN);
        told("path = 7", MAIN, "this is a text: the path of the trace, such as \\\"trace.out\\\"");
        told("worker_threads = 0", MAIN, "`worker_threads` is a number from 1");
        told("start_paused = 1", MAIN, "`start_paused` is `true` or `false`");
        told("ring = \"long\"", MAIN, "`ring` is a number of seconds, or has no value");
        told(
            "flavor = \"current_thread\", worker_threads = 2",
            MAIN,
            "a runtime of flavor \\\"current_thread\\\" has no worker threads",
        );
        told(
            "compat = \"1.21\"",
            MAIN,
            "traces can be made for Go's tools from \\\"1.22\\\", \\\"1.25\\\" or \\\"1.26\\\"",
        );
        told("flavor = \"fast\"", MAIN, "flavors are \\\"multi_thread\\\" and \\\"current_thread\\\"");
    }
}
