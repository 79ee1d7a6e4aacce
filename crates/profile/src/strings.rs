//! The texts of a profile, each kept once, so that two names are the same exactly if their handles are.

use rustc_hash::FxHashMap;
use std::sync::Arc;

/// A text of a profile. Zero is the empty text in every profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StringId(pub(crate) u32);

impl StringId {
    /// The empty text: "not known" for names and files.
    pub const EMPTY: StringId = StringId(0);

    /// Whether this is the empty text.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Texts by handle and handles by text.
#[derive(Clone, Debug)]
pub struct Strings {
    texts: Vec<Arc<str>>,
    ids: FxHashMap<Arc<str>, StringId>,
}

impl Default for Strings {
    fn default() -> Self {
        let empty: Arc<str> = Arc::from("");
        let ids = std::iter::once((Arc::clone(&empty), StringId::EMPTY)).collect();
        Strings { texts: vec![empty], ids }
    }
}

impl Strings {
    /// The handle of a text, which is added if it is new.
    pub fn intern(&mut self, text: &str) -> StringId {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = StringId(self.texts.len() as u32);
        let shared: Arc<str> = Arc::from(text);
        self.texts.push(Arc::clone(&shared));
        self.ids.insert(shared, id);
        id
    }

    /// The handle of a text, if the profile has it.
    pub fn find(&self, text: &str) -> Option<StringId> {
        self.ids.get(text).copied()
    }

    /// The text; empty for a handle of another profile.
    pub fn get(&self, id: StringId) -> &str {
        self.texts.get(id.0 as usize).map_or("", |text| text)
    }

    /// How many texts there are, the empty one included.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Never true: the empty text is always there.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}
