//! The decoders of `wire`, each on bytes of its own.
//!
//! Where a decoder needs to know the version, or which table it reads, the first bytes say so.

use goroscope_wire::{
    Batch, BatchKind, Batches, EventClass, HEADER_LEN, Item, MAX_BATCH_LEN, MAX_FRAMES, MAX_STRING_LEN, NO_THREAD,
    RawFrame, Stacks, StringEntry, TimedEvents, TraceWriter, Version, WireError, WireErrorKind, cpu_samples,
    parse_header, strings, sync, v1,
};

/// A header that is taken is the one of its version; one that is not says why.
pub fn header(bytes: &[u8]) {
    match parse_header(bytes) {
        Ok(version) => {
            assert_eq!(bytes.get(..HEADER_LEN), Some(&version.header()[..]));
            assert_eq!(Version::from_minor(version.minor()), Some(version));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Batches lie behind one another in the file, and the way back behind damage always goes on.
///
/// The first byte says the version, the second whether and with which generation to look for the way back.
pub fn batches(bytes: &[u8]) {
    let Some((version, [hint, file @ ..])) = version(bytes) else { return };
    let hint = hint.checked_sub(1).map(u64::from);
    let mut batches = Batches::new(version, file, 0);
    let mut reached = 0;
    loop {
        match batches.next() {
            Some(Ok(Item::Batch(batch))) => {
                assert!(batch.offset >= reached && batch.data_offset > batch.offset);
                let data = batch.data_offset as usize..batch.data_offset as usize + batch.data.len();
                assert_eq!(file.get(data.clone()), Some(batch.data), "a slice of the file");
                assert!(batch.data.len() <= MAX_BATCH_LEN);
                assert_eq!(batches.position(), data.end as u64);
                reached = batches.position();
            }
            Some(Ok(Item::EndOfGeneration { offset })) => {
                assert!(offset >= reached && version >= Version::Go126);
                reached = offset + 1;
            }
            Some(Err(error)) => {
                check_error(error, file.len());
                assert!(batches.next().is_none(), "nothing follows an error");
                if let Some(cut) = batches.cut_batch() {
                    assert_eq!(cut.data_offset as usize + cut.data.len(), file.len(), "it goes to the end");
                }
                let failed_at = batches.position();
                match batches.resync(hint) {
                    Some(at) => {
                        assert!(at > failed_at && at == batches.position(), "{at} is behind {failed_at}");
                        let is_batch = match batches.clone().next() {
                            Some(Ok(Item::Batch(_))) => true,
                            Some(Err(error)) => error.kind == WireErrorKind::BatchCut,
                            Some(Ok(Item::EndOfGeneration { .. })) | None => false,
                        };
                        assert!(is_batch, "there is a batch, or what the end of the file leaves of one");
                    }
                    None => assert!(batches.next().is_none()),
                }
            }
            None => break,
        }
    }
    assert_eq!(batches.position(), file.len() as u64);
}

/// Events end where the bytes do, and those that are written again read the same.
pub fn timed_events(bytes: &[u8]) {
    let Some((version, data)) = version(bytes) else { return };
    let mut events = TimedEvents::new(version, data, 7);
    let (mut known, mut at) = (Vec::new(), 7);
    let mut failed = false;
    while let Some(event) = events.next() {
        assert!(events.offset() > at && !failed, "it goes on, and nothing follows an error");
        at = events.offset();
        match event {
            Ok(event) => {
                let spec = event.kind.spec();
                assert!(matches!(spec.class, EventClass::Timed | EventClass::Experiment) && spec.since <= version);
                assert!(event.args.iter().skip(spec.args.len()).all(|&arg| arg == 0));
                known.push(event);
            }
            Err(error) => {
                check_error(error, data.len() + 7);
                failed = true;
            }
        }
    }
    assert_eq!(at, 7 + data.len() as u64);
    let mut writer = TraceWriter::new(version);
    let mut len = 0;
    writer.batch(1, 2, 3, |batch| {
        for &event in &known {
            batch.event(event);
        }
        len = batch.len();
    });
    assert!(len <= data.len(), "numbers are written as short as they can be");
    let written = writer.into_bytes();
    let again = TimedEvents::new(version, written.get(written.len() - len..).unwrap_or_default(), 0);
    assert!(again.eq(known.into_iter().map(Ok)));
}

/// Entries keep to their limits, and those that are written again read the same.
///
/// The first byte says the version.
pub fn tables(bytes: &[u8]) {
    let Some((version, data)) = version(bytes) else { return };
    let batch = |data| Batch {
        generation: 1,
        thread: NO_THREAD,
        time: 5,
        kind: BatchKind::Events,
        data,
        offset: 0,
        data_offset: HEADER_LEN as u64,
    };
    let end = data.len() + HEADER_LEN;

    let texts: Vec<StringEntry<'_>> = strings(&batch(data)).filter_map(|entry| checked(entry, end)).collect();
    assert!(texts.iter().all(|text| text.bytes.len() <= MAX_STRING_LEN));
    let samples: Vec<_> = cpu_samples(&batch(data)).filter_map(|entry| checked(entry, end)).collect();
    let stacks = stacks(&batch(data), end);
    assert!(stacks.iter().all(|(_, frames)| frames.len() <= MAX_FRAMES));
    let clock = checked(sync(version, &batch(data)), end);

    let mut writer = TraceWriter::new(version);
    writer.strings(1, 0, texts.iter().copied());
    writer.cpu_samples(1, 0, samples.iter().copied());
    writer.stacks(1, 0, stacks.iter().map(|(id, frames)| (*id, frames.as_slice())));
    let file = writer.into_bytes();
    let (mut texts_again, mut samples_again, mut stacks_again) = (Vec::new(), Vec::new(), Vec::new());
    for item in Batches::new(version, &file, HEADER_LEN as u64) {
        match item {
            Ok(Item::Batch(batch)) if batch.kind == BatchKind::Strings => texts_again.extend(strings(&batch).flatten()),
            Ok(Item::Batch(batch)) if batch.kind == BatchKind::CpuSamples => {
                samples_again.extend(cpu_samples(&batch).flatten());
            }
            Ok(Item::Batch(batch)) if batch.kind == BatchKind::Stacks => {
                stacks_again.extend(self::stacks(&batch, file.len()));
            }
            other => panic!("nothing else was written: {other:?}"),
        }
    }
    assert_eq!((texts, samples, stacks), (texts_again, samples_again, stacks_again));

    let Some((frequency, clock)) = clock.and_then(|clock| clock.frequency.zip(clock.clock)) else { return };
    let mut writer = TraceWriter::new(version);
    writer.sync(1, 5, frequency, clock);
    let file = writer.into_bytes();
    let Some(Ok(Item::Batch(batch))) = Batches::new(version, &file, HEADER_LEN as u64).next() else {
        panic!("a sync batch was written");
    };
    let again = sync(version, &batch).map(|sync| (sync.frequency, sync.clock));
    assert_eq!(again, Ok((Some(frequency), Some(clock))));
}

fn stacks(batch: &Batch<'_>, end: usize) -> Vec<(u64, Vec<RawFrame>)> {
    let (mut stacks, mut frames) = (Stacks::new(batch), Vec::new());
    let mut found = Vec::new();
    while let Some(stack) = stacks.next(&mut frames) {
        found.extend(checked(stack, end).map(|id| (id, frames.clone())));
    }
    found
}

/// Records end where the bytes do; after a broken one there is always a way on.
///
/// The first byte says the version, the second how far from the last batch time the next one may be.
pub fn v1_records(bytes: &[u8]) {
    let [version, reach, data @ ..] = bytes else { return };
    let versions = [Version::Go111, Version::Go119, Version::Go121];
    let version = versions[usize::from(*version) % versions.len()];
    let reach = 1_u64.checked_shl(u32::from(*reach)).unwrap_or(u64::MAX);
    let mut records = v1::Records::new(version, data, HEADER_LEN as u64);
    let (mut frames, mut time) = (Vec::new(), 0);
    loop {
        let at = records.offset();
        match records.next() {
            Some(Ok(record)) => {
                assert!(records.offset() > at);
                match record {
                    v1::Record::Batch { ticks, .. } => time = ticks,
                    v1::Record::Stack(stack) => {
                        let read = checked(stack.read(&mut frames), data.len() + HEADER_LEN);
                        assert!(read.is_none() || frames.len() as u64 * 4 <= records.offset() - at);
                    }
                    v1::Record::String { bytes, .. } => assert!(bytes.len() as u64 <= records.offset() - at),
                    v1::Record::Event(event) => {
                        assert!(event.kind.spec().since <= version);
                        assert!(event.text.is_empty() || event.kind == v1::EventType::UserLog);
                        assert!(event.stack == 0 || event.kind.has_stack());
                    }
                    v1::Record::Frequency(_) | v1::Record::TimerGoroutine(_) => {}
                }
            }
            Some(Err(error)) => {
                check_error(error, data.len() + HEADER_LEN);
                assert_eq!(records.offset(), at, "it stays where the broken record begins");
                records.resume(time, reach);
                assert!(records.offset() > at);
            }
            None => break,
        }
    }
    assert_eq!(records.offset(), (data.len() + HEADER_LEN) as u64);
}

/// What is printed is parsed, and printed again is the same; for bytes of a file as for a text.
pub fn text(bytes: &[u8]) {
    let file = std::str::from_utf8(bytes).ok().map(goroscope_wire::text::parse);
    match file {
        Some(Ok(file)) => text_of_file(&file),
        Some(Err(error)) => assert!(error.line > 0 && !error.message.is_empty()),
        None => {}
    }
    text_of_file(bytes);
}

fn text_of_file(file: &[u8]) {
    let (printed, error) = goroscope_wire::text::print(file);
    if let Some(error) = error {
        check_error(error, file.len());
    }
    if printed.is_empty() {
        return;
    }
    if parse_header(file).is_ok_and(Version::is_v1) {
        return; // It is printed, but not parsed.
    }
    let again = goroscope_wire::text::parse(&printed).unwrap_or_else(|error| panic!("{error} of\n{printed}"));
    let (printed_again, error) = goroscope_wire::text::print(&again);
    if error.is_some() && !file.starts_with(&again) {
        return; // A text does not say how many bytes a number took, and the size of its batch counts them.
    }
    assert_eq!(error, None, "what was printed is whole");
    assert_eq!(printed, printed_again);
}

/// The version of the v2 format that the first byte names, and the other bytes.
fn version(bytes: &[u8]) -> Option<(Version, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    Some((Version::V2[usize::from(*first) % Version::V2.len()], rest))
}

/// The entry, or nothing if it is an error that is where it can be.
fn checked<T>(entry: Result<T, WireError>, end: usize) -> Option<T> {
    entry.map_err(|error| check_error(error, end)).ok()
}

fn check_error(error: WireError, end: usize) {
    assert!(error.offset <= end as u64, "{error:?} is within {end} bytes");
    assert!(!error.to_string().is_empty());
}
