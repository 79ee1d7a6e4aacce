//! What a trace of goroscope-recorder says of its recording, and the series that Go's format has no place for.

use crate::sections::{Notes, NotesReader};

/// The recording of a Rust program, as goroscope-recorder tells it. It is what the file says, so it may say anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// Plain facts by key; the last generation's hold.
    pub facts: Vec<(String, String)>,
    /// Names of threads by their number, which is the thread's id in the trace.
    pub threads: Vec<(u64, String)>,
    /// Where pieces of code were in memory: the texts of `map.K`, in the order of K.
    pub maps: Vec<String>,
}

/// What is kept of it beside its series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// `None` if the trace is not one of the recorder.
    pub recording: Option<Recording>,
    /// Names of the counters, whose tables follow in this order.
    pub counters: Vec<String>,
    /// Threads of which slices off the processor are known, whose tables follow in this order.
    pub off_cpu: Vec<u64>,
}

impl Recording {
    /// The value of a plain fact.
    pub fn fact(&self, key: &str) -> Option<&str> {
        let found = self.facts.binary_search_by(|(it, _)| it.as_str().cmp(key)).ok()?;
        Some(&self.facts[found].1)
    }

    /// A plain fact that is a number.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.fact(key)?.parse().ok()
    }

    /// How many samples the kernel was to take in each second of a thread's processor time; none if it took none, or if
    /// that is not told.
    pub fn samples_per_second(&self) -> Option<u32> {
        let told = self.fact("perf")?.strip_prefix("on, ")?;
        told.split(", ").find_map(|part| part.strip_prefix("samples at ")?.split_once(" Hz")?.0.parse().ok())
    }

    /// The name of a thread; none if it has no name.
    pub fn thread(&self, number: u64) -> Option<&str> {
        let found = self.threads.binary_search_by_key(&number, |&(it, _)| it).ok()?;
        Some(self.threads[found].1.as_str()).filter(|name| !name.is_empty())
    }
}

impl Heard {
    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut notes = Notes::default();
        let Some(Recording { facts, threads, maps }) = &self.recording else { return notes.0 };
        notes.number(facts.len() as u64);
        for (key, value) in facts {
            notes.text(key);
            notes.text(value);
        }
        notes.number(threads.len() as u64);
        for (number, name) in threads {
            notes.number(*number);
            notes.text(name);
        }
        for texts in [maps, &self.counters] {
            notes.number(texts.len() as u64);
            for text in texts {
                notes.text(text);
            }
        }
        notes.number(self.off_cpu.len() as u64);
        for number in &self.off_cpu {
            notes.number(*number);
        }
        notes.0
    }

    /// What these bytes say.
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.is_empty() {
            return Some(Self::default());
        }
        let mut notes = NotesReader(bytes);
        let mut recording = Recording::default();
        for _ in 0..notes.count()? {
            recording.facts.push((notes.text()?.to_owned(), notes.text()?.to_owned()));
        }
        for _ in 0..notes.count()? {
            recording.threads.push((notes.number()?, notes.text()?.to_owned()));
        }
        for _ in 0..notes.count()? {
            recording.maps.push(notes.text()?.to_owned());
        }
        let counters = (0..notes.count()?).map(|_| Some(notes.text()?.to_owned())).collect::<Option<_>>()?;
        let off_cpu = (0..notes.count()?).map(|_| notes.number()).collect::<Option<_>>()?;
        Some(Self { recording: Some(recording), counters, off_cpu })
    }
}
