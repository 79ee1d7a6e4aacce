//! The server from outside: a socket, a request, a snapshot of the answer.

#![allow(clippy::needless_raw_string_hashes, clippy::too_many_lines, reason = "snapshots are written by their tool")]

mod answers;
mod door;
mod loading;
mod neighbours;
mod page;
mod site;
mod sockets;
