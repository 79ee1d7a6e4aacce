//! Tiles over a WebSocket: what the browser asks for, and the binary frames that it gets.
//!
//! ```text
//! text message ─► Request ─► Job ─► Frame ─► binary message
//!                 checked    one frame's worth of tiles at a time, on a blocking thread
//! ```
//!
//! A newer viewport supersedes the older: the job looks between tiles whether it is still wanted.

mod frame;
mod job;
mod request;
mod session;
mod texts;

#[cfg(test)]
mod fixtures;

pub use session::run;
