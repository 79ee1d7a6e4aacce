//! Indexes: written once, used the next time, and never trusted.

use crate::program::{Folder, recorded};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

const TRACE: &str = "mix-1.27.trace.zst";

struct Indexed {
    folder: Folder,
    /// What is said without any index.
    plain: String,
}

impl Indexed {
    fn new(test: &str) -> Self {
        let folder = Folder::new(test);
        folder.write("trace.out", &recorded(TRACE));
        let plain = folder.run(&["info", "--json", "--no-index", "trace.out"], b"").stdout;
        Self { folder, plain }
    }

    /// Reads the trace with an index: the same must come out. What is said on standard error.
    fn read(&self) -> String {
        let ended = self.folder.run(&["info", "--json", "--index-dir", "index", "trace.out"], b"");
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(ended.stdout, self.plain, "{}", ended.stderr);
        ended.stderr
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path().join("index")).expect("the folder of indexes");
        entries.map(|entry| entry.expect("an entry").path()).collect()
    }

    fn file(&self) -> PathBuf {
        let files = self.files();
        assert_eq!(files.len(), 1, "{files:?}");
        files[0].clone()
    }

    /// What of a file tells whether it was written anew.
    fn identity(&self) -> u64 {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(self.file()).expect("the index").ino()
    }
}

#[test]
fn the_second_opening_uses_the_index() {
    let trace = Indexed::new("the_second_opening_uses_the_index");
    assert_eq!(trace.read(), "");
    let before = trace.identity();
    assert_eq!(trace.read(), "");
    assert_eq!(trace.identity(), before);
    // Packed, it is another file with an index of its own.
    let packed = crate::program::packed(TRACE);
    trace.folder.write("trace.zst", &packed);
    let read = || trace.folder.run(&["info", "--json", "--index-dir", "index", "trace.zst"], b"");
    let first = read();
    assert_eq!(first.stdout, read().stdout);
    assert_eq!(first.stdout.replace("trace.zst", "trace.out"), trace.plain);
    assert_eq!(trace.files().len(), 2);
}

#[test]
fn a_copy_is_the_same_trace_and_a_changed_file_is_not() {
    let trace = Indexed::new("a_copy_is_the_same_trace_and_a_changed_file_is_not");
    trace.read();
    let before = trace.identity();
    // Another time, the same content.
    let path = trace.folder.path().join("trace.out");
    let file = fs::File::options().write(true).open(&path).expect("the trace");
    file.set_modified(SystemTime::now() - Duration::from_secs(1000)).expect("a time");
    assert_eq!(trace.read(), "");
    assert_eq!(trace.identity(), before);
}

#[test]
fn what_changed_between_the_samples_is_seen() {
    let folder = Folder::new("what_changed_between_the_samples_is_seen");
    let mut bytes = recorded("pubsub-serial.trace.zst");
    folder.write("trace.out", &bytes);
    let read = |index: &str| folder.run(&["info", "--json", index, "--index-dir=index", "trace.out"], b"");
    let whole = read("--quiet");
    assert_eq!(whole.code, Some(0), "{}", whole.stderr);
    // The length stays, and so do the time and the parts that the name of the index is made from.
    let stride = (bytes.len() - 4096) / 64;
    assert!(stride > 4500, "the samples leave gaps: {stride}");
    let at = stride * 20 + 4096 + 50;
    bytes[at..at + 300].fill(0xff);
    let path = folder.path().join("trace.out");
    let time = fs::metadata(&path).and_then(|about| about.modified()).expect("a time");
    folder.write("trace.out", &bytes);
    let file = fs::File::options().write(true).open(&path).expect("the trace");
    file.set_modified(time).expect("a time");
    let damaged = read("--no-progress");
    assert!(damaged.stderr.contains("is not used: it is of another trace"), "{}", damaged.stderr);
    assert!(damaged.stderr.contains("the trace is damaged"), "{}", damaged.stderr);
    assert_ne!(damaged.stdout, whole.stdout);
    assert_eq!(fs::read_dir(folder.path().join("index")).expect("the folder").count(), 1);
}

#[test]
fn no_damage_goes_unnoticed() {
    let trace = Indexed::new("no_damage_goes_unnoticed");
    trace.read();
    let path = trace.file();
    let index = fs::read(&path).expect("the index");
    let mut damages: Vec<Vec<u8>> = Vec::new();
    for eighth in 0..8 {
        damages.push(index[..index.len() * eighth / 8].to_vec());
        let mut flipped = index.clone();
        let at = index.len() * eighth / 8 + 5;
        flipped[at] ^= 1;
        damages.push(flipped);
    }
    for at in [1, 9, 17, 33, 49, 65, 81] {
        let mut flipped = index.clone();
        let at = index.len() - at;
        flipped[at] ^= 0x80;
        damages.push(flipped);
    }
    damages.push(index.iter().chain(&index).copied().collect());
    damages.push(recorded(TRACE));
    damages.push([&index[..], b"more"].concat());
    for (i, damage) in damages.iter().enumerate() {
        fs::write(&path, damage).expect("a damaged index");
        let said = trace.read();
        let starts = format!("note: the index index/{}", path.file_name().expect("a name").to_string_lossy());
        assert!(said.starts_with(&starts) && said.contains("is not used: "), "damage {i}: {said}");
        assert_eq!(trace.read(), "", "after damage {i} it is written anew");
    }
}

#[test]
fn a_pipe_with_the_name_of_an_index_is_not_waited_for() {
    let trace = Indexed::new("a_pipe_with_the_name_of_an_index_is_not_waited_for");
    trace.read();
    let path = trace.file();
    fs::remove_file(&path).expect("the index");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
    let said = trace.read();
    assert!(said.ends_with("is not used: it is no file\n"), "{said}");
    assert_eq!(trace.read(), "", "it is written anew");
}

#[test]
fn where_no_index_can_be_written_the_trace_is_read_all_the_same() {
    let trace = Indexed::new("where_no_index_can_be_written_the_trace_is_read_all_the_same");
    trace.folder.write("index", b"a file");
    let ended = trace.folder.run(&["info", "--json", "--index-dir", "index", "trace.out"], b"");
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.starts_with("error: --index-dir index"), "{}", ended.stderr);
    // A small trace has no index of its own accord, and a pipe never.
    let home = trace.folder.path().join("home");
    fs::create_dir_all(&home).expect("a folder");
    let run = |arguments: &[&str]| {
        let mut command = trace.folder.command(arguments);
        command.env("HOME", &home).env("XDG_CACHE_HOME", home.join("cache"));
        command.output().expect("the program runs").status.success()
    };
    assert!(run(&["info", "trace.out"]));
    let made: Vec<_> = fs::read_dir(home.join("cache/goroscope")).map_or(Vec::new(), Iterator::collect);
    assert!(made.is_empty(), "{made:?}");
    let ended = trace.folder.run(&["info", "--json", "--index-dir", "piped", "-"], &recorded(TRACE));
    assert_eq!(ended.code, Some(0));
    assert_eq!(fs::read_dir(trace.folder.path().join("piped")).expect("the folder").count(), 0);
}
