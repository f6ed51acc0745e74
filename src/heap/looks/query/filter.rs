//! Whether an expression holds of an object.

use std::collections::HashMap;

use super::parser::{Compare, Expression, TextTest};
use super::{Looks, Number, Text};
use crate::heap::SYSTEM;

/// Remembers what texts have been found to be.
pub(super) struct Tester<'l, 'h> {
    looks: &'l Looks<'h>,
    /// For each comparison of texts, by class, name, kind or place.
    known: Vec<Known>,
}

/// Answers by number: 0 unknown, 1 no, 2 yes.
struct Known {
    dense: Vec<u8>,
    places: HashMap<(u32, u32), bool>,
}

impl<'l, 'h> Tester<'l, 'h> {
    pub(super) fn new(looks: &'l Looks<'h>, filter: &Expression) -> Self {
        let mut tester = Self { looks, known: Vec::new() };
        tester.prepare(filter);
        tester
    }

    fn prepare(&mut self, filter: &Expression) {
        match filter {
            Expression::All(list) | Expression::Any(list) => list.iter().for_each(|one| self.prepare(one)),
            Expression::Not(one) => self.prepare(one),
            Expression::Number(..) => {}
            Expression::Text(text, ..) => {
                let count = match text {
                    Text::Class => self.looks.classes().list().len(),
                    Text::Name => self.looks.heap.snapshot.strings.len(),
                    Text::Kind => crate::heap::NodeKind::ALL.len(),
                    Text::Location => 0,
                };
                // In the order in which they were numbered.
                self.known.push(Known { dense: vec![0; count], places: HashMap::new() });
            }
        }
    }

    pub(super) fn test(&mut self, filter: &Expression, node: u32) -> bool {
        match filter {
            Expression::All(list) => list.iter().all(|one| self.test(one, node)),
            Expression::Any(list) => list.iter().any(|one| self.test(one, node)),
            Expression::Not(one) => !self.test(one, node),
            Expression::Number(field, compare, value) => {
                number(self.looks, *field, node).is_some_and(|number| match compare {
                    Compare::Equal => number == *value,
                    Compare::Different => number != *value,
                    Compare::Less => number < *value,
                    Compare::AtMost => number <= *value,
                    Compare::More => number > *value,
                    Compare::AtLeast => number >= *value,
                })
            }
            Expression::Text(field, test, at) => self.text(*field, test, *at, node),
        }
    }

    fn text(&mut self, field: Text, test: &TextTest, at: usize, node: u32) -> bool {
        let looks = self.looks;
        let snapshot = &looks.heap.snapshot;
        let Some(known) = self.known.get_mut(at) else { return false };
        let index = match field {
            Text::Class => looks.classes().number_of(node) as usize,
            Text::Name => snapshot.graph.name(node) as usize,
            Text::Kind => snapshot.graph.kind(node) as usize,
            Text::Location => {
                let Some(location) = snapshot.location(node) else { return holds(test, "") };
                return *known.places.entry((location.script, location.line)).or_insert_with(|| {
                    let file = looks.scripts().name(location.script).unwrap_or_default();
                    holds(test, &format!("{file}:{}", location.line + 1))
                });
            }
        };
        let Some(answer) = known.dense.get_mut(index) else { return false };
        if *answer == 0 {
            let is = match field {
                Text::Class => holds(test, &looks.classes().of_node(node).name),
                Text::Kind => holds(test, snapshot.graph.kind(node).as_str()),
                _ => holds(test, &snapshot.strings.text(snapshot.graph.name(node))),
            };
            *answer = if is { 2 } else { 1 };
        }
        *answer == 2
    }
}

fn holds(test: &TextTest, value: &str) -> bool {
    match test {
        TextTest::Equal(wanted) => value == wanted,
        TextTest::Different(other) => value != other,
        TextTest::Like(pattern) => pattern.is_like(value),
        TextTest::Unlike(pattern) => !pattern.is_like(value),
    }
}

/// A number that an object has; a distance only where the global objects reach it.
pub(super) fn number(looks: &Looks<'_>, field: Number, node: u32) -> Option<u64> {
    let heap = looks.heap;
    let graph = &heap.snapshot.graph;
    let index = node as usize;
    Some(match field {
        Number::Size => graph.self_size(node),
        Number::Retained => heap.retained[index],
        Number::Distance => u64::from(Some(heap.distances[index]).filter(|&steps| steps < SYSTEM)?),
        Number::Edges => graph.edges(node).len() as u64,
        Number::Id => u64::from(graph.id(node)),
    })
}
