//! Guards that keep their lock alive.
//!
//! The original's owned guards are of the original's lock, which is only a part of ours. So ours hold a borrowed guard and
//! the `Arc` from which it borrows.

#![expect(unsafe_code, reason = "a guard that lies beside the lock that it borrows from")]

use std::sync::Arc;

/// The lock, for as long as somebody holds the `Arc`.
///
/// Everything that is made from the result must be dropped before the `Arc` is: in a structure it stands before it, in a
/// function it is made after it.
pub(super) fn extended<L: ?Sized + 'static>(lock: &Arc<L>) -> &'static L {
    // SAFETY: what an `Arc` holds stays at its place until the last one is gone. The callers, all of them in this
    // module's parent, keep theirs for longer than the reference, as said above, and give neither of both away alone.
    unsafe { &*Arc::as_ptr(lock) }
}
