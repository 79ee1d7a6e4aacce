//! The frame, byte for byte.

#![allow(clippy::needless_raw_string_hashes, reason = "snapshots are written by their tool")]

use super::*;
use crate::tiles::fixtures;
use expect_test::{Expect, expect};
use goroscope_analysis::{CELLS, GoIdx, MarkKind, TileMark, TileSpan};
use goroscope_model::Class;
use std::fmt::Write as _;

/// Encodes tiles on a connection that knows no texts, twice; the second time it knows them all.
fn check(tiles: &[(Lane, u8, i64, Tile)], expected: &Expect) {
    let trace = fixtures::preempted();
    let mut texts = Texts::default();
    let mut encode = |viewport, last| {
        let mut frame = Frame::new();
        for (lane, level, x, tile) in tiles {
            frame.push(&trace, &mut texts, (*lane, *level, *x), tile);
        }
        dump(&frame.finish(viewport, last))
    };
    let first = encode(0x0102_0304, false);
    let second = encode(5, true);
    expected.assert_eq(&format!("{first}--- again, last\n{second}"));
}

/// Eight bytes a line; lines that repeat are counted.
fn dump(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut offset = 0;
    while offset < bytes.len() {
        let line = &bytes[offset..bytes.len().min(offset + 8)];
        let times = bytes[offset..].chunks(8).take_while(|chunk| *chunk == line).count();
        let hex: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let repeated = if times > 1 { format!(" × {times}") } else { String::new() };
        writeln!(text, "{offset:5} {}{repeated}", hex.join(" ")).expect("memory");
        offset += times * line.len();
    }
    text
}

#[test]
fn no_tiles() {
    check(
        &[],
        &expect![[r#"
            0 47 54 49 4c 01 00 00 00
            8 04 03 02 01 00 00 00 00
           16 00 00 00 00 20 00 00 00
           24 00 00 00 00 00 00 00 00
        --- again, last
            0 47 54 49 4c 01 00 01 00
            8 05 00 00 00 00 00 00 00
           16 00 00 00 00 20 00 00 00
           24 00 00 00 00 00 00 00 00
    "#]],
    );
}

#[test]
fn empty_tiles() {
    let tiles = [(Lane::Regions(GoIdx(0x0a0b_0c0d), 3), 14, -2, Tile::Empty), (Lane::All, 62, i64::MAX, Tile::Empty)];
    check(
        &tiles,
        &expect![[r#"
            0 47 54 49 4c 01 00 00 00
            8 04 03 02 01 02 00 00 00
           16 00 00 00 00 50 00 00 00
           24 00 00 00 00 00 00 00 00
           32 06 03 0e 00 0d 0c 0b 0a
           40 fe ff ff ff ff ff ff ff
           48 00 00 00 00 00 00 00 00
           56 09 00 3e 00 00 00 00 00
           64 ff ff ff ff ff ff ff 7f
           72 00 00 00 00 00 00 00 00
        --- again, last
            0 47 54 49 4c 01 00 01 00
            8 05 00 00 00 02 00 00 00
           16 00 00 00 00 50 00 00 00
           24 00 00 00 00 00 00 00 00
           32 06 03 0e 00 0d 0c 0b 0a
           40 fe ff ff ff ff ff ff ff
           48 00 00 00 00 00 00 00 00
           56 09 00 3e 00 00 00 00 00
           64 ff ff ff ff ff ff ff 7f
           72 00 00 00 00 00 00 00 00
    "#]],
    );
}

#[test]
fn exact_tiles() {
    let span = |start, end, label, row, class| TileSpan { start, end, label, row, class };
    let exact = ExactTile {
        spans: vec![
            span(0, 1, TileLabel::State(Class::Running), 7, Class::Running),
            span(1, 3, TileLabel::None, 8, Class::Unknown),
            span(3, 4, TileLabel::State(Class::Running), 9, Class::Task),
        ],
        marks: vec![TileMark { ts: 2, label: TileLabel::State(Class::Syscall), kind: MarkKind::Sample }],
    };
    let only_marks = ExactTile {
        spans: Vec::new(),
        marks: vec![TileMark { ts: -1, label: TileLabel::State(Class::Running), kind: MarkKind::Log }],
    };
    let tiles = [(Lane::Go(GoIdx(1)), 0, 0, Tile::Exact(exact)), (Lane::Go(GoIdx(2)), 0, 0, Tile::Exact(only_marks))];
    check(
        &tiles,
        &expect![[r#"
            0 47 54 49 4c 01 00 00 00
            8 04 03 02 01 02 00 00 00
           16 02 00 00 00 d0 00 00 00
           24 00 00 00 00 00 00 00 00
           32 04 00 00 01 01 00 00 00
           40 00 00 00 00 00 00 00 00
           48 68 00 00 00 03 00 00 00
           56 00 00 00 00 00 00 00 00
           64 00 00 00 00 00 00 f0 3f
           72 00 00 00 00 00 00 08 40
           80 00 00 00 00 00 00 f0 3f
           88 00 00 00 00 00 00 08 40
           96 00 00 00 00 00 00 10 40
          104 01 00 00 00 00 00 00 00
          112 01 00 00 00 07 00 00 00
          120 08 00 00 00 09 00 00 00
          128 01 00 16 00 00 00 00 00
          136 01 00 00 00 00 00 00 00
          144 00 00 00 00 00 00 00 40
          152 02 00 00 00 02 00 00 00
          160 04 00 00 01 02 00 00 00
          168 00 00 00 00 00 00 00 00
          176 18 00 00 00 00 00 00 00
          184 01 00 00 00 00 00 00 00
          192 00 00 00 00 00 00 f0 bf
          200 01 00 00 00 01 00 00 00
          208 01 00 00 00 07 00 00 00
          216 72 75 6e 6e 69 6e 67 00
          224 02 00 00 00 07 00 00 00
          232 73 79 73 63 61 6c 6c 00
        --- again, last
            0 47 54 49 4c 01 00 01 00
            8 05 00 00 00 02 00 00 00
           16 00 00 00 00 d0 00 00 00
           24 00 00 00 00 00 00 00 00
           32 04 00 00 01 01 00 00 00
           40 00 00 00 00 00 00 00 00
           48 68 00 00 00 03 00 00 00
           56 00 00 00 00 00 00 00 00
           64 00 00 00 00 00 00 f0 3f
           72 00 00 00 00 00 00 08 40
           80 00 00 00 00 00 00 f0 3f
           88 00 00 00 00 00 00 08 40
           96 00 00 00 00 00 00 10 40
          104 01 00 00 00 00 00 00 00
          112 01 00 00 00 07 00 00 00
          120 08 00 00 00 09 00 00 00
          128 01 00 16 00 00 00 00 00
          136 01 00 00 00 00 00 00 00
          144 00 00 00 00 00 00 00 40
          152 02 00 00 00 02 00 00 00
          160 04 00 00 01 02 00 00 00
          168 00 00 00 00 00 00 00 00
          176 18 00 00 00 00 00 00 00
          184 01 00 00 00 00 00 00 00
          192 00 00 00 00 00 00 f0 bf
          200 01 00 00 00 01 00 00 00
    "#]],
    );
}

#[test]
fn strip_tiles() {
    let strip = StripTile {
        classes: vec![(Class::Running, Box::new([0x11; CELLS])), (Class::Task, Box::new([0x22; CELLS]))],
        transitions: Box::new([0x33; CELLS]),
        logs: Box::new([0x44; CELLS]),
        samples: Box::new([0x55; CELLS]),
    };
    check(
        &[(Lane::Gc, 20, 1, Tile::Strip(strip))],
        &expect![[r#"
            0 47 54 49 4c 01 00 00 00
            8 04 03 02 01 01 00 00 00
           16 00 00 00 00 38 0a 00 00
           24 00 00 00 00 00 00 00 00
           32 00 00 14 02 00 00 00 00
           40 01 00 00 00 00 00 00 00
           48 00 0a 00 00 02 00 40 00
           56 11 11 11 11 11 11 11 11 × 64
          568 22 22 22 22 22 22 22 22 × 64
         1080 33 33 33 33 33 33 33 33 × 64
         1592 44 44 44 44 44 44 44 44 × 64
         2104 55 55 55 55 55 55 55 55 × 64
        --- again, last
            0 47 54 49 4c 01 00 01 00
            8 05 00 00 00 01 00 00 00
           16 00 00 00 00 38 0a 00 00
           24 00 00 00 00 00 00 00 00
           32 00 00 14 02 00 00 00 00
           40 01 00 00 00 00 00 00 00
           48 00 0a 00 00 02 00 40 00
           56 11 11 11 11 11 11 11 11 × 64
          568 22 22 22 22 22 22 22 22 × 64
         1080 33 33 33 33 33 33 33 33 × 64
         1592 44 44 44 44 44 44 44 44 × 64
         2104 55 55 55 55 55 55 55 55 × 64
    "#]],
    );
}
