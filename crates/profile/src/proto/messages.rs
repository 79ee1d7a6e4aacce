//! The messages of a profile but samples, each from its fields to a row.

use super::fault::{DecodeError, Fault, Table};
use super::fields::{Field, Message};
use super::number;
use crate::profile::{Function, FunctionIdx, Known, Label, LabelValue, Line, Location, Mapping, MappingIdx, ValueType};
use crate::strings::{StringId, Strings};
use rustc_hash::FxHashMap;

/// The text table of a file: its numbers and the handles they became.
pub(super) struct Texts {
    pub(super) ids: Vec<StringId>,
}

impl Texts {
    /// Reads the table, wherever in the file it is.
    pub(super) fn read(whole: Message<'_>, strings: &mut Strings) -> Result<Texts, DecodeError> {
        let mut ids = Vec::new();
        whole.each(|field| {
            if field.number == number::profile::STRING_TABLE {
                let text = field.message()?;
                let id = strings.intern(&String::from_utf8_lossy(text.bytes()));
                if ids.is_empty() && !id.is_empty() {
                    return Err(DecodeError { at: field.at, fault: Fault::NoStrings });
                }
                ids.push(id);
            }
            Ok(())
        })?;
        if ids.is_empty() {
            return Err(DecodeError { at: whole.bytes().len() as u64, fault: Fault::NoStrings });
        }
        Ok(Texts { ids })
    }

    pub(super) fn get(&self, field: &Field<'_>) -> Result<StringId, DecodeError> {
        self.at(field.at, field.number()?)
    }

    pub(super) fn at(&self, at: u64, index: u64) -> Result<StringId, DecodeError> {
        let id = usize::try_from(index).ok().and_then(|index| self.ids.get(index));
        id.copied().ok_or(DecodeError { at, fault: Fault::NoString(index) })
    }
}

/// The numbers that a file gave to the rows of one table.
pub(super) struct Ids {
    table: Table,
    dense: Vec<Option<u32>>,
    sparse: FxHashMap<u64, u32>,
}

impl Ids {
    pub(super) fn new(table: Table) -> Ids {
        Ids { table, dense: Vec::new(), sparse: FxHashMap::default() }
    }

    /// Notes the number of the next row. Numbers that come in order, as they nearly always do, need no hashing.
    pub(super) fn add(&mut self, at: u64, id: u64, row: u32) -> Result<(), DecodeError> {
        if id == 0 {
            return Err(DecodeError { at, fault: Fault::ZeroId(self.table) });
        }
        let before = if id == self.dense.len() as u64 + 1 && !self.sparse.contains_key(&id) {
            self.dense.push(Some(row));
            None
        } else if let Some(taken) = self.find(id) {
            Some(taken)
        } else {
            self.sparse.insert(id, row)
        };
        match before {
            None => Ok(()),
            Some(_) => Err(DecodeError { at, fault: Fault::SameId(self.table, id) }),
        }
    }

    pub(super) fn find(&self, id: u64) -> Option<u32> {
        let dense = id.checked_sub(1).and_then(|slot| self.dense.get(usize::try_from(slot).ok()?));
        dense.copied().flatten().or_else(|| self.sparse.get(&id).copied())
    }

    pub(super) fn get(&self, at: u64, id: u64) -> Result<u32, DecodeError> {
        self.find(id).ok_or(DecodeError { at, fault: Fault::NoRow(self.table, id) })
    }
}

pub(super) fn value_type(message: Message<'_>, texts: &Texts) -> Result<ValueType, DecodeError> {
    let mut one = ValueType::default();
    message.each(|field| {
        match field.number {
            number::value_type::KIND => one.kind = texts.get(&field)?,
            number::value_type::UNIT => one.unit = texts.get(&field)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(one)
}

/// A mapping and its number in the file.
pub(super) fn mapping(message: Message<'_>, texts: &Texts) -> Result<(u64, Mapping), DecodeError> {
    let (mut id, mut one) = (0, Mapping::default());
    message.each(|field| {
        match field.number {
            number::mapping::ID => id = field.number()?,
            number::mapping::START => one.start = field.number()?,
            number::mapping::LIMIT => one.limit = field.number()?,
            number::mapping::OFFSET => one.offset = field.number()?,
            number::mapping::FILE => one.file = texts.get(&field)?,
            number::mapping::BUILD_ID => one.build_id = texts.get(&field)?,
            flag @ number::mapping::HAS_FUNCTIONS..=number::mapping::HAS_INLINE_FRAMES => {
                let bit = 1 << (flag - number::mapping::HAS_FUNCTIONS);
                let others = one.known.0 & !bit;
                one.known = Known(if field.number()? == 0 { others } else { others | bit });
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok((id, one))
}

/// A function and its number in the file.
pub(super) fn function(message: Message<'_>, texts: &Texts) -> Result<(u64, Function), DecodeError> {
    let (mut id, mut one) = (0, Function::default());
    message.each(|field| {
        match field.number {
            number::function::ID => id = field.number()?,
            number::function::NAME => one.name = texts.get(&field)?,
            number::function::SYSTEM_NAME => one.system_name = texts.get(&field)?,
            number::function::FILE => one.file = texts.get(&field)?,
            number::function::START_LINE => one.start_line = field.number()? as i64,
            _ => {}
        }
        Ok(())
    })?;
    Ok((id, one))
}

/// A location and its number in the file; its lines are put into `lines`.
///
/// A mapping that is not there counts as none, as it does in pprof.
pub(super) fn location(
    message: Message<'_>,
    mappings: &Ids,
    functions: &Ids,
    lines: &mut Vec<Line>,
) -> Result<(u64, Location), DecodeError> {
    let (mut id, mut one) = (0, Location::default());
    lines.clear();
    message.each(|field| {
        match field.number {
            number::location::ID => id = field.number()?,
            number::location::MAPPING_ID => one.mapping = mappings.find(field.number()?).map(MappingIdx),
            number::location::ADDRESS => one.address = field.number()?,
            number::location::LINE => lines.push(line(field.message()?, functions)?),
            number::location::IS_FOLDED => one.folded = field.number()? != 0,
            _ => {}
        }
        Ok(())
    })?;
    Ok((id, one))
}

fn line(message: Message<'_>, functions: &Ids) -> Result<Line, DecodeError> {
    let (mut function, mut line, mut column) = (None, 0, 0);
    message.each(|field| {
        match field.number {
            number::line::FUNCTION_ID => function = Some(functions.get(field.at, field.number()?)?),
            number::line::LINE => line = field.number()? as i64,
            number::line::COLUMN => column = field.number()? as i64,
            _ => {}
        }
        Ok(())
    })?;
    match function {
        Some(row) => Ok(Line { function: FunctionIdx(row), line, column }),
        None => Err(DecodeError { at: message.at(), fault: Fault::NoRow(Table::Functions, 0) }),
    }
}

/// A label. One without a text is a number, 0 if there is none.
pub(super) fn label(message: Message<'_>, texts: &Texts) -> Result<Label, DecodeError> {
    let mut key = StringId::EMPTY;
    let mut text = None;
    let (mut value, mut unit) = (0, StringId::EMPTY);
    message.each(|field| {
        match field.number {
            number::label::KEY => key = texts.get(&field)?,
            // The number of the empty text is how "no text" is written.
            number::label::TEXT => text = (field.number()? != 0).then_some(texts.get(&field)?),
            number::label::NUMBER => value = field.number()? as i64,
            number::label::UNIT => unit = texts.get(&field)?,
            _ => {}
        }
        Ok(())
    })?;
    let value = text.map_or(LabelValue::Number(value, unit), LabelValue::Text);
    Ok(Label { key, value })
}
