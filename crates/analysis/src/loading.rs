//! How far the reading of a trace is, and its overview so far: what the page shows before there is a trace.

use crate::{ClassKind, Overview, classes};
use goroscope_model::{Class, PreviewCells, Progress};
use serde::Serialize;

/// What is being done to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Its bytes come in, through a pipe or from a slow disk.
    Receiving,
    /// It is unpacked.
    Unpacking,
    /// Its events are read.
    Reading,
    /// All events were read; tables are sorted and indexes built.
    Indexing,
}

/// How far the reading of a trace is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Loading {
    /// What is being done.
    pub phase: Phase,
    /// Bytes that this was done to; a packed file is counted as it is packed.
    pub bytes: u64,
    /// All bytes, if that is known.
    pub total: Option<u64>,
    /// Events so far.
    pub events: u64,
    /// Generations begun.
    pub generations: u64,
    /// The overview so far; `None` before the first event.
    pub overview: Option<Overview>,
}

impl Loading {
    /// Before the events: so many bytes of so many were received or unpacked.
    pub fn bytes(phase: Phase, bytes: u64, total: Option<u64>) -> Self {
        Self { phase, bytes, total, events: 0, generations: 0, overview: None }
    }

    /// While a file of `total` bytes is read.
    pub fn events(progress: &Progress<'_>, total: u64) -> Self {
        Self {
            phase: if progress.bytes < total { Phase::Reading } else { Phase::Indexing },
            bytes: progress.bytes,
            total: Some(total),
            events: progress.events(),
            generations: progress.generations,
            overview: overview(&progress.preview()),
        }
    }
}

/// The means that [`crate::overview`] has, as far as the trace was read. What is not of goroutines is empty or `None`.
fn overview(preview: &PreviewCells) -> Option<Overview> {
    let cells = preview.time.len();
    if cells == 0 {
        return None;
    }
    let mean = |kind: ClassKind| -> Vec<f64> {
        let mean_of = |(cell, time): (usize, &[f64; Class::COUNT])| {
            let begin = cell as i64 * preview.width;
            let duration = (begin + preview.width).min(preview.end) - begin;
            classes::sum_of_kind(time, kind) / duration as f64
        };
        preview.time.iter().enumerate().map(mean_of).collect()
    };
    let waiting = mean(ClassKind::Wait);
    Some(Overview {
        from: 0,
        width: preview.width,
        cells,
        running: mean(ClassKind::Run),
        runnable: mean(ClassKind::Ready),
        syscall: mean(ClassKind::Syscall),
        gomaxprocs: vec![None; cells],
        heap: vec![None; cells],
        goal: vec![None; cells],
        heap_max: 0,
        waiting_max: waiting.iter().copied().fold(0.0, f64::max),
        waiting,
        gc: Vec::new(),
        stw: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use goroscope_model::Trace;

    /// The last progress of a trace, with lists in one line.
    fn check(text: &str, expected: &Expect) {
        let file = goroscope_wire::text::parse(text).expect("a trace");
        let mut last = None;
        Trace::read(&file, &mut |progress| last = Some(Loading::events(&progress, file.len() as u64)))
            .expect("a trace");
        let json = serde_json::to_string(&last).expect("JSON");
        expected.assert_eq(&json.replace(",\"", ",\n\""));
    }

    #[test]
    fn means_so_far() {
        check(
            r#"
Trace Go1.26
Generation 1
EventBatch m=1 time=1000
ProcStatus at=1000 p=0 pstatus=Running
GoStatus at=1000 g=1 m=1 gstatus=Running
GoStatus at=1000 g=2 m=18446744073709551615 gstatus=Waiting
GoBlock at=1600 reason_string="chan receive"
"#,
            &expect![[r#"
                {"phase":"indexing",
                "bytes":110,
                "total":110,
                "events":6,
                "generations":1,
                "overview":{"from":0,
                "width":1024,
                "cells":1,
                "running":[1.0],
                "runnable":[0.0],
                "waiting":[1.0],
                "syscall":[0.0],
                "gomaxprocs":[null],
                "heap":[null],
                "goal":[null],
                "heap_max":0,
                "waiting_max":1.0,
                "gc":[],
                "stw":[]}}"#]],
        );
    }

    #[test]
    fn nothing_yet() {
        check(
            "Trace Go1.26\n",
            &expect![[r#"
            {"phase":"indexing",
            "bytes":16,
            "total":16,
            "events":1,
            "generations":0,
            "overview":null}"#]],
        );
    }
}
