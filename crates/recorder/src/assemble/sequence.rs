//! Which of the places where a poll registered wakers it waits at.
//!
//! Some things keep the waker of a wait that is over: an interval for its next tick, a channel that got something in the
//! very moment. What is awaited after that, in the same poll, is what the task waits for. The stacks tell: the body of an
//! async function goes from one `.await` to the next one, and polls no two futures at once.
//!
//! ```text
//!  interval     channel        sleep      channel
//!  ─────────    ─────────      ─────────  ─────────
//!  tick         recv           poll       recv
//!  serve:7      serve:8        {closure}:5 {closure}:5     what `join!` made
//!  main:3       main:3         main:3     main:3
//!
//!  serve went on to line 8     main waits for both
//! ```
//!
//! That is only so if there is one `serve`. What polls many futures at one place, such as `join_all`, may have several with
//! the same stack below; with the libraries' own, nothing is left out. A loop of the program's own over futures that it
//! polls by hand cannot be told from a function that polls one: there the last wait is taken for the only one.

use super::qualified::without_line;
use super::symbols::{Frame, NO_FILE};

/// How functions begin that poll many futures at one place.
static MANY: &[&str] = &[
    "futures_util::future::join::",
    "futures_util::future::join_all::",
    "futures_util::future::try_join::",
    "futures_util::future::try_join_all::",
    "futures_util::future::select_all::",
    "futures_util::future::select_ok::",
    "futures_util::stream::futures_ordered::",
    "futures_util::stream::futures_unordered::",
    "futures_util::stream::select_all::",
    "futures_lite::",
    "futures_concurrency::",
    "tokio_stream::stream_map::",
    "tokio_util::sync::",
];

/// Leaves out the stacks, the last one first, whose waits were over when a later one began.
pub fn latest(stacks: &[Vec<Frame>]) -> Vec<&[Frame]> {
    let mut kept: Vec<&[Frame]> = Vec::new();
    for (at, stack) in stacks.iter().enumerate() {
        let later = stacks.get(..at).unwrap_or_default();
        if !stack.is_empty() && !later.iter().any(|later| is_over(stack, later)) {
            kept.push(stack);
        }
    }
    kept
}

/// Whether what is awaited at one stack was over when what is awaited at the other one began.
fn is_over(earlier: &[Frame], later: &[Frame]) -> bool {
    let common = common(earlier, later);
    let split = |stack: &'_ [Frame]| stack.len().checked_sub(common + 1);
    let (Some(at), Some(at_later)) = (split(earlier), split(later)) else { return false };
    let (below, below_later) = (earlier.get(at..).unwrap_or_default(), later.get(at_later..).unwrap_or_default());
    let (Some(frame), Some(frame_later)) = (below.first(), below_later.first()) else { return false };
    // At one line there may be one await, or two.
    frame.is_same(frame_later)
        && frame.line != frame_later.line
        && is_async_body(below)
        && !below.iter().any(polls_many)
}

/// How many frames two stacks have in common, seen from the root.
///
/// Where functions were inlined into each other, those that called have as many addresses as what they called. An async
/// body at one of its lines is at one place nevertheless, and so is a function that is no closure, such as the `poll` of a
/// future around another one. Of a closure that may be what `join!` made, and all of that is at one line.
pub fn common(one: &[Frame], other: &[Frame]) -> usize {
    let pairs = one.iter().rev().zip(other.iter().rev()).enumerate();
    let is_common = |(depth, (a, b)): &(usize, (&Frame, &Frame))| {
        let below = one.get(one.len() - 1 - depth..).unwrap_or_default();
        a == b || a.is_same(b) && a.line == b.line && (is_async_body(below) || polls_one(a) || is_named(a))
    };
    pairs.take_while(is_common).count()
}

/// Whether the first of the frames is of the body of an async function or block.
fn is_async_body(frames: &[Frame]) -> bool {
    let Some(frame) = frames.first() else { return false };
    let function = without_line(&frame.function);
    let name = function.rsplit("::").next().unwrap_or(function);
    if name.starts_with("{async_") {
        return true;
    }
    // Tables of symbols call it a closure. Others have their line in their names, or are called by what polls them.
    let is_closure = name == "{{closure}}" || name.starts_with("{closure#");
    let has_line = function.len() < frame.function.len();
    is_closure && !has_line && !frames.get(1).is_some_and(|caller| caller.function.contains("poll_fn"))
}

/// Whether the function does nothing but hand on what it is asked for.
fn polls_one(frame: &Frame) -> bool {
    let name = frame.function.trim_start_matches(['<', '&']);
    ["core::future::future::", "core::pin::", "alloc::boxed::"].iter().any(|begin| name.starts_with(begin))
}

/// Whether the function is no closure and known by its lines, and polls no many futures at one of them.
fn is_named(frame: &Frame) -> bool {
    let function = frame.function.trim_end_matches('}');
    let is_closure = function.len() < frame.function.len() || without_line(&frame.function).ends_with('}');
    !is_closure && &*frame.file != NO_FILE && !polls_many(frame)
}

fn polls_many(frame: &Frame) -> bool {
    let name = frame.function.trim_start_matches(['<', '&']);
    MANY.iter().any(|begin| name.starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Stacks, the last one first, of functions with their lines, from the leaf on; which of them are left.
    fn check(stacks: &[&[(&str, u64)]], expected: &[usize]) {
        let frame = |(function, line): &(&str, u64)| Frame::of(*line, function, "a.rs", *line);
        let stacks: Vec<Vec<Frame>> = stacks.iter().map(|stack| stack.iter().map(frame).collect()).collect();
        let left: Vec<&[Frame]> = expected.iter().map(|&at| stacks[at].as_slice()).collect();
        assert_eq!(latest(&stacks), left, "{stacks:#?}");
    }

    #[test]
    fn a_body_goes_on() {
        let main = ("app::{async_fn#0}:3", 3);
        check(&[&[("recv", 1), ("app::{async_fn#0}:8", 8)], &[("tick", 2), ("app::{async_fn#0}:7", 7)]], &[0]);
        check(
            &[&[("recv", 1), ("app::{async_fn#0}:8", 8), main], &[("tick", 2), ("app::{async_fn#0}:7", 7), main]],
            &[0],
        );
        check(&[&[("recv", 1), ("app::f::{{closure}}", 8)], &[("tick", 2), ("app::f::{{closure}}", 7)]], &[0]);
        let boxed = ("<core::pin::Pin<P> as core::future::future::Future>::poll", 4);
        check(
            &[
                &[("recv", 1), ("app::{async_fn#0}:8", 8), boxed, main],
                &[("tick", 2), ("app::{async_fn#0}:7", 7), boxed, main],
            ],
            &[0],
        );
    }

    #[test]
    fn what_is_polled_at_once_stays() {
        let main = ("app::{async_fn#0}:3", 3);
        // Of a closure, as `join!` makes them.
        check(
            &[&[("recv", 1), ("app::{closure#0}:5", 8), main], &[("sleep", 2), ("app::{closure#0}:5", 7), main]],
            &[0, 1],
        );
        let poll_fn = ("<core::future::poll_fn::PollFn<F> as core::future::future::Future>::poll", 4);
        check(
            &[
                &[("recv", 1), ("app::f::{{closure}}", 8), poll_fn, main],
                &[("sleep", 2), ("app::f::{{closure}}", 7), poll_fn, main],
            ],
            &[0, 1],
        );
        // By a function that was inlined into the body, which has two addresses so.
        let stacks = [1, 2].map(|pc| {
            let body = Frame { pc, ..Frame::of(0, "app::{async_fn#0}:3", "a.rs", 3) };
            vec![Frame::of(pc + 10, "tokio::time::timeout::poll", "t.rs", pc), body]
        });
        assert_eq!((latest(&stacks).len(), common(&stacks[0], &stacks[1])), (2, 1));
        // By a future around them, all of which was inlined.
        let inlined = |pc: u64, line: u64| {
            ["tokio::io::poll", "app::{async_fn#0}:3", "app::Timed::poll"]
                .iter()
                .zip([line, 3, 5])
                .map(|(function, line)| Frame::of(pc, function, "a.rs", line))
                .collect::<Vec<_>>()
        };
        assert_eq!(common(&inlined(1, 7), &inlined(2, 8)), 2);
        let joined = |pc: u64| vec![Frame::of(pc, "futures_util::future::join::poll", "j.rs", 3)];
        assert_eq!(common(&joined(1), &joined(2)), 0);
        let unknown = |pc: u64| vec![Frame::of(pc, "app::poll", NO_FILE, 1)];
        assert_eq!(common(&unknown(1), &unknown(2)), 0);
        let closure = |pc: u64| vec![Frame::of(pc, "app::{closure#0}:5", "a.rs", 5)];
        assert_eq!(common(&closure(1), &closure(2)), 0);
        // Several of one function.
        let join_all = ("<futures_util::future::join_all::JoinAll<F> as core::future::future::Future>::poll", 4);
        check(
            &[
                &[("recv", 1), ("app::{async_fn#0}:8", 8), join_all, main],
                &[("tick", 2), ("app::{async_fn#0}:7", 7), join_all, main],
            ],
            &[0, 1],
        );
        // One of two that are joined went on.
        check(
            &[
                &[("recv", 1), ("app::{async_fn#1}:8", 8), ("app::{closure#0}:5", 6), main],
                &[("tick", 2), ("app::{async_fn#1}:7", 7), ("app::{closure#0}:5", 6), main],
                &[("send", 3), ("app::{async_fn#2}:9", 9), ("app::{closure#0}:5", 5), main],
            ],
            &[0, 2],
        );
    }
}
