//! Row numbers of the model's tables.

/// Declares a newtype over a `u32` row number with a "none" value.
macro_rules! row {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            /// No row.
            pub const NONE: Self = Self(u32::MAX);

            /// The row, or `None` for [`Self::NONE`].
            pub const fn get(self) -> Option<Self> {
                if self.0 == u32::MAX { None } else { Some(self) }
            }

            /// The row number as an index.
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

row!(
    /// A goroutine's life. An id that the runtime used again gets a row per life.
    GoIdx
);
row!(
    /// A proc (P).
    ProcIdx
);
row!(
    /// A thread (M).
    ThreadIdx
);
row!(
    /// A group of goroutines with the same start function.
    GroupIdx
);
row!(
    /// A user task.
    TaskIdx
);
row!(
    /// A user region.
    RegionIdx
);
row!(
    /// A type of user task: all tasks with the same name.
    TaskTypeIdx
);
row!(
    /// A counter of the recorder.
    CounterIdx
);
