//! Several looks at one snapshot at once, as JSON: what `analyzeHeap` of `lib/heap/` is answered with.

use serde_json::{Map, Value};

use super::query::{Query, QueryError};
use super::{Bounds, Looks, Subject, json};

/// A look that needs nothing but a number of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// Classes, and bytes by what they are.
    Summary,
    /// The objects that keep most.
    Largest,
    /// Equal strings and arrays.
    Duplicates,
    /// Functions by their places.
    Closures,
    /// Collections by their sizes.
    Collections,
    /// What is in no page any more, and handles that nobody else holds.
    Detached,
}

impl Name {
    const ALL: [(&'static str, Self); 6] = [
        ("summary", Self::Summary),
        ("largest", Self::Largest),
        ("duplicates", Self::Duplicates),
        ("closures", Self::Closures),
        ("collections", Self::Collections),
        ("detached", Self::Detached),
    ];

    /// The look of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|&(_, look)| look)
    }

    fn text(self) -> &'static str {
        Self::ALL.iter().find(|&&(_, look)| look == self).map_or("", |&(name, _)| name)
    }
}

/// What is asked of a snapshot.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// These looks.
    pub looks: Vec<Name>,
    /// Rows of each table.
    pub rows: usize,
    /// Objects that such a query describes.
    pub query: Option<String>,
    /// Who holds this object, or the objects of this class.
    pub retainers: Option<String>,
}

impl Asked {
    /// Whether the query can be understood, before a big file is read.
    ///
    /// # Errors
    /// [`QueryError`]
    pub fn check(&self) -> Result<(), QueryError> {
        self.query.as_deref().map_or(Ok(()), |query| Query::parse(query).map(|_| ()))
    }

    /// The answers, each by the name of what was asked.
    ///
    /// # Errors
    /// What is wrong with the query, or that there is no such object or class, in words.
    pub fn answer(&self, looks: &Looks<'_>) -> Result<Value, String> {
        /// Of an object's holders.
        const HELD: Bounds = Bounds { width: 5, beside: 5, away: 8, most: 400 };
        let mut answers = Map::new();
        answers.insert("schema".into(), 1.into());
        for &name in &self.looks {
            let answer = match name {
                Name::Summary => json::summary(&super::summary(looks, self.rows)),
                Name::Largest => json::largest(&super::largest(looks, self.rows)),
                Name::Duplicates => json::duplicates(&super::duplicates(looks, self.rows)),
                Name::Closures => json::closures(&super::closures(looks, self.rows)),
                Name::Collections => json::collections(&super::collections(looks, self.rows)),
                Name::Detached => json::detached(&super::detached(looks, self.rows)),
            };
            answers.insert(name.text().into(), answer);
        }
        if let Some(text) = &self.query {
            let query = Query::parse(text).map_err(|error| error.to_string())?;
            answers.insert("query".into(), json::query(&query.run(looks, self.rows), text));
        }
        if let Some(subject) = &self.retainers {
            let answer = match Subject::find(looks, subject)? {
                Subject::Object(node) => json::held(&super::held(looks, node, HELD)),
                Subject::Class(name, nodes) => {
                    json::holding(&super::holders(looks, &name, &nodes, HELD.width))
                }
            };
            answers.insert("retainers".into(), answer);
        }
        Ok(Value::Object(answers))
    }
}
