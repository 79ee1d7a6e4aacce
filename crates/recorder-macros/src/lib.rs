//! The attribute of `goroscope-recorder` that records a program from the begin of its main function to the end.
//!
//! Attributes have to be in a crate of their own; programs use it as `goroscope_recorder::main`, where it is described.

mod entry;

use proc_macro::TokenStream;

/// Records the program while its main function runs on a runtime of tokio; see `goroscope_recorder::main`.
#[proc_macro_attribute]
pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
    entry::expand(arguments.into(), item.into()).into()
}
