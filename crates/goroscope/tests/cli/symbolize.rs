//! `goroscope symbolize`: this very program is recorded with addresses only, and its functions are named afterwards.

use crate::program::Folder;
use goroscope_recorder::{FutureExt, Recorder, Symbols};
use std::fs;
use std::path::Path;

/// Waits for a message that another task of the program sends.
#[inline(never)]
async fn a_task_that_waits(mut receiver: tokio::sync::mpsc::Receiver<u32>) -> u32 {
    receiver.recv().await.unwrap_or_default()
}

/// Records this program.
fn record(path: &Path) {
    let recording = Recorder::builder().symbols(Symbols::Later).start(path).expect("a recording");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let main = async {
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        let waiting = tokio::spawn(a_task_that_waits(receiver).traced());
        tokio::task::yield_now().await;
        sender.send(7).await.expect("a receiver");
        waiting.await.expect("a task")
    };
    assert_eq!(runtime.block_on(main.traced()), 7);
    recording.stop().expect("a trace");
}

#[test]
fn functions_are_named_afterwards() {
    let folder = Folder::new("symbolize");
    let path = folder.path().join("bare.trace");
    record(&path);
    let profile = |name: &str| folder.run(&["profile", "--kind", "blocking", "--folded", name], b"").stdout;
    assert!(profile("bare.trace").contains("0x"), "{}", profile("bare.trace"));

    let ended = folder.run(&["symbolize", "bare.trace", "named.trace"], b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let named = profile("named.trace");
    // Debug information of lines only does not name async functions, but it says where they are.
    assert!(named.contains("a_task_that_waits") || named.contains("cli::symbolize::{async_fn#0}"), "{named}");
    assert!(named.contains("tokio::sync::mpsc::"), "{named}");
    assert!(!named.contains("0x") && !named.contains("goroscope_recorder"), "{named}");
    let waits = folder.run(&["goroutines", "--list", "named.trace"], b"").stdout;
    assert!(waits.contains("chan receive"), "{waits}");
    let check = folder.run(&["check-file", "named.trace"], b"");
    assert_eq!(check.code, Some(0), "{}{}", check.stdout, check.stderr);
    let info = folder.run(&["info", "named.trace"], b"").stdout;
    assert!(info.contains("functions       have their names"), "{info}");

    // A part of it, too.
    let cut = folder.run(&["cut", "--from", "1us", "bare.trace", "part.trace"], b"");
    assert_eq!(cut.code, Some(0), "{}", cut.stderr);
    let ended = folder.run(&["symbolize", "part.trace", "named-part.trace"], b"");
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let part = profile("named-part.trace");
    assert!(part.contains("tokio::sync::mpsc::") && !part.contains("0x"), "{part}");

    let again = folder.run(&["symbolize", "named.trace", "more.trace"], b"");
    assert_eq!(again.code, Some(1));
    assert!(again.stderr.contains("nothing is to be looked up"), "{}", again.stderr);

    // Of another program than the recorded one nothing is believed.
    let other = env!("CARGO_BIN_EXE_goroscope");
    let ended = folder.run(&["symbolize", "--binary", other, "bare.trace", "wrong.trace"], b"");
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    assert!(ended.stderr.contains("not a build that was recorded"), "{}", ended.stderr);
    assert!(fs::metadata(folder.path().join("wrong.trace")).is_err(), "nothing is written");
}
