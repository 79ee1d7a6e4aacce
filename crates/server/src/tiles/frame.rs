//! The binary frame: a header, tiles, texts; little endian, as `docs/http-api.md` has it.

use super::texts::Texts;
use goroscope_analysis::{BandTile, ExactTile, Lane, StepTile, StripTile, Tile, TileLabel, Trace};

/// Bytes of the header.
const HEADER: usize = 32;
/// Bytes of a tile before its payload.
const TILE_HEADER: usize = 24;
/// Version of the layout.
const VERSION: u16 = 1;
/// Flag: the last frame of this request.
const LAST: u16 = 1;

/// A frame being written.
#[derive(Debug)]
pub struct Frame {
    /// The header, zero until the end, and the tiles.
    bytes: Vec<u8>,
    tiles: u32,
    texts: Vec<u8>,
    text_count: u32,
}

impl Frame {
    /// One without tiles.
    pub fn new() -> Self {
        Self { bytes: vec![0; HEADER], tiles: 0, texts: Vec::new(), text_count: 0 }
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.bytes.len() + self.texts.len()
    }

    /// Adds a tile, and the texts on it that the browser does not know.
    pub fn push(&mut self, trace: &Trace, texts: &mut Texts, place: (Lane, u8, i64), tile: &Tile) {
        let (lane, level, x) = place;
        let begin = self.bytes.len();
        let (form, count) = match tile {
            Tile::Empty => (0, 0),
            Tile::Exact(exact) => (1, exact.spans.len() as u32),
            Tile::Strip(strip) => (2, strip.classes.iter().fold(0, |mask, class| mask | 1 << class.0 as u32)),
            Tile::Steps(steps) => (3, steps.points.len() as u32),
            Tile::Band(_) => (4, 0),
        };
        self.bytes.extend([lane.kind_number(), lane.depth(), level, form]);
        self.bytes.extend(lane.row().to_le_bytes());
        self.bytes.extend(x.to_le_bytes());
        self.bytes.extend([0; 4]);
        self.bytes.extend(count.to_le_bytes());
        match tile {
            Tile::Empty => {}
            Tile::Exact(exact) => self.exact(trace, texts, exact),
            Tile::Strip(strip) => self.strip(strip),
            Tile::Steps(steps) => self.steps(steps),
            Tile::Band(band) => self.band(band),
        }
        let payload = (self.bytes.len() - begin - TILE_HEADER) as u32;
        self.bytes[begin + 16..begin + 20].copy_from_slice(&payload.to_le_bytes());
        self.tiles += 1;
    }

    fn exact(&mut self, trace: &Trace, texts: &mut Texts, tile: &ExactTile) {
        let (spans, marks) = (&tile.spans, &tile.marks);
        for span in spans {
            self.time(span.start);
        }
        for span in spans {
            self.time(span.end);
        }
        for span in spans {
            self.label(trace, texts, span.label);
        }
        for span in spans {
            self.bytes.extend(span.row.to_le_bytes());
        }
        for span in spans {
            self.bytes.push(span.class as u8);
        }
        pad(&mut self.bytes, 8);
        self.bytes.extend((marks.len() as u32).to_le_bytes());
        self.bytes.extend([0; 4]);
        for mark in marks {
            self.time(mark.ts);
        }
        for mark in marks {
            self.label(trace, texts, mark.label);
        }
        for mark in marks {
            self.bytes.push(mark.kind as u8);
        }
        pad(&mut self.bytes, 8);
    }

    fn strip(&mut self, tile: &StripTile) {
        for (_, shares) in &tile.classes {
            self.bytes.extend(shares.iter());
        }
        self.bytes.extend(tile.transitions.iter());
        self.bytes.extend(tile.logs.iter());
        self.bytes.extend(tile.samples.iter());
    }

    fn steps(&mut self, tile: &StepTile) {
        for &(ts, _) in &tile.points {
            self.time(ts);
        }
        for &(_, value) in &tile.points {
            self.value(value);
        }
    }

    fn band(&mut self, tile: &BandTile) {
        for cell in &tile.cells {
            self.value(cell.map(|(least, _)| least));
        }
        for cell in &tile.cells {
            self.value(cell.map(|(_, most)| most));
        }
    }

    /// Not a number where there is none; exact up to 2^53.
    fn value(&mut self, value: Option<i64>) {
        self.bytes.extend(value.map_or(f64::NAN, |value| value as f64).to_le_bytes());
    }

    /// Exact below 2^53 ns, which are 104 days.
    fn time(&mut self, ts: i64) {
        self.bytes.extend((ts as f64).to_le_bytes());
    }

    fn label(&mut self, trace: &Trace, texts: &mut Texts, label: TileLabel) {
        let (number, text) = texts.number(trace, label);
        self.bytes.extend(number.to_le_bytes());
        if let Some(text) = text {
            self.texts.extend(number.to_le_bytes());
            self.texts.extend((text.len() as u32).to_le_bytes());
            self.texts.extend(text.as_bytes());
            pad(&mut self.texts, 4);
            self.text_count += 1;
        }
    }

    /// The bytes to send.
    pub fn finish(mut self, viewport: u32, last: bool) -> Vec<u8> {
        let mut header = Vec::with_capacity(HEADER);
        header.extend(b"GTIL");
        header.extend(VERSION.to_le_bytes());
        header.extend(if last { LAST } else { 0 }.to_le_bytes());
        header.extend(viewport.to_le_bytes());
        header.extend(self.tiles.to_le_bytes());
        header.extend(self.text_count.to_le_bytes());
        header.extend((self.bytes.len() as u32).to_le_bytes());
        self.bytes[..header.len()].copy_from_slice(&header);
        self.bytes.extend(self.texts);
        self.bytes
    }
}

fn pad(bytes: &mut Vec<u8>, to: usize) {
    bytes.resize(bytes.len().next_multiple_of(to), 0);
}

#[cfg(test)]
mod tests;
