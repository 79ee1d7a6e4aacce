//! Polls that take too long: a message in the task that is polled, and words for whoever waits for that.

use goroscope_wire::EventType;

use super::super::names::Names;
use super::{Lanes, Mode};

/// The category of the messages.
const CATEGORY: &str = "slow poll";

/// What is too long, and what was.
#[derive(Debug, Default)]
pub struct Slow {
    /// In ns.
    pub limit: Option<u64>,
    /// What is to be told.
    pub causes: Vec<String>,
}

impl Lanes {
    /// Whether something has been polled for too long and is not known yet.
    pub fn has_slow(&self, now: u64) -> bool {
        self.slow.limit.is_some_and(|limit| self.threads.keys().any(|thread| self.is_slow(thread, now, limit)))
    }

    /// Says so of everything that is.
    pub fn mark_slow(&mut self, now: u64, names: &Names) {
        let Some(limit) = self.slow.limit else { return };
        let slow = self.threads.keys().filter(|&thread| self.is_slow(thread, now, limit));
        let mut slow: Vec<u64> = slow.collect();
        slow.sort_unstable();
        for thread in slow {
            let Some(top) = self.top(thread) else { continue };
            let Some(since) = self.gos.get_mut(top.go).and_then(|go| go.polled.take()) else { continue };
            // When it became too long: what the thread did meanwhile may come later than what it does not tell yet.
            let what = format!("is polled for more than {} µs", limit / 1000);
            self.say_slow(thread, since.saturating_add(limit), top.go, &what, since, names);
        }
    }

    /// A poll ends.
    pub(super) fn end_poll(&mut self, thread: u64, time: u64, go: u64, names: &Names) {
        let Some(limit) = self.slow.limit else { return };
        if self.top(thread).is_none_or(|top| top.go != go || top.mode != Mode::Running) {
            return;
        }
        let Some(since) = self.gos.get_mut(go).and_then(|go| go.polled.take()) else { return };
        let took = time.saturating_sub(since);
        if took >= limit {
            let what = format!("was polled for {} µs", took / 1000);
            self.say_slow(thread, time, go, &what, since, names);
        }
    }

    fn is_slow(&self, thread: u64, now: u64, limit: u64) -> bool {
        let top = self.top(thread).filter(|top| top.mode == Mode::Running);
        let since = top.and_then(|top| self.gos.get(top.go)).and_then(|go| go.polled);
        since.is_some_and(|since| now.saturating_sub(since) >= limit)
    }

    fn say_slow(&mut self, thread: u64, time: u64, go: u64, what: &str, since: u64, names: &Names) {
        let site = self.gos.get(go).and_then(|go| names.site(go.site));
        let name = site.and_then(|site| site.frames.first().map(|frame| frame.function.to_string()));
        let name = name.unwrap_or_default();
        let message = format!("task {go} {name} {what}, since {since} ns, on thread {thread}");
        let (category, text) = (self.out.text(CATEGORY), self.out.text(&message));
        self.put_go(thread, time, go, EventType::UserLog, [0, category, text, 0]);
        // What it is a part of is polled for as long, but that is no news.
        let outer = self.threads.get(thread).map_or(&[][..], |thread| &thread.stack);
        for entry in outer {
            if let Some(go) = self.gos.get_mut(entry.go) {
                go.polled = None;
            }
        }
        self.slow.causes.push(format!("{CATEGORY}: {message}"));
    }
}
