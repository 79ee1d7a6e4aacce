//! Packed files: whole, in several parts, damaged, and too large.

use super::*;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

/// What came out.
struct Unpacked {
    bytes: Vec<u8>,
    problem: Option<String>,
}

fn unpack(packing: Packing, packed: &[u8]) -> Unpacked {
    let (mut bytes, mut last) = (Vec::new(), 0);
    let report = &mut |done| {
        assert!(last <= done && done <= packed.len() as u64, "{done} after {last}");
        last = done;
    };
    let problem = packing.unpack(packed, &mut bytes, report).expect("small");
    Unpacked { bytes, problem }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn content() -> Vec<u8> {
    (0..100_000_u32).flat_map(|i| (i % 251 * i % 7919).to_le_bytes()).collect()
}

#[test]
fn whole_and_in_parts() {
    let content = content();
    for (packing, pack) in [(Packing::Gzip, gzip as fn(&[u8]) -> Vec<u8>), (Packing::Zstd, zstd)] {
        let one = pack(&content);
        assert_eq!(Packing::of(&one), Some(packing));
        let unpacked = unpack(packing, &one);
        assert_eq!((unpacked.bytes == content, unpacked.problem), (true, None), "{packing:?}");
        let (left, right) = content.split_at(70_000);
        let two = [pack(left), pack(right)].concat();
        let unpacked = unpack(packing, &two);
        assert_eq!((unpacked.bytes == content, unpacked.problem), (true, None), "{packing:?} in two parts");
    }
}

#[test]
fn skippable_frames_are_skipped() {
    let content = content();
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    let packed = [zstd(&content), skippable.to_vec(), zstd(b"end")].concat();
    let unpacked = unpack(Packing::Zstd, &packed);
    assert_eq!(unpacked.problem, None);
    assert!(unpacked.bytes.ends_with(b"end") && unpacked.bytes.len() == content.len() + 3);
}

#[test]
fn what_comes_before_a_cut_comes_out() {
    let content = content();
    for (packing, packed) in [(Packing::Gzip, gzip(&content)), (Packing::Zstd, zstd(&content))] {
        for keep in [5, packed.len() / 2, packed.len() - 1] {
            let unpacked = unpack(packing, &packed[..keep]);
            assert!(content.starts_with(&unpacked.bytes), "{packing:?} cut at {keep}");
            assert!(unpacked.problem.is_some(), "{packing:?} cut at {keep}");
            // All but a part of a block, which zstd has of 128 KiB.
            assert!(unpacked.bytes.len() >= 128 << 10 || keep == 5, "{packing:?} cut at {keep}");
        }
    }
}

#[test]
fn sizes_are_bounded() {
    let zeros = vec![0; 1 << 20];
    for (packing, packed) in [(Packing::Gzip, gzip(&zeros)), (Packing::Zstd, zstd(&zeros))] {
        let refused =
            packing.unpack_at_most(&packed, 1 << 19, &mut Vec::new(), &mut |_| {}).expect_err("twice the limit");
        assert!(refused.contains("unpack to more than 524.3 kB"), "{refused}");
    }
}

#[test]
fn a_wrong_checksum_is_told() {
    let content = content();
    for (packing, mut packed) in [(Packing::Gzip, gzip(&content)), (Packing::Zstd, zstd(&content))] {
        // The sum is at the end; behind gzip's is the length.
        let sum = packed.len() - if packing == Packing::Gzip { 8 } else { 4 };
        packed[sum] ^= 1;
        let unpacked = unpack(packing, &packed);
        assert!(unpacked.bytes == content && unpacked.problem.is_some(), "{packing:?}");
    }
}
