//! A folder with files, the program run in it, and all that it says.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder of one test. Names in it are relative, so that messages are the same on every machine.
pub struct Folder(PathBuf);

impl Folder {
    /// An empty one.
    pub fn new(test: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        if path.exists() {
            fs::remove_dir_all(&path).expect("the folder of an earlier run");
        }
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.join(name), bytes).expect("a file");
    }

    /// The program, to be run in this folder with nothing on standard input.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_goroscope"));
        command.current_dir(&self.0).args(arguments).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str], input: &[u8]) -> Ended {
        self.run_with(arguments, input, &[])
    }

    /// The same in another environment.
    pub fn run_with(&self, arguments: &[&str], input: &[u8], environment: &[(&str, &str)]) -> Ended {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied()).stdin(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut pipe = child.stdin.take().expect("a pipe");
        let input = input.to_vec();
        // The program may end without reading all.
        let writer = std::thread::spawn(move || drop(pipe.write_all(&input)));
        let output = child.wait_with_output().expect("the program ends");
        writer.join().expect("a pipe");
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("text"),
            stderr: String::from_utf8(output.stderr).expect("text"),
        }
    }

    /// Runs it and shows all that can be seen of it.
    pub fn show(&self, arguments: &[&str], input: &[u8]) -> String {
        let Ended { code, stdout, stderr } = self.run(arguments, input);
        let code = code.map_or("a signal".to_owned(), |code| code.to_string());
        format!("$ goroscope {}\n{stdout}{stderr}→ {code}\n\n", arguments.join(" "))
    }
}

/// A run that is over.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A file of `testdata`, packed with zstd as it is there.
pub fn packed(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name)).expect("a file of testdata")
}

/// The same, unpacked.
pub fn recorded(name: &str) -> Vec<u8> {
    unpacked(&packed(name))
}

/// Unpacks from zstd.
pub fn unpacked(packed: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    ruzstd::decoding::StreamingDecoder::new(packed).expect("zstd").read_to_end(&mut bytes).expect("zstd");
    bytes
}

/// Packs with gzip.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// A trace of a newer Go: twice an event 61 with two arguments, between events that are known.
pub fn strange() -> Vec<u8> {
    let mut bytes = b"go 1.28 trace\0\0\0".to_vec();
    let events = [
        13, 1, 0, 1, // ProcStatus
        25, 1, 1, 7, 2, // GoStatus
        61, 5, 7, 9, //
        37, 1, 7, // HeapAlloc
        61, 2, 8, 9, //
        20, 1, 0, 0, // GoBlock
    ];
    bytes.extend([1, 1, 7, 100, events.len() as u8]);
    bytes.extend(events);
    let sync = [50, 8, 100, 51, 1, 100, 1, 1];
    bytes.extend([1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 100, sync.len() as u8]);
    bytes.extend(sync);
    bytes.push(52);
    bytes
}
