//! Blocks of rows: columns of up to 128 numbers, each in as few bits as the block needs.
//!
//! ```text
//! block  := rows - 1 : u8, dictionary, ( column, data ) × K
//! dictionary := entries : u8, bytes : u16, ( varint × 4 ) × entries
//! column := bits : u8, shift and form : u8, bytes of least : u8, least     least: the bits that all values share
//! data   := dense:  (value - least) >> shift, `bits` each
//!           sparse: one bit per row, set where the value is not 0; then the others as above
//! ```
//!
//! A value costs a load of eight bytes, a shift and a mask, wherever it stands in the block. Numbers are little-endian,
//! their bits begin with the lowest of each byte. A block that was not written by [`pack`] may give any numbers, but no
//! panic.

/// The most rows of a block.
pub(crate) const BLOCK: usize = 128;

/// A row of a block's dictionary: what often comes together is kept once.
pub(crate) type Entry = [u32; 4];

const SPARSE: u8 = 0x80;

/// A column of a block as it is packed.
#[derive(Clone, Copy, Debug, Default)]
struct Shape {
    bits: u32,
    shift: u32,
    least: u64,
    sparse: bool,
}

/// Appends a block of the columns, which are equally long and have 1 to [`BLOCK`] rows.
pub(crate) fn pack(columns: &[&[u64]], out: &mut Vec<u8>) {
    let rows = columns.first().map_or(0, |column| column.len());
    debug_assert!(columns.iter().all(|column| column.len() == rows));
    begin_block(rows, &[], out);
    for column in columns {
        push_column(column, out);
    }
}

/// Appends what comes before the columns of a block, which has 1 to [`BLOCK`] rows.
pub(crate) fn begin_block(rows: usize, dictionary: &[Entry], out: &mut Vec<u8>) {
    debug_assert!((1..=BLOCK).contains(&rows));
    out.push((rows - 1) as u8);
    out.push(dictionary.len() as u8);
    let at = out.len();
    out.extend_from_slice(&[0, 0]);
    for entry in dictionary {
        for &value in entry {
            push_varint(out, u64::from(value));
        }
    }
    let bytes = (out.len() - at - 2) as u16;
    out[at..at + 2].copy_from_slice(&bytes.to_le_bytes());
}

/// Appends a column of a block.
pub(crate) fn push_column<V: Value>(column: &[V], out: &mut Vec<u8>) {
    let shape = Shape::of(V::survey(column), column.len());
    let least = shape.least.to_le_bytes();
    let bytes = (u64::BITS - shape.least.leading_zeros()).div_ceil(8) as usize;
    let form = shape.shift as u8 | if shape.sparse { SPARSE } else { 0 };
    out.extend_from_slice(&[shape.bits as u8, form, bytes as u8]);
    out.extend_from_slice(&least[..bytes]);
    shape.push(column, out);
}

/// What a column may consist of: the narrower, the more of them the processor looks at at once.
pub(crate) trait Value: Copy + Default + Into<u64> {
    fn survey(column: &[Self]) -> Survey;
}

/// What the values of a column have in common.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Survey {
    /// Bits that any of them has.
    any: u64,
    /// Bits that all of them have.
    all: u64,
    /// Bits that all have that are not 0.
    all_others: u64,
    zeros: usize,
}

macro_rules! value {
    ($integer:ty) => {
        impl Value for $integer {
            #[inline]
            fn survey(column: &[Self]) -> Survey {
                let (mut any, mut all, mut all_others, mut zeros) = (0, Self::MAX, Self::MAX, 0);
                for &value in column {
                    let is_zero = Self::from(value == 0);
                    any |= value;
                    all &= value;
                    all_others &= value | is_zero.wrapping_neg();
                    zeros += is_zero;
                }
                Survey { any: any.into(), all: all.into(), all_others: all_others.into(), zeros: zeros as usize }
            }
        }
    };
}
value!(u32);
value!(u64);

impl Shape {
    fn of(Survey { any, all, all_others, zeros }: Survey, values: usize) -> Self {
        let dense = Self::among(any, all);
        if dense.bits == 0 || zeros == 0 {
            return dense;
        }
        let sparse = Self::among(any, all_others);
        let cost = |shape: Self, values: usize| shape.bits as usize * values;
        if cost(sparse, values - zeros) + values < cost(dense, values) {
            Self { sparse: true, ..sparse }
        } else {
            dense
        }
    }

    /// The shape of values that have these bits: what they have in common are the bits above the highest and below the
    /// lowest in which any differs from another.
    fn among(any: u64, all: u64) -> Self {
        let differing = any & !all;
        let shift = if differing == 0 { 0 } else { differing.trailing_zeros() };
        let bits = u64::BITS - (differing >> shift).leading_zeros();
        let least = all & !(mask(bits) << shift);
        Self { bits, shift, least, sparse: false }
    }

    fn push<V: Value>(self, column: &[V], out: &mut Vec<u8>) {
        let mut others = [V::default(); BLOCK];
        let mut values = column;
        if self.sparse {
            let mut present = 0u128;
            let mut count = 0;
            for (half, rows) in column.chunks(64).take(2).enumerate() {
                let mut word = 0u64;
                for (row, &value) in rows.iter().enumerate() {
                    let is_present = value.into() != 0;
                    // What is 0 is written over by the next.
                    others[count % BLOCK] = value;
                    count += usize::from(is_present);
                    word |= u64::from(is_present) << row;
                }
                present |= u128::from(word) << (64 * half);
            }
            values = &others[..count];
            out.extend_from_slice(&present.to_le_bytes()[..column.len().div_ceil(8)]);
        }
        let mut writer = Bits::new(out, values.len() * self.bits as usize);
        match self.shift {
            // A shift by nothing costs as much as any.
            0 => self.push_values(values, |value| value, &mut writer),
            shift => self.push_values(values, |value| value >> shift, &mut writer),
        }
    }

    #[inline]
    fn push_values<V: Value>(self, values: &[V], shifted: impl Fn(u64) -> u64, writer: &mut Bits<'_>) {
        let Self { bits, least, .. } = self;
        let digits = |value: V| shifted(value.into() - least);
        match bits {
            0 => {}
            1..=7 => writer.push_groups::<8, V>(values, bits, digits),
            8..=14 => writer.push_groups::<4, V>(values, bits, digits),
            15..=28 => writer.push_groups::<2, V>(values, bits, digits),
            29..=56 => writer.push_groups::<1, V>(values, bits, digits),
            _ => {
                for &value in values {
                    writer.push(digits(value) & mask(32), 32);
                    writer.push(digits(value) >> 32, bits - 32);
                }
            }
        }
    }
}

/// Numbers of any width, one after another, in bytes that are there already.
struct Bits<'a> {
    out: &'a mut [u8],
    at: usize,
    /// The bits of the byte at `at` so far.
    word: u64,
    filled: u32,
}

impl<'a> Bits<'a> {
    /// Makes room for this many bits behind what there is.
    fn new(out: &'a mut Vec<u8>, bits: usize) -> Self {
        let at = out.len();
        out.resize(at + bits.div_ceil(8), 0);
        Self { out, at, word: 0, filled: 0 }
    }

    /// Adds `digits` of each value, `N` at a time, which have 56 bits together at most.
    #[inline]
    fn push_groups<const N: usize, V: Value>(&mut self, values: &[V], bits: u32, digits: impl Fn(V) -> u64) {
        let (groups, rest) = values.as_chunks::<N>();
        for group in groups {
            let mut word = 0;
            for &value in group.iter().rev() {
                word = word << bits | digits(value);
            }
            self.push(word, bits * N as u32);
        }
        for &value in rest {
            self.push(digits(value), bits);
        }
    }

    /// Adds a number of at most 56 bits.
    #[inline]
    fn push(&mut self, value: u64, bits: u32) {
        // Fewer than eight bits wait, so all fit into the word.
        self.word |= value << self.filled;
        self.filled += bits;
        let bytes = self.word.to_le_bytes();
        match self.out.get_mut(self.at..).and_then(|rest| rest.first_chunk_mut()) {
            Some(place) => *place = bytes,
            None => self.write_last(bytes),
        }
        self.at += (self.filled / 8) as usize;
        self.word >>= self.filled & !7;
        self.filled %= 8;
    }

    #[cold]
    fn write_last(&mut self, bytes: [u8; 8]) {
        let rest = self.out.get_mut(self.at..).unwrap_or_default();
        let len = rest.len().min(8);
        rest[..len].copy_from_slice(&bytes[..len]);
    }
}

/// A block, opened to take values out of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block<'a, const K: usize> {
    rows: usize,
    dictionary: &'a [u8],
    columns: [Column<'a>; K],
}

/// A column of an open block.
#[derive(Clone, Copy, Debug, Default)]
struct Column<'a> {
    shape: Shape,
    /// The data from the column's first byte on, to the end of all blocks.
    data: &'a [u8],
    /// Which rows have a value, of a sparse column.
    present: u128,
}

impl<'a, const K: usize> Block<'a, K> {
    /// Opens the block at the beginning of `bytes`, which may have more columns. A block of no rows stands for one that cannot be.
    #[inline]
    pub(crate) fn open(bytes: &'a [u8]) -> Self {
        Self::open_some(bytes, K)
    }

    /// The same if it has fewer columns; the others are 0.
    pub(crate) fn open_some(bytes: &'a [u8], columns: usize) -> Self {
        Self::try_open(bytes, columns).unwrap_or(Self { rows: 0, dictionary: &[], columns: [Column::default(); K] })
    }

    fn try_open(bytes: &'a [u8], wanted: usize) -> Option<Self> {
        let (&[rows, _, low, high], mut rest) = bytes.split_first_chunk()?;
        let rows = usize::from(rows) + 1;
        let dictionary = rest.get(..usize::from(u16::from_le_bytes([low, high])))?;
        rest = rest.get(dictionary.len()..)?;
        let mut columns = [Column::default(); K];
        for column in columns.iter_mut().take(wanted) {
            let (&[bits, form, size], after) = rest.split_first_chunk()?;
            let size = usize::from(size).min(8);
            let mut least = [0; 8];
            least[..size].copy_from_slice(after.get(..size)?);
            column.shape = Shape {
                bits: u32::from(bits).min(u64::BITS),
                shift: u32::from(form & !SPARSE).min(u64::BITS - 1),
                least: u64::from_le_bytes(least),
                sparse: form & SPARSE != 0,
            };
            rest = after.get(size..)?;
            let mut values = rows;
            if column.shape.sparse {
                let bytes = rows.div_ceil(8).min(16);
                let mut present = [0; 16];
                present[..bytes].copy_from_slice(rest.get(..bytes)?);
                column.present = u128::from_le_bytes(present);
                values = column.present.count_ones() as usize;
                rest = rest.get(bytes..)?;
            }
            column.data = rest;
            rest = rest.get((values * column.shape.bits as usize).div_ceil(8)..)?;
        }
        Some(Self { rows, dictionary, columns })
    }

    /// How many rows.
    #[inline]
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The value of a column in a row.
    #[inline]
    pub(crate) fn get(&self, column: usize, row: usize) -> u64 {
        self.columns[column].get(row)
    }

    /// Whether any row of a column may have this value: `false` if it lacks what all of them share.
    pub(crate) fn may_have(&self, column: usize, value: u64) -> bool {
        let Shape { bits, shift, least, sparse } = self.columns[column].shape;
        (sparse && value == 0) || value & !(mask(bits) << shift) == least
    }

    /// The first row whose value in this column, which does not decrease, is not below `value`.
    pub(crate) fn partition_point(&self, column: usize, value: u64) -> usize {
        let column = &self.columns[column];
        let (mut low, mut high) = (0, self.rows);
        while low < high {
            let middle = usize::midpoint(low, high);
            if column.get(middle) < value {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Puts the first rows of a column into `out`.
    pub(crate) fn decode(&self, column: usize, out: &mut [u64]) {
        let column = &self.columns[column];
        if column.shape.sparse || column.shape.bits > 56 {
            for (row, out) in out.iter_mut().enumerate() {
                *out = column.get(row);
            }
            return;
        }
        let Shape { bits, shift, least, .. } = column.shape;
        let mask = mask(bits);
        let mut bit = 0;
        for out in out {
            let word = word(column.data, bit >> 3) >> (bit & 7);
            *out = ((word & mask) << shift).wrapping_add(least);
            bit += bits as usize;
        }
    }

    /// An entry of the dictionary.
    pub(crate) fn entry(&self, number: u64) -> Entry {
        let mut rest = self.dictionary;
        for _ in 0..number * 4 {
            skip_varint(&mut rest);
        }
        [0; 4].map(|_: u32| varint(&mut rest) as u32)
    }

    /// The first number of each entry of the dictionary, which is below 256.
    pub(crate) fn first_words(&self, out: &mut [u8]) {
        let mut out = out.iter_mut();
        self.each_first_word(|word| {
            if let Some(out) = out.next() {
                *out = word;
            }
        });
    }

    /// The same one by one.
    pub(crate) fn each_first_word(&self, mut each: impl FnMut(u8)) {
        let mut rest = self.dictionary;
        while !rest.is_empty() {
            each(varint(&mut rest) as u8);
            for _ in 1..4 {
                skip_varint(&mut rest);
            }
        }
    }

    /// The dictionary in full.
    pub(crate) fn entries(&self, out: &mut Vec<Entry>) {
        out.clear();
        let mut rest = self.dictionary;
        while !rest.is_empty() {
            out.push([0; 4].map(|_: u32| varint(&mut rest) as u32));
        }
    }
}

impl Column<'_> {
    #[inline]
    fn get(&self, row: usize) -> u64 {
        let Shape { bits, shift, least, sparse } = self.shape;
        let mut at = row;
        if sparse {
            if row >= BLOCK || self.present >> row & 1 == 0 {
                return 0;
            }
            at = (self.present & ((1 << row) - 1)).count_ones() as usize;
        }
        if bits == 0 {
            return least;
        }
        let bit = at * bits as usize;
        let mut value = word(self.data, bit >> 3) >> (bit & 7);
        if bits > 56 {
            // The eight bytes from there on may lack the highest bits.
            let more = self.data.get((bit >> 3) + 8).copied().unwrap_or(0);
            value |= (u64::from(more) << 1) << (63 - (bit & 7));
        }
        ((value & mask(bits)) << shift).wrapping_add(least)
    }
}

fn mask(bits: u32) -> u64 {
    if bits >= u64::BITS { u64::MAX } else { (1 << bits) - 1 }
}

/// The eight bytes from there on, or what there is of them.
#[inline]
fn word(data: &[u8], at: usize) -> u64 {
    match data.get(at..).and_then(|rest| rest.first_chunk()) {
        Some(&bytes) => u64::from_le_bytes(bytes),
        None => last_word(data, at),
    }
}

#[cold]
fn last_word(data: &[u8], at: usize) -> u64 {
    let rest = data.get(at..).unwrap_or_default();
    let mut bytes = [0; 8];
    let len = rest.len().min(8);
    bytes[..len].copy_from_slice(&rest[..len]);
    u64::from_le_bytes(bytes)
}

pub(crate) fn push_varint(out: &mut Vec<u8>, value: u64) {
    let mut rest = value;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// The number at the beginning of `rest`, which moves behind it; 0 at the end.
pub(crate) fn varint(rest: &mut &[u8]) -> u64 {
    let mut value = 0;
    let mut shift = 0;
    while let Some((&byte, after)) = rest.split_first() {
        *rest = after;
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        shift += 7;
        if byte < 0x80 {
            break;
        }
    }
    value
}

fn skip_varint(rest: &mut &[u8]) {
    let len = rest.iter().position(|&byte| byte < 0x80).map_or(rest.len(), |at| at + 1);
    *rest = &rest[len..];
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check<const K: usize>(dictionary: &[Entry], columns: &[Vec<u64>; K]) {
        let mut bytes = Vec::new();
        begin_block(columns[0].len(), dictionary, &mut bytes);
        for column in columns {
            let at = bytes.len();
            push_column(column, &mut bytes);
            if let Ok(short) = column.iter().map(|&value| u32::try_from(value)).collect::<Result<Vec<_>, _>>() {
                let mut same = Vec::new();
                push_column(&short, &mut same);
                assert_eq!(bytes[at..], same);
            }
        }
        let len = bytes.len();
        for tail in [0, 20] {
            bytes.resize(len + tail, 0xff);
            let block = Block::<K>::open(&bytes);
            assert_eq!(block.rows(), columns[0].len());
            for (k, column) in columns.iter().enumerate() {
                let mut decoded = vec![0; column.len()];
                block.decode(k, &mut decoded);
                assert_eq!(&decoded, column);
                for (row, &value) in column.iter().enumerate() {
                    assert_eq!(block.get(k, row), value);
                    assert!(block.may_have(k, value));
                }
            }
            for (number, entry) in dictionary.iter().enumerate() {
                assert_eq!(block.entry(number as u64), *entry);
            }
            let mut entries = Vec::new();
            block.entries(&mut entries);
            assert_eq!(entries, dictionary);
        }
        for cut in 0..len {
            let block = Block::<K>::open(&bytes[..cut]);
            for row in 0..block.rows() {
                let _ = block.get(K - 1, row);
            }
        }
    }

    #[test]
    fn what_goes_in_comes_out() {
        check(&[], &[vec![0]]);
        check(&[[0, 1, 127, 128], [u32::MAX; 4]], &[vec![u64::MAX, 0, 1], vec![5, 5, 5]]);
        check(&[], &[(0..128).collect(), (0..128).map(|i| if i % 3 == 0 { 1000 + i } else { 0 }).collect()]);
        check(&[], &[(0..128).map(|i| 1_000_000 + 64 * i).collect()]);
        check(&[], &[vec![1 << 63, 1, 0, 0, 0, 0, u64::MAX]]);
    }

    #[test]
    fn times_in_ticks_cost_their_ticks() {
        let mut bytes = Vec::new();
        let column: Vec<u64> = (0..128).map(|i| (1 << 33) + 64 * i).collect();
        pack(&[&column], &mut bytes);
        assert_eq!(bytes.len(), 4 + 3 + 5 + 128 * 7 / 8);
    }

    proptest! {
        #[test]
        fn any_columns(rows in 1..=BLOCK, seed in any::<u64>(), widths in any::<[u8; 3]>(), holes in 0..4u64) {
            let mut state = seed | 1;
            let mut random = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state
            };
            let columns: [Vec<u64>; 3] = widths.map(|width| {
                (0..rows)
                    .map(|_| if holes > 0 && random() % (holes + 1) > 0 { 0 } else { random() >> (width % 64) })
                    .collect()
            });
            check(&[[1, 2, 3, 4]], &columns);
        }

        #[test]
        fn any_bytes_give_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let block = Block::<3>::open(&bytes);
            let mut out = [0; BLOCK];
            for column in 0..3 {
                block.decode(column, &mut out[..block.rows().min(BLOCK)]);
                block.partition_point(column, 1000);
                for row in 0..block.rows() {
                    block.get(column, row);
                }
            }
            block.entry(u64::from(bytes.first().copied().unwrap_or(0)));
        }
    }
}
