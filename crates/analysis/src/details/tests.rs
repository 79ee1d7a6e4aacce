//! Tests of `details`.
