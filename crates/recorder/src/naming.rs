//! What functions on the stacks of tasks are called and say, for whoever looks them up outside of the recorded process.
//!
//! ```
//! use goroscope_recorder::naming::{Place, told};
//!
//! let place = |function: &str| Place { function: function.to_owned(), file: "src/main.rs".to_owned(), line: 7 };
//! let stack = ["<tokio::sync::mpsc::bounded::Receiver<u32>>::recv::{closure#0}", "app::serve::{closure#0}"];
//! assert_eq!(told(&stack.map(place)).reason, "chan receive");
//! ```

use crate::assemble::{Frame, NO_FILE, full_name, of_program, reason_of};

/// The file of a frame of which only the address is known; its function is that address in hexadecimal.
///
/// ```
/// use goroscope_recorder::naming::{ADDRESS_ONLY, Place, told};
///
/// let place = |function: &str, file: &str| Place { function: function.to_owned(), file: file.to_owned(), line: 1 };
/// // Nothing is known of the second one yet.
/// let stack = [place("app::serve", "src/main.rs"), place("0x55d2a0c41e30", ADDRESS_ONLY)];
/// assert!(told(&stack).places.iter().any(|(_, place)| place.file == ADDRESS_ONLY));
/// ```
pub const ADDRESS_ONLY: &str = NO_FILE;

/// A function's place on a stack.
///
/// ```
/// use goroscope_recorder::naming::{Place, told};
///
/// let main = Place { function: "app::main".to_owned(), file: "src/main.rs".to_owned(), line: 7 };
/// assert_eq!(told(&[main.clone()]).places, [(0, main)]);
/// ```
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
///
/// ```
/// use goroscope_recorder::naming::{Place, Told, told};
///
/// let place = |function: &str| Place { function: function.to_owned(), file: String::new(), line: 0 };
/// let Told { places, reason } = told(&["<tokio::time::sleep::Sleep>::poll", "app::main"].map(place));
/// assert_eq!((places.last().map(|(_, place)| place.function.as_str()), reason), (Some("app::main"), "sleep"));
/// ```
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
