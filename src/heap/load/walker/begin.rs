//! Where a member's value begins: what is done with it.

use super::super::super::HeapError;
use super::super::numbers::Records;
use super::super::parts::{Edges, Nodes};
use super::super::text::{StringArray, Value};
use super::{Part, Task, Walker};

/// Bytes of the `snapshot` member at most.
const MOST_META: usize = 1 << 22;
/// Bytes of the tree of allocations at most: it is read when it is whole.
const MOST_TREE: usize = 1 << 30;
/// Records for which memory is taken ahead, where only a claim says how many there are.
const AHEAD: usize = 1 << 20;

impl Walker {
    pub(super) fn begin(&mut self, offset: u64) -> Result<(), HeapError> {
        self.begin = offset;
        let key = std::mem::take(&mut self.key);
        let is_numbers = matches!(
            key.as_slice(),
            b"nodes" | b"edges" | b"locations" | b"trace_function_infos" | b"samples"
        );
        self.current = match key.as_slice() {
            b"edges" if self.task == Task::Edges => Part::None,
            _ if self.task == Task::Edges && is_numbers => Part::Numbers,
            _ if self.task == Task::Edges => Part::Skip(Value::skip()),
            b"edges" if self.passed_edges => {
                return Err(HeapError::malformed(offset, "a second \"edges\""));
            }
            b"edges" if matches!(self.task, Task::AllButEdges | Task::Nodes) => {
                self.passed_edges = true;
                Part::Numbers
            }
            _ if self.task == Task::Nodes && is_numbers && key != b"nodes" => Part::Numbers,
            b"strings" | b"trace_tree" if self.task == Task::Nodes => Part::Skip(Value::skip()),
            b"snapshot" if self.layout.is_some() => {
                return Err(HeapError::malformed(offset, "a second \"snapshot\""));
            }
            b"snapshot" => Part::Meta(Value::keep(MOST_META)),
            b"strings" if self.strings.is_some() => {
                return Err(HeapError::malformed(offset, "a second \"strings\""));
            }
            b"strings" => Part::Strings(StringArray::default()),
            _ if !is_numbers && key != b"trace_tree" => Part::Skip(Value::skip()),
            _ => Part::None,
        };
        if !matches!(self.current, Part::None) {
            return Ok(());
        }
        let Some(layout) = &self.layout else {
            let name = String::from_utf8_lossy(&key).into_owned();
            return Err(HeapError::malformed(offset, format!("\"{name}\" comes before \"snapshot\"")));
        };
        let records = |fields: usize, within: &'static str| Records::new(fields, within);
        let room = |claimed: u64, fields: usize| -> Result<usize, HeapError> {
            let claimed = usize::try_from(claimed).unwrap_or(usize::MAX);
            let Some(length) = self.length else { return Ok(claimed.min(AHEAD)) };
            // A number takes a byte and a comma.
            let possible = usize::try_from(length).unwrap_or(usize::MAX) / 2 / fields;
            if claimed > possible {
                let what = format!(
                    "{claimed} records are claimed, of which {length} bytes can hold {possible}: it is cut, or damaged"
                );
                return Err(HeapError::malformed(offset, what));
            }
            Ok(claimed)
        };
        let out_of_memory = || HeapError::TooLarge("there is not enough memory for it".into());
        self.current = match key.as_slice() {
            b"nodes" if self.nodes.is_some() => {
                return Err(HeapError::malformed(offset, "a second \"nodes\""));
            }
            b"edges" if self.edges.is_some() => {
                return Err(HeapError::malformed(offset, "a second \"edges\""));
            }
            b"nodes" => {
                let mut nodes = Nodes::new(layout.node.clone());
                let count = room(layout.nodes, layout.node.fields)?;
                nodes.graph.reserve_nodes(count).then_some(()).ok_or_else(out_of_memory)?;
                Part::Nodes(records(layout.node.fields, "\"nodes\""), Box::new(nodes))
            }
            b"edges" => {
                let mut edges = Edges::new(layout.edge.clone(), layout.node.fields);
                let count = room(layout.edges, layout.edge.fields)?;
                edges.graph.reserve_edges(count).then_some(()).ok_or_else(out_of_memory)?;
                Part::Edges(records(layout.edge.fields, "\"edges\""), Box::new(edges))
            }
            b"locations" => match &layout.location {
                Some(location) => Part::Locations(records(location.fields, "\"locations\"")),
                None => Part::Numbers,
            },
            b"trace_function_infos" => match &layout.function {
                Some(function) => Part::Functions(records(function.fields, "\"trace_function_infos\"")),
                None => Part::Numbers,
            },
            b"samples" => match &layout.sample {
                Some(sample) => Part::Samples(records(sample.fields, "\"samples\"")),
                None => Part::Numbers,
            },
            _ => match &layout.trace {
                Some(_) => Part::Traces(Value::keep(MOST_TREE)),
                None => Part::Skip(Value::skip()),
            },
        };
        Ok(())
    }
}
