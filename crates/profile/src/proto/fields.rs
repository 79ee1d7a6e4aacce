//! The fields of a protobuf message, in place: numbers and slices with their offsets, no copies.

use super::fault::{DecodeError, Fault};

/// A message, or a part of one that is still to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    rest: &'a [u8],
    /// Where `rest` begins in the whole.
    at: u64,
}

/// One field of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    pub(super) number: u32,
    pub(super) at: u64,
    pub(super) value: Value<'a>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(Message<'a>),
    /// Eight or four bytes, which no field of a profile has.
    Fixed(u8),
}

impl<'a> Message<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Message<'a> {
        Message { rest: bytes, at: 0 }
    }

    pub(super) fn bytes(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// The next number.
    pub(super) fn varint(&mut self) -> Result<u64, DecodeError> {
        let mut number = 0_u64;
        for (count, byte) in self.rest.iter().enumerate() {
            if count == 10 {
                return Err(DecodeError { at: self.at, fault: Fault::LongNumber });
            }
            // The tenth byte has one bit that counts; what is above it is dropped, as protobuf readers do.
            number |= u64::from(byte & 0x7f) << (7 * count);
            if *byte < 0x80 {
                self.advance(count + 1);
                return Ok(number);
            }
        }
        let fault = if self.rest.len() > 9 { Fault::LongNumber } else { Fault::CutNumber };
        Err(DecodeError { at: self.at, fault })
    }

    fn advance(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
        self.at += count as u64;
    }

    fn take(&mut self, count: u64) -> Result<Message<'a>, DecodeError> {
        let taken = usize::try_from(count).ok().and_then(|count| self.rest.get(..count));
        let Some(bytes) = taken else {
            return Err(DecodeError { at: self.at, fault: Fault::CutField(count) });
        };
        let message = Message { rest: bytes, at: self.at };
        self.advance(bytes.len());
        Ok(message)
    }

    /// The next field; `None` at the end.
    pub(super) fn field(&mut self) -> Result<Option<Field<'a>>, DecodeError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let at = self.at;
        let tag = self.varint()?;
        // A number that is no field number is one that nobody knows.
        let number = u32::try_from(tag >> 3).unwrap_or(u32::MAX);
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => {
                self.take(8)?;
                Value::Fixed(1)
            }
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(length)?)
            }
            5 => {
                self.take(4)?;
                Value::Fixed(5)
            }
            wire => return Err(DecodeError { at, fault: Fault::WireType(number, wire as u8) }),
        };
        Ok(Some(Field { number, at, value }))
    }

    /// Calls `each` with every field.
    pub(super) fn each(
        mut self,
        mut each: impl FnMut(Field<'a>) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        while let Some(field) = self.field()? {
            each(field)?;
        }
        Ok(())
    }
}

impl<'a> Field<'a> {
    fn wrong(&self, wire: u8) -> DecodeError {
        DecodeError { at: self.at, fault: Fault::WireType(self.number, wire) }
    }

    pub(super) fn number(&self) -> Result<u64, DecodeError> {
        match self.value {
            Value::Number(number) => Ok(number),
            Value::Bytes(_) => Err(self.wrong(2)),
            Value::Fixed(wire) => Err(self.wrong(wire)),
        }
    }

    pub(super) fn message(&self) -> Result<Message<'a>, DecodeError> {
        match self.value {
            Value::Number(_) => Err(self.wrong(0)),
            Value::Bytes(message) => Ok(message),
            Value::Fixed(wire) => Err(self.wrong(wire)),
        }
    }

    /// Adds the numbers of a repeated field, packed or not.
    pub(super) fn numbers(&self, each: &mut impl FnMut(u64) -> Result<(), DecodeError>) -> Result<(), DecodeError> {
        match self.value {
            Value::Number(number) => each(number),
            Value::Bytes(mut packed) => {
                while !packed.rest.is_empty() {
                    each(packed.varint()?)?;
                }
                Ok(())
            }
            Value::Fixed(wire) => Err(self.wrong(wire)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Result<u64, Fault>) {
        assert_eq!(Message::new(bytes).varint().map_err(|error| error.fault), expected, "{bytes:?}");
    }

    #[test]
    fn numbers() {
        check(&[0], Ok(0));
        check(&[0x96, 1], Ok(150));
        check(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], Ok(u64::MAX));
        check(&[0x80, 0x80], Err(Fault::CutNumber));
        check(&[0x80; 10], Err(Fault::LongNumber));
        check(&[0x80; 12], Err(Fault::LongNumber));
    }
}
