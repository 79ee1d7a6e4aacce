//! The stretch over which a curve has one value, as a span.

use super::{Neighbour, SpanDetails};
use crate::Lane;
use crate::curves::Curve;
use goroscope_model::{Class, Trace};
use serde::Serialize;

/// A value of a curve, among all that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CurveValue {
    /// The value.
    pub now: i64,
    /// `bytes`, `ns`, or empty.
    pub unit: &'static str,
    /// The least in the trace.
    pub least: i64,
    /// The largest in the trace.
    pub most: i64,
}

/// The value at a moment; `None` where there is none.
pub(super) fn at(trace: &Trace, lane: Lane, curve: &Curve<'_>, ts: i64) -> Option<SpanDetails> {
    if ts > trace.end() { None } else { row(trace, lane, curve, curve.holding(ts)?) }
}

/// The value of a point, as long as it holds: until the next point, or the end of the trace.
pub(super) fn row(trace: &Trace, lane: Lane, curve: &Curve<'_>, point: usize) -> Option<SpanDetails> {
    let it = neighbour(trace, curve, point)?;
    let now = curve.at(point)?.1?;
    let (least, most) = curve.range(trace).unwrap_or((now, now));
    let mut details = SpanDetails::new(trace, lane, it.row, (it.start, it.end), it.class, it.title);
    details.value = Some(CurveValue { now, unit: curve.unit(), least, most });
    details.open_end = point + 1 == curve.len();
    details.prev = point.checked_sub(1).and_then(|before| neighbour(trace, curve, before));
    details.next = neighbour(trace, curve, point + 1);
    Some(details)
}

fn neighbour(trace: &Trace, curve: &Curve<'_>, point: usize) -> Option<Neighbour> {
    let (start, value) = curve.at(point)?;
    let end = curve.at(point + 1).map_or(trace.end(), |next| next.0).max(start);
    Some(Neighbour { row: u32::try_from(point).ok()?, start, end, class: Class::Counter, title: value?.to_string() })
}
