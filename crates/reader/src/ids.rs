//! Identities as the trace records them, and times.

/// Declares a newtype over a recorded 64-bit id with a "none" value.
macro_rules! recorded_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl $name {
            /// No such resource.
            pub const NONE: Self = Self(u64::MAX);

            /// The id, or `None` for [`Self::NONE`].
            pub const fn get(self) -> Option<u64> {
                if self.0 == u64::MAX { None } else { Some(self.0) }
            }
        }
    };
}

recorded_id!(
    /// A goroutine, as numbered by the runtime; may be used again after its goroutine ended.
    GoId
);
recorded_id!(
    /// A proc (P), as numbered by the runtime.
    ProcId
);
recorded_id!(
    /// A thread (M), by its operating system id.
    ThreadId
);
recorded_id!(
    /// A user task. 0 is the background task.
    TaskId
);

/// Nanoseconds since the start of the trace by the raw clock; negative for what was sampled before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ts(pub i64);

/// Declares a newtype over a `u32` row number.
macro_rules! row_index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// The row number as an index.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

row_index!(
    /// A row of [`crate::Symbols`]' strings. Row 0 is the empty string.
    StringIdx
);
row_index!(
    /// A row of [`crate::Symbols`]' frames.
    FrameIdx
);
row_index!(
    /// A row of [`crate::Symbols`]' stacks. Row 0 is "no stack".
    StackIdx
);
