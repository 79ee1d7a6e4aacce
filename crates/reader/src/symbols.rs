//! Strings, frames and stacks of the whole trace, each kept once.
//!
//! Ids in the file hold for one generation; rows here hold for the trace.

use crate::{FrameIdx, StackIdx, StringIdx};

/// One call frame.
#[non_exhaustive]
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
            frames: Vec::new(),
            stack_frames: Vec::new(),
            stack_ends: vec![0],
        }
    }
}

impl Symbols {
    /// The text of a string row.
    pub fn string(&self, string: StringIdx) -> &str {
        &self.text[span(&self.text_ends, string.index())]
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
    pub(crate) fn push_string(&mut self, text: &str) -> StringIdx {
        self.text.push_str(text);
        self.text_ends.push(self.text.len());
        StringIdx(self.text_ends.len() as u32 - 1)
    }

    /// Adds a frame, whether or not it is there already.
    pub(crate) fn push_frame(&mut self, frame: Frame) -> FrameIdx {
        self.frames.push(frame);
        FrameIdx(self.frames.len() as u32 - 1)
    }

    /// Adds a stack, whether or not it is there already.
    pub(crate) fn push_stack(&mut self, frames: &[FrameIdx]) -> StackIdx {
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
