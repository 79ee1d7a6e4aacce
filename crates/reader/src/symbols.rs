//! Strings, frames and stacks of the whole trace, each kept once.
//!
//! Ids in the file hold for one generation; rows here hold for the trace.

use std::borrow::Cow;

use crate::{FrameIdx, StackIdx, StringIdx};

/// One call frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// Program counter as recorded.
    pub pc: u64,
    /// Function name.
    pub function: StringIdx,
    /// Source file.
    pub file: StringIdx,
    /// Line in the file, from 1; 0 is unknown.
    pub line: u32,
}

/// Strings, frames and stacks, interned. Row 0 of strings is empty, row 0 of stacks has no frames.
#[derive(Clone, Debug)]
pub struct Symbols {
    /// All texts, one after another.
    text: String,
    /// Where each string ends in `text`.
    text_ends: Vec<usize>,
    /// The strings that are not UTF-8, as recorded, by row.
    raw: Vec<(StringIdx, Box<[u8]>)>,
    frames: Vec<Frame>,
    /// The frames of all stacks, one after another.
    stack_frames: Vec<FrameIdx>,
    /// Where each stack ends in `stack_frames`.
    stack_ends: Vec<usize>,
}

impl Default for Symbols {
    /// Only the two rows 0.
    fn default() -> Self {
        Self {
            text: String::new(),
            text_ends: vec![0],
            raw: Vec::new(),
            frames: Vec::new(),
            stack_frames: Vec::new(),
            stack_ends: vec![0],
        }
    }
}

impl Symbols {
    /// The text of a string row, with U+FFFD in place of what is not UTF-8.
    pub fn string(&self, string: StringIdx) -> &str {
        &self.text[span(&self.text_ends, string.index())]
    }

    /// The bytes of a string row as recorded.
    pub fn bytes(&self, string: StringIdx) -> &[u8] {
        if !self.raw.is_empty()
            && let Ok(at) = self.raw.binary_search_by_key(&string, |&(row, _)| row)
        {
            return &self.raw[at].1;
        }
        self.string(string).as_bytes()
    }

    /// Number of strings.
    pub fn string_count(&self) -> usize {
        self.text_ends.len()
    }

    /// A frame row.
    pub fn frame(&self, frame: FrameIdx) -> Frame {
        self.frames[frame.index()]
    }

    /// Number of frames.
    pub fn frame_count(&self) -> usize {
        self.frames.len()
    }

    /// The frames of a stack, leaf first.
    pub fn stack(&self, stack: StackIdx) -> &[FrameIdx] {
        &self.stack_frames[span(&self.stack_ends, stack.index())]
    }

    /// Number of stacks, the empty one included.
    pub fn stack_count(&self) -> usize {
        self.stack_ends.len()
    }

    /// Adds a string, whether or not it is there already.
    pub fn push_string(&mut self, text: &str) -> StringIdx {
        self.text.push_str(text);
        self.text_ends.push(self.text.len());
        StringIdx(self.text_ends.len() as u32 - 1)
    }

    /// Adds a string that need not be UTF-8, whether or not it is there already.
    pub(crate) fn push_bytes(&mut self, bytes: &[u8]) -> StringIdx {
        let text = String::from_utf8_lossy(bytes);
        let row = self.push_string(&text);
        if let Cow::Owned(_) = text {
            self.raw.push((row, bytes.into()));
        }
        row
    }

    /// Adds a frame, whether or not it is there already.
    pub fn push_frame(&mut self, frame: Frame) -> FrameIdx {
        self.frames.push(frame);
        FrameIdx(self.frames.len() as u32 - 1)
    }

    /// Adds a stack, whether or not it is there already.
    pub fn push_stack(&mut self, frames: &[FrameIdx]) -> StackIdx {
        self.stack_frames.extend_from_slice(frames);
        self.stack_ends.push(self.stack_frames.len());
        StackIdx(self.stack_ends.len() as u32 - 1)
    }
}

/// The range of a row in the list whose rows end at `ends`.
fn span(ends: &[usize], row: usize) -> std::ops::Range<usize> {
    let start = if row == 0 { 0 } else { ends[row - 1] };
    start..ends[row]
}
