//! A question of one's own: which objects are such and such. A small language of comparisons, without anything that could
//! run for long: `class = "Session" and retained > 1MB sort retained limit 10`.
//!
//! Texts are compared once for each class, name or place and not for each object; linear in nodes.

mod filter;
mod lexer;
mod parser;
mod text;

use std::fmt;

use super::groups::retained;
use super::top::Top;
use super::{Looks, Object};
use crate::heap::ownership::Bits;
use filter::Tester;
use parser::Expression;

/// Objects that are listed, where a query does not say how many.
pub const LIMIT: usize = 20;
/// Objects that can be listed.
pub const MOST: usize = 100_000;

/// What is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    filter: Expression,
    sort: Number,
    ascending: bool,
    limit: Option<usize>,
}

/// Why a text is no query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// The character at which that shows, from 0.
    pub at: usize,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at character {} of the query: {}", self.at + 1, self.what)
    }
}

impl std::error::Error for QueryError {}

/// What an object has as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Size,
    Retained,
    Distance,
    Edges,
    Id,
}

/// What an object has as a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Class,
    Name,
    Kind,
    Location,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Number(Number),
    Text(Text),
}

const FIELDS: [(&str, Field); 9] = [
    ("class", Field::Text(Text::Class)),
    ("name", Field::Text(Text::Name)),
    ("kind", Field::Text(Text::Kind)),
    ("location", Field::Text(Text::Location)),
    ("self", Field::Number(Number::Size)),
    ("retained", Field::Number(Number::Retained)),
    ("distance", Field::Number(Number::Distance)),
    ("edges", Field::Number(Number::Edges)),
    ("id", Field::Number(Number::Id)),
];

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How many objects.
    pub count: u64,
    /// Their own bytes.
    pub size: u64,
    /// Bytes that would be freed with all of them.
    pub retained: u64,
    /// The first of them.
    pub objects: Vec<Object>,
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// [`QueryError`]
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parser::parse(text)
    }

    /// Asks; `limit` is how many objects are listed where the query does not say it.
    #[must_use]
    pub fn run(&self, looks: &Looks<'_>, limit: usize) -> Found {
        let graph = &looks.heap.snapshot.graph;
        let mut tester = Tester::new(looks, &self.filter);
        let mut matches = Bits::new(graph.node_count());
        let mut top = Top::new(self.limit.unwrap_or(limit).min(MOST));
        let (mut count, mut size) = (0, 0);
        for node in graph.nodes() {
            if !tester.test(&self.filter, node) {
                continue;
            }
            matches.set(node);
            count += 1;
            size += graph.self_size(node);
            let key = filter::number(looks, self.sort, node);
            // What has no such number comes last, either way.
            let key = key.map(|key| if self.ascending { u64::MAX - key } else { key });
            top.offer(key, node);
        }
        let sums = retained(looks, |node| matches.has(node).then_some(0), 1);
        Found {
            count,
            size,
            retained: sums.first().copied().unwrap_or(0),
            objects: top.into_list().into_iter().map(|node| looks.object(node)).collect(),
        }
    }
}
