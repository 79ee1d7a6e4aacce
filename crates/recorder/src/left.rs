//! Which releases of one lock or channel are there to go on because of, and for whom.

use crate::state::Session;

/// Releases that nobody took yet, of a session, and those who may take them.
#[derive(Debug)]
pub struct Left {
    session: Session,
    /// Oldest first.
    releases: Vec<Release>,
    /// How many have entered so far.
    entries: u64,
    /// Which of them are there, oldest first.
    present: Vec<u64>,
}

/// A release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    pub number: u64,
    /// How many had entered: nobody goes on because of what was signalled before.
    entries: u64,
}

/// For how long somebody may go on because of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    /// A lock: whoever has it next has it because of the last release, also if it enters only after it.
    UntilNext,
    /// A signal or something sent, for one of those who were there.
    UntilTaken,
}

impl Left {
    /// Nobody was there yet.
    pub const fn new() -> Self {
        Self { session: Session(0), releases: Vec::new(), entries: 0, present: Vec::new() }
    }

    /// Those of this session; what is left of another one means nothing.
    pub fn of(&mut self, session: Session) -> &mut Self {
        if self.session != session {
            self.session = session;
            self.releases.clear();
        }
        self
    }

    /// Somebody enters.
    pub fn enter(&mut self) -> u64 {
        self.entries += 1;
        self.present.push(self.entries);
        self.entries
    }

    /// How many are there.
    pub fn present(&self) -> usize {
        self.present.len()
    }

    /// How many are there for whom there is no release yet.
    pub fn waiting(&self) -> usize {
        self.present.len().saturating_sub(self.releases.len())
    }

    /// Somebody releases.
    pub fn add(&mut self, number: u64, lasting: Lasting) {
        let entries = match lasting {
            Lasting::UntilNext => u64::MAX,
            Lasting::UntilTaken => self.entries,
        };
        self.releases.push(Release { number, entries });
    }

    /// The oldest release since an entry.
    pub fn take(&mut self, entry: u64) -> Option<u64> {
        let at = self.releases.iter().position(|release| release.entries >= entry)?;
        Some(self.releases.remove(at).number)
    }

    /// The oldest release, for nobody.
    pub fn oldest(&mut self) -> Option<Release> {
        (!self.releases.is_empty()).then(|| self.releases.remove(0))
    }

    /// The newest release, for nobody.
    pub fn newest(&mut self) -> Option<Release> {
        self.releases.pop()
    }

    /// All releases, for nobody.
    pub fn void(&mut self) -> Vec<Release> {
        std::mem::take(&mut self.releases)
    }

    /// Somebody leaves; the releases that are for nobody now.
    pub fn leave(&mut self, entry: u64) -> Vec<Release> {
        self.present.retain(|present| *present != entry);
        let Some(&first) = self.present.first() else { return self.void() };
        let old = self.releases.partition_point(|release| release.entries < first);
        let many = self.releases.len().saturating_sub(self.present.len());
        self.releases.drain(..old.max(many)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `+` enters, `s7` signals 7, `u7` unlocks with 7, `t2` is what the second one takes, `-2` what is void when it leaves.
    fn check(steps: &str, expected: &str) {
        let mut left = Left::new();
        let mut told = Vec::new();
        for step in steps.split_whitespace() {
            let (what, number) = step.split_at(1);
            let number = number.parse().unwrap_or_default();
            match what {
                "+" => assert!(left.enter() > 0),
                "s" => left.add(number, Lasting::UntilTaken),
                "u" => left.add(number, Lasting::UntilNext),
                "t" => told.push(format!("{:?}", left.take(number))),
                "-" => told.push(format!("{:?}", left.leave(number).iter().map(|r| r.number).collect::<Vec<_>>())),
                _ => told.push(left.waiting().to_string()),
            }
        }
        assert_eq!(told.join(" "), expected, "{steps}");
    }

    #[test]
    fn who_goes_on_because_of_what() {
        check("+ + s7 s8 t1 t2", "Some(7) Some(8)");
        // Not because of what was before.
        check("+ s7 + t2 s8 t2 t1", "None Some(8) Some(7)");
        // But because of the last release of a lock.
        check("+ u7 + t2", "Some(7)");
        check("+ + ? s7 ? t1 ?", "2 1 Some(7) 2");
    }

    #[test]
    fn what_nobody_can_take_is_void() {
        check("+ s7 -1", "[7]");
        check("+ + s7 s8 -1", "[7]");
        check("+ s7 + -1 s8 t2", "[7] Some(8)");
        check("+ s7 + -2 t1", "[] Some(7)");
    }
}
