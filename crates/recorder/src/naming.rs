//! What functions on the stacks of tasks are called and say, for whoever looks them up outside of the recorded process.

use crate::assemble::{Frame, NO_FILE, full_name, of_program, reason_of};

/// The file of a frame of which only the address is known; its function is that address in hexadecimal.
pub const ADDRESS_ONLY: &str = NO_FILE;

/// A function's place on a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The function, as debug information or a table of symbols has it, without the hash of its compilation.
    pub function: String,
    /// Its file, or empty.
    pub file: String,
    /// The line in it, from 1; 0 if it is not known.
    pub line: u32,
}

/// What a stack tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Which of the places are the program's, in their order, with their full names.
    pub places: Vec<(usize, Place)>,
    /// Why a task waits there, in the words of Go's runtime.
    pub reason: &'static str,
}

/// Leaves the places of the program, leaf first, and says why a task waits there.
///
/// ```
/// use goroscope_recorder::naming::{Place, told};
///
/// let place = |function: &str| Place { function: function.to_owned(), file: "src/main.rs".to_owned(), line: 7 };
/// let stack = ["goroscope_recorder::waker::clone", "<tokio::time::sleep::Sleep>::poll", "app::main"].map(place);
/// let told = told(&stack);
/// assert_eq!(told.reason, "sleep");
/// assert_eq!(told.places.len(), 2);
/// ```
pub fn told(places: &[Place]) -> Told {
    let frames: Vec<Frame> = (0..)
        .zip(places)
        .map(|(row, place)| {
            let function = full_name(&place.function, &place.file, place.line);
            Frame::of(row, &function, &place.file, place.line.into())
        })
        .collect();
    let kept = of_program(&frames);
    let reason = reason_of(&kept).text();
    let place = |frame: &Frame| Place {
        function: frame.function.to_string(),
        file: frame.file.to_string(),
        line: u32::try_from(frame.line).unwrap_or_default(),
    };
    Told { places: kept.iter().map(|frame| (frame.pc as usize, place(frame))).collect(), reason }
}
