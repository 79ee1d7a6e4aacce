//! Why a task waits, from the functions on its stack, as tables.
//!
//! The words are those of Go's runtime, and no others: tools sort and colour by them.
//! What the program called is the outermost function of a library behind its own: a bounded channel waits for a semaphore
//! inside, and is still a channel. So that is looked at first.

use super::symbols::Frame;
use crate::wait;

macro_rules! reasons {
    ($($name:ident $text:literal;)*) => {
        /// Why a task waits, or lets others run.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Reason {
            $(#[doc = $text] $name,)*
        }

        impl Reason {
            /// How many there are.
            pub const COUNT: usize = [$(Self::$name),*].len();

            /// In Go's words.
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

reasons! {
    Network "network";
    ChanSend "chan send";
    ChanReceive "chan receive";
    Select "select";
    Sync "sync";
    Cond "sync.(*Cond).Wait";
    Join "sync";
    Sleep "sleep";
    Unspecified "unspecified";
    Yield "runtime.Gosched";
    Preempted "preempted";
}

/// Why a thread waits, by the small number of the record.
pub fn of_wait(small: u16) -> Reason {
    match small {
        wait::CHAN_SEND => Reason::ChanSend,
        wait::CHAN_RECEIVE => Reason::ChanReceive,
        wait::COND => Reason::Cond,
        _ => Reason::Sync,
    }
}

/// How names begin, what they hold, and what that means.
type Rule = (&'static str, &'static str, Reason);

/// Functions that let others run: wherever they are on the stack, the task does not wait.
static PAUSES: &[Rule] = &[
    ("tokio::task::yield_now", "", Reason::Yield),
    ("tokio::task::coop::", "poll_proceed", Reason::Preempted),
    ("tokio::task::coop::", "register_waker", Reason::Preempted),
    ("tokio::task::coop::consume_budget", "", Reason::Preempted),
];

/// Functions that wait; the first row that fits counts.
static WAITS: &[Rule] = &[
    ("tokio::sync::mpsc::", "recv", Reason::ChanReceive),
    ("tokio::sync::mpsc::", "Rx<", Reason::ChanReceive),
    ("tokio::sync::mpsc::", "Sender", Reason::ChanSend),
    ("tokio::sync::mpsc::", "Permit", Reason::ChanSend),
    ("tokio::sync::mpsc::", "", Reason::ChanReceive),
    ("tokio::sync::oneshot::", "Sender", Reason::ChanSend),
    ("tokio::sync::oneshot::", "", Reason::ChanReceive),
    ("tokio::sync::broadcast::", "Sender", Reason::ChanSend),
    ("tokio::sync::broadcast::", "", Reason::ChanReceive),
    ("tokio::sync::watch::", "Sender", Reason::ChanSend),
    ("tokio::sync::watch::", "", Reason::ChanReceive),
    ("tokio::runtime::task::join::", "", Reason::Join),
    ("tokio::task::join_set::", "", Reason::Join),
    ("tokio::sync::", "", Reason::Sync),
    ("tokio::time::", "", Reason::Sleep),
    ("tokio::runtime::time::", "", Reason::Sleep),
    // The pipes of a child, and its end.
    ("tokio::process::", "poll_", Reason::Network),
    ("tokio::process::", "", Reason::Sync),
    ("tokio::io::util::mem::", "write", Reason::ChanSend),
    ("tokio::io::util::mem::", "", Reason::ChanReceive),
    ("tokio::net::", "", Reason::Network),
    ("tokio::runtime::io::", "", Reason::Network),
    ("tokio::io::poll_evented::", "", Reason::Network),
    ("tokio::io::async_fd::", "", Reason::Network),
    ("tokio_util::time::", "", Reason::Sleep),
    ("futures_channel::oneshot::", "", Reason::ChanReceive),
    ("futures_channel::mpsc::", "Sender", Reason::ChanSend),
    ("futures_channel::mpsc::", "poll_ready", Reason::ChanSend),
    ("futures_channel::mpsc::", "poll_flush", Reason::ChanSend),
    ("futures_channel::mpsc::", "", Reason::ChanReceive),
    ("futures_util::lock::", "", Reason::Sync),
    // These wake a task of theirs for each future that goes on, and register its waker only once.
    ("futures_util::stream::futures_unordered::", "", Reason::Select),
    ("futures_util::future::future::shared::", "", Reason::Sync),
    ("futures_util::future::future::remote_handle::", "", Reason::Join),
    ("futures_timer::", "", Reason::Sleep),
    ("async_channel::", "Send", Reason::ChanSend),
    ("event_listener_strategy::poll<async_channel::Send", "", Reason::ChanSend),
    ("async_channel::", "", Reason::ChanReceive),
    ("async_broadcast::", "Send", Reason::ChanSend),
    ("event_listener_strategy::poll<async_broadcast::Send", "", Reason::ChanSend),
    ("async_broadcast::", "", Reason::ChanReceive),
    ("kanal::", "Send", Reason::ChanSend),
    ("kanal::", "", Reason::ChanReceive),
    ("flume::async::Send", "", Reason::ChanSend),
    ("flume::async::", "", Reason::ChanReceive),
    ("oneshot::", "", Reason::ChanReceive),
    ("async_oneshot::", "Sender", Reason::ChanSend),
    ("async_oneshot::", "", Reason::ChanReceive),
    ("futures_intrusive::channel::", "Send", Reason::ChanSend),
    ("futures_intrusive::channel::", "Receive", Reason::ChanReceive),
    ("futures_intrusive::sync::", "", Reason::Sync),
    ("futures_intrusive::timer::", "", Reason::Sleep),
    ("crossfire::async_tx::", "", Reason::ChanSend),
    ("crossfire::sink::", "", Reason::ChanSend),
    ("crossfire::async_rx::", "", Reason::ChanReceive),
    ("crossfire::stream::", "", Reason::ChanReceive),
    ("loole::", "Send", Reason::ChanSend),
    ("loole::", "Recv", Reason::ChanReceive),
    ("tachyonix::", "", Reason::ChanReceive),
    ("thingbuf::", "", Reason::ChanReceive),
    ("async_event::", "", Reason::Sync),
    ("quick_cache::", "", Reason::Sync),
    ("triggered::", "", Reason::Sync),
    // Requests and answers have no sockets of their own: the task of the connection hands on what comes.
    ("h2::", "", Reason::Network),
    ("hyper::body::", "", Reason::Network),
    // hyper's senders wait for somebody who wants what they have.
    ("want::", "", Reason::ChanSend),
    // Wakers of its own are registered with the socket.
    ("tokio_tungstenite::", "", Reason::Network),
    ("async_tungstenite::", "", Reason::Network),
    ("async_lock::", "", Reason::Sync),
    ("event_listener::", "", Reason::Sync),
    ("async_task::", "", Reason::Join),
    ("async_process::", "poll_", Reason::Network),
    ("async_process::", "", Reason::Sync),
    ("async_io::", "Timer", Reason::Sleep),
    // Of a timer, too: nothing else there has elements.
    ("async_io::poll_next", "", Reason::Sleep),
    ("async_io::", "", Reason::Network),
];

/// A function that waits inside of one of another module, where neither says it alone.
static WAITS_INSIDE: &[(&str, &str, Reason)] = &[
    ("tokio::sync::mpsc::", "tokio::sync::batch_semaphore::", Reason::ChanSend),
    // A sender waits for the receiver to go.
    ("tokio::sync::mpsc::", "tokio::sync::notify::", Reason::ChanSend),
    ("tokio::sync::oneshot::", "tokio::sync::oneshot::poll_closed", Reason::ChanSend),
    ("flume::async::", "flume::send", Reason::ChanSend),
    ("tachyonix::", "async_event::", Reason::ChanSend),
    // A receiver waits in a cell.
    ("thingbuf::mpsc::", "thingbuf::wait::queue::", Reason::ChanSend),
];

/// Libraries whose functions stand between the program and what it waits for.
static LIBRARIES: &[&str] = &[
    "tokio::",
    "tokio_util::",
    "tokio_stream::",
    "core::",
    "std::",
    "alloc::",
    // What catches a panic; tokio's wakers are registered inside of that.
    "__rust_try",
    "futures_",
    "async_broadcast::",
    "async_channel::",
    "async_event::",
    "async_io::",
    "async_lock::",
    "async_oneshot::",
    "async_process::",
    "async_std::",
    "async_task::",
    "async_tungstenite::",
    "blocking::",
    "crossfire::",
    "diatomic_waker::",
    "event_listener::",
    "event_listener_strategy::",
    "flume::",
    "h2::",
    "hyper::body::",
    "kanal::",
    "loole::",
    "oneshot::",
    "quick_cache::",
    "tachyonix::",
    "thingbuf::",
    "tokio_tungstenite::",
    "triggered::",
    "want::",
];

/// Why a task waits whose waker was registered with this stack, leaf first.
pub fn of(frames: &[Frame]) -> Reason {
    let names: Vec<&str> = frames.iter().map(plain).take_while(is_of_a_library).collect();
    let first = |rules: &[Rule], name: &str| {
        rules.iter().find(|(begin, part, _)| name.starts_with(begin) && name.contains(part)).map(|(.., reason)| *reason)
    };
    let has = |begin: &str| names.iter().any(|name| name.starts_with(begin));
    let inside = || WAITS_INSIDE.iter().find(|(outer, inner, _)| has(outer) && has(inner)).map(|(.., reason)| *reason);
    let pause = names.iter().find_map(|name| first(PAUSES, name));
    // A timeout is not what is waited for, though it is called first.
    let wait = || names.iter().rev().filter(|name| !begins(name, LIMITS)).find_map(|name| first(WAITS, name));
    pause.or_else(inside).or_else(wait).unwrap_or(Reason::Unspecified)
}

/// Functions that poll one thing, and then what may put an end to that.
static LIMITS: &[&str] = &[
    "tokio::time::timeout::",
    "tokio_stream::stream_ext::timeout",
    "async_std::future::timeout::",
    "async_std::stream::stream::timeout::",
    "futures_util::abortable::",
];

/// Functions that register several wakers for one thing.
static SINGLE: &[&str] = &[
    "tokio_util::time::delay_queue::",
    "tokio::io::util::copy_bidirectional::",
    "async_io::Timer",
    "async_io::poll_next",
    // For whoever reads and for whoever writes.
    "tokio_tungstenite::",
    "async_tungstenite::",
];

/// Whether the function polls one thing, and then what may put an end to that.
pub fn is_limit(frame: &Frame) -> bool {
    begins(plain(frame), LIMITS)
}

/// Whether the function waits for one thing, whatever it registers its wakers with.
pub fn is_single(frame: &Frame) -> bool {
    begins(plain(frame), SINGLE)
}

fn begins(name: &str, with: &[&str]) -> bool {
    with.iter().any(|begin| name.starts_with(begin))
}

/// The name without what a method of a trait begins with: a bracket, and what stands for a reference.
fn plain(frame: &Frame) -> &str {
    let name = frame.function.trim_start_matches(['<', '&']);
    name.strip_prefix("mut ").unwrap_or(name)
}

fn is_of_a_library(name: &&str) -> bool {
    begins(name, LIBRARIES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(functions: &[&str], expected: Reason) {
        let frames: Vec<Frame> = functions.iter().map(|function| Frame::of(1, function, "a.rs", 1)).collect();
        assert_eq!(of(&frames), expected, "{functions:?}");
    }

    #[test]
    fn what_the_program_called_counts() {
        check(&[], Reason::Unspecified);
        check(&["app::ask"], Reason::Unspecified);
        check(&["<tokio::time::sleep::Sleep as core::future::future::Future>::poll", "app::ask"], Reason::Sleep);
        check(
            &[
                "<tokio::sync::batch_semaphore::Acquire as core::future::future::Future>::poll",
                "tokio::sync::mpsc::bounded::Sender<T>::reserve::{{closure}}",
                "tokio::sync::mpsc::bounded::Sender<T>::send::{{closure}}",
                "app::ask",
            ],
            Reason::ChanSend,
        );
        check(
            &["tokio::task::coop::poll_proceed", "tokio::sync::mpsc::chan::Rx<T,S>::recv", "app::ask"],
            Reason::Preempted,
        );
        check(&["tokio::runtime::context::defer", "tokio::task::yield_now::yield_now", "app"], Reason::Yield);
        // Without full names.
        check(
            &["tokio::runtime::task::harness::can_read_output", "tokio::runtime::task::join::poll", "app"],
            Reason::Join,
        );
        check(
            &["tokio::sync::batch_semaphore::poll", "tokio::sync::mpsc::bounded::{async_fn#0}", "app"],
            Reason::ChanSend,
        );
        check(
            &["tokio::sync::mpsc::chan::recv", "tokio::sync::mpsc::bounded::{async_fn#0}", "app"],
            Reason::ChanReceive,
        );
        check(&["app::sleep", "tokio::time::sleep::Sleep"], Reason::Unspecified);
    }

    #[test]
    fn libraries_wait_by_way_of_others() {
        let channel = |part: &'static str, outer: &'static str| {
            [
                "event_listener::TaskRef::into_task",
                "<event_listener_strategy::NonBlocking as event_listener_strategy::Strategy>::poll",
                part,
                "<event_listener_strategy::FutureWrapper<F> as core::future::future::Future>::poll",
                outer,
                "app::ask",
            ]
        };
        let receive =
            "<async_channel::RecvInner<T> as event_listener_strategy::EventListenerFuture>::poll_with_strategy";
        let send = "<async_channel::SendInner<T> as event_listener_strategy::EventListenerFuture>::poll_with_strategy";
        check(&channel(receive, "<async_channel::Recv<T> as core::future::future::Future>::poll"), Reason::ChanReceive);
        check(&channel(send, "<async_channel::Send<T> as core::future::future::Future>::poll"), Reason::ChanSend);
        check(&["<async_broadcast::Send<T> as core::future::future::Future>::poll", "app"], Reason::ChanSend);
        check(&["<async_broadcast::Recv<T> as core::future::future::Future>::poll", "app"], Reason::ChanReceive);
        check(
            &["kanal::signal::Signal<T>::register_waker", "<kanal::future::ReceiveFuture<T> as Future>::poll", "app"],
            Reason::ChanReceive,
        );
        check(&["<kanal::future::SendFuture<T> as core::future::future::Future>::poll", "app"], Reason::ChanSend);
        check(
            &[
                "futures_core::task::__internal::atomic_waker::AtomicWaker::register",
                "futures_timer::native::delay::poll",
            ],
            Reason::Sleep,
        );
        check(
            &[
                "<futures_util::stream::futures_unordered::FuturesUnordered<F> as futures_core::stream::Stream>::poll_next",
                "<futures_util::stream::stream::buffer_unordered::BufferUnordered<S> as Stream>::poll_next",
                "app",
            ],
            Reason::Select,
        );
        // With lines only, methods have no types of their own.
        let lines = |wrapper: &'static str| {
            [
                "event_listener_strategy::poll",
                "async_channel::poll_with_strategy",
                wrapper,
                "event_listener_strategy::poll",
                "app::{async_fn#0}",
            ]
        };
        check(&lines("event_listener_strategy::poll<async_channel::SendInner<u8>>"), Reason::ChanSend);
        check(&lines("event_listener_strategy::poll<async_channel::RecvInner<u8>>"), Reason::ChanReceive);
        check(&["flume::async::new", "flume::send", "flume::async::poll", "app"], Reason::ChanSend);
        check(&["flume::async::new", "flume::recv", "flume::async::poll", "app"], Reason::ChanReceive);
        check(
            &["futures_channel::mpsc::poll_unparked", "futures_channel::mpsc::sink_impl::poll_ready"],
            Reason::ChanSend,
        );
        check(&["tokio::sync::notify::poll", "tokio::sync::mpsc::chan::{async_fn#0}:225", "app"], Reason::ChanSend);
        check(
            &[
                "tokio::sync::oneshot::set_task",
                "tokio::sync::oneshot::poll_closed",
                "tokio::sync::oneshot::{async_fn#0}:743",
            ],
            Reason::ChanSend,
        );
        check(&["async_task::header::Header<M>::register", "async_std::task::join_handle::poll", "app"], Reason::Join);
        check(&["async_task::header::Header<M>::register", "<blocking::Task as Future>::poll", "app"], Reason::Join);
    }

    #[test]
    fn libraries_keep_wakers_of_their_own() {
        let closure = "app::ask::{{closure}}";
        let next = "<futures_util::stream::stream::next::Next<St> as core::future::future::Future>::poll";
        check(
            &["h2::proto::streams::recv::Recv::poll_response", "h2::client::ResponseFuture::poll", closure],
            Reason::Network,
        );
        check(&["h2::proto::streams::send::{closure#0}:9", "h2::share::poll_capacity", closure], Reason::Network);
        // The body of a request or an answer.
        let frame = "<hyper::body::incoming::Incoming as http_body::Body>::poll_frame";
        check(&["hyper::body::chan::Receiver::poll_next", frame, "axum_core::ext", closure], Reason::Network);
        check(&["h2::share::RecvStream::poll_data", frame, "axum_core::ext", closure], Reason::Network);
        check(
            &["want::Giver::poll_want", "hyper::client::dispatch::Sender<T,U>::poll_ready", closure],
            Reason::ChanSend,
        );
        let socket = "<tokio_tungstenite::WebSocketStream<T> as futures_core::stream::Stream>::poll_next";
        check(&["tokio_tungstenite::compat::AllowStd<S>::set_waker", socket, next, closure], Reason::Network);
        check(&["<oneshot::Receiver<T> as core::future::future::Future>::poll", closure], Reason::ChanReceive);
        let joins =
            "<quick_cache::sync_placeholder::JoinFuture<Q,Key,Val,We,B,L> as core::future::future::Future>::poll";
        check(
            &[joins, "quick_cache::sync::Cache<Key,Val,We,B,L>::get_value_or_guard_async::{{closure}}", closure],
            Reason::Sync,
        );
        let loops = "<futures_intrusive::channel::channel_future::ChannelReceiveFuture<M,T> as core::future::future::Future>::poll";
        check(&[loops, closure], Reason::ChanReceive);
        check(&["<loole::SendFuture<T> as core::future::future::Future>::poll", closure], Reason::ChanSend);
        check(
            &["async_event::Notifier::set_waker", "tachyonix::Sender<T>::send::{{closure}}", closure],
            Reason::ChanSend,
        );
        check(&["diatomic_waker::register", "tachyonix::Receiver<T>::recv::{{closure}}", closure], Reason::ChanReceive);
        check(
            &["thingbuf::wait::queue::start_wait", "thingbuf::mpsc::async_impl::{async_fn#0}:9", closure],
            Reason::ChanSend,
        );
        check(&["thingbuf::wait::cell::wait_with", "thingbuf::mpsc::async_impl::poll", closure], Reason::ChanReceive);
        check(&["crossfire::waker::new_async", "crossfire::async_tx::poll", closure], Reason::ChanSend);
        check(&["<triggered::Listener as core::future::future::Future>::poll", closure], Reason::Sync);
    }

    #[test]
    fn children_and_pipes() {
        let ready = "tokio::runtime::io::scheduled_io::ScheduledIo::poll_readiness";
        check(
            &[ready, "<tokio::process::imp::Child as Future>::poll", "tokio::process::Child::wait::{{closure}}", "app"],
            Reason::Sync,
        );
        check(&[ready, "tokio::process::{async_fn#0}", "app"], Reason::Sync);
        check(
            &[ready, "<tokio::process::ChildStdout as tokio::io::async_read::AsyncRead>::poll_read", "app"],
            Reason::Network,
        );
        check(&["tokio::io::util::mem::SimplexStream::poll_read_internal", "app"], Reason::ChanReceive);
        check(&["tokio::io::util::mem::SimplexStream::poll_write_internal", "app"], Reason::ChanSend);
    }

    #[test]
    fn frames_between_the_library_and_its_waker_do_not_hide_it() {
        check(
            &[
                "<&core::task::wake::Waker as tokio::sync::task::atomic_waker::WakerRef>::into_waker",
                "__rust_try",
                "std::panic::catch_unwind",
                "tokio::sync::mpsc::chan::recv",
                "app",
            ],
            Reason::ChanReceive,
        );
        check(
            &["tokio::net::tcp::stream::poll_write", "<&mut T as tokio::io::AsyncWrite>::poll_write", "app"],
            Reason::Network,
        );
    }
}
