//! What is read and written again is the same, for profiles of Go programs and for profiles made at random.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use goroscope_profile::{
    Builder, Function, Header, Known, Label, Line, Location, Mapping, Profile, decode, decode_uncompressed, encode,
    encode_uncompressed,
};
use proptest::prelude::*;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

fn unpacked(file: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Everything a profile says, without handles.
fn told(profile: &Profile) -> String {
    use std::fmt::Write;
    let text = |id| profile.text(id).to_owned();
    let label = |one: &Label| {
        format!(
            "{}={}",
            text(one.key),
            match one.value {
                goroscope_profile::LabelValue::Text(value) => format!("{:?}", text(value)),
                goroscope_profile::LabelValue::Number(value, unit) => format!("{value} {}", text(unit)),
            }
        )
    };
    let header = profile.header();
    let mut out = String::new();
    let comments: Vec<String> = header.comments.iter().map(|id| text(*id)).collect();
    let _ = writeln!(out, "{:?}", (text(header.drop_frames), text(header.keep_frames), comments));
    let _ = writeln!(out, "{:?}", (header.time_nanos, header.duration_nanos, header.period));
    let _ = writeln!(out, "{:?}", (text(header.period_type.kind), text(header.period_type.unit)));
    let _ = writeln!(out, "{:?}", (text(header.default_sample_type), text(header.doc_url)));
    for one in profile.sample_types() {
        let _ = writeln!(out, "type {:?}", (text(one.kind), text(one.unit)));
    }
    for one in profile.mappings() {
        let _ = writeln!(
            out,
            "{:x?} {:?}",
            (one.start, one.limit, one.offset),
            (text(one.file), text(one.build_id), one.known)
        );
    }
    for one in profile.functions() {
        let _ = writeln!(out, "{:?} {}", (text(one.name), text(one.system_name), text(one.file)), one.start_line);
    }
    for row in profile.location_handles() {
        let _ = writeln!(out, "{:?} {:?}", profile.locations()[row.row()], profile.lines(row));
    }
    for one in profile.samples() {
        let labels: Vec<String> = profile.labels(one.labels).iter().map(label).collect();
        let _ = writeln!(out, "{:?} {:?} {labels:?}", one.values, profile.stack(one.stack));
    }
    out
}

#[test]
fn profiles_of_go_programs() {
    let mut files = 0;
    for entry in fs::read_dir(testdata()).unwrap() {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().ends_with(".pb.gz") {
            continue;
        }
        files += 1;
        let file = fs::read(&path).unwrap();
        let profile = decode(&file).unwrap();
        assert!(profile.sample_count() > 0, "{}", path.display());
        let again = decode(&encode(&profile)).unwrap();
        assert_eq!(told(&profile), told(&again), "{}", path.display());
    }
    assert!(files >= 6);
}

/// pprof numbers rows and texts as we do, so what it wrote comes out byte for byte.
#[test]
fn what_pprof_wrote_stays_what_it_is() {
    for name in ["cpu-written.pb.gz", "heap-written.pb.gz"] {
        let bytes = unpacked(&fs::read(testdata().join(name)).unwrap());
        let profile = decode_uncompressed(&bytes).unwrap();
        let again = encode_uncompressed(&profile);
        assert!(bytes == again, "{name}: {} bytes became {}", bytes.len(), again.len());
    }
}

/// A profile whose every field may be anything.
fn any_profile() -> impl Strategy<Value = Profile> {
    let text = || prop_oneof![Just(String::new()), "[a-z/.()]{1,6}", "\\PC{0,3}"];
    let header = (any::<[i64; 3]>(), prop::collection::vec(text(), 7), prop::collection::vec(text(), 0..4));
    let functions = prop::collection::vec((text(), text(), text(), any::<i64>()), 1..5);
    let mappings = prop::collection::vec((any::<[u64; 3]>(), text(), text(), 0_u8..16), 0..3);
    let lines = prop::collection::vec((any::<prop::sample::Index>(), any::<i64>(), any::<i64>()), 0..4);
    let locations = prop::collection::vec((any::<u64>(), any::<prop::sample::Index>(), any::<bool>(), lines), 1..6);
    let labels = prop::collection::vec((text(), text(), any::<i64>(), any::<bool>()), 0..3);
    let stack = prop::collection::vec(any::<prop::sample::Index>(), 0..6);
    let samples = prop::collection::vec((stack, labels, any::<[i64; 2]>()), 0..8);
    (header, functions, mappings, locations, samples).prop_map(|(header, functions, mappings, locations, samples)| {
        let mut made = Builder::new(&[("count", "count"), ("delay", "nanoseconds")]);
        let (numbers, names, comments) = header;
        let ids: Vec<_> = names.iter().map(|name| made.string(name)).collect();
        let comments = comments.iter().map(|name| made.string(name)).collect();
        let period_type = goroscope_profile::ValueType { kind: ids[4], unit: ids[5] };
        *made.header_mut() = Header {
            drop_frames: ids[0],
            keep_frames: ids[1],
            time_nanos: numbers[0],
            duration_nanos: numbers[1],
            period_type,
            period: numbers[2],
            comments,
            default_sample_type: ids[2],
            doc_url: ids[3],
        };
        let mappings: Vec<_> = mappings
            .into_iter()
            .map(|([start, limit, offset], file, build, known)| {
                let (file, build_id) = (made.string(&file), made.string(&build));
                made.mapping(Mapping { start, limit, offset, file, build_id, known: Known(known) })
            })
            .collect();
        let functions: Vec<_> = functions
            .into_iter()
            .map(|(name, system_name, file, start_line)| {
                let (name, system_name) = (made.string(&name), made.string(&system_name));
                let file = made.string(&file);
                made.function(Function { name, system_name, file, start_line })
            })
            .collect();
        let locations: Vec<_> = locations
            .into_iter()
            .map(|(address, mapping, folded, lines)| {
                let lines: Vec<Line> = lines
                    .into_iter()
                    .map(|(function, line, column)| Line { function: *function.get(&functions), line, column })
                    .collect();
                let mapping = (!mappings.is_empty()).then(|| *mapping.get(&mappings));
                made.location(Location { mapping, address, folded }, &lines)
            })
            .collect();
        for (stack, labels, values) in samples {
            let stack: Vec<_> = stack.iter().map(|index| *index.get(&locations)).collect();
            let labels: Vec<Label> = labels
                .iter()
                .map(|(key, value, number, is_text)| {
                    if *is_text && !value.is_empty() {
                        made.text_label(key, value)
                    } else {
                        made.number_label(key, *number, value)
                    }
                })
                .collect();
            let (stack, labels) = (made.stack(&stack), made.labels(&labels));
            made.add(stack, labels, &values).unwrap();
        }
        made.finish()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn encode_then_decode_is_identity(profile in any_profile()) {
        let bytes = encode_uncompressed(&profile);
        let again = decode_uncompressed(&bytes).unwrap();
        prop_assert_eq!(told(&profile), told(&again));
        prop_assert_eq!(bytes, encode_uncompressed(&again));
    }

    #[test]
    fn cut_and_changed_bytes_never_panic(profile in any_profile(), cut in any::<prop::sample::Index>(), byte: u8) {
        let mut bytes = encode_uncompressed(&profile);
        let at = cut.index(bytes.len());
        let _ = decode_uncompressed(&bytes[..at]);
        bytes[at] = byte;
        let _ = decode(&bytes);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes);
    }
}
