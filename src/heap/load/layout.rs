//! How the numbers of a snapshot are laid out: what its own `meta` says. Versions of V8 differ in it.

use serde_json::Value;

use super::super::HeapError;
use super::super::kinds::{EdgeKind, NodeKind};
use super::numbers::MOST_FIELDS;

/// Kinds of nodes or edges that a snapshot may number.
pub(super) const MOST_KINDS: usize = 64;

/// See the top of this file. Positions are those of fields in their record.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) node: NodeLayout,
    pub(super) edge: EdgeLayout,
    pub(super) location: Option<LocationLayout>,
    pub(super) function: Option<FunctionLayout>,
    pub(super) trace: Option<TraceLayout>,
    pub(super) sample: Option<SampleLayout>,
    /// As claimed.
    pub(super) nodes: u64,
    pub(super) edges: u64,
    /// Memory outside the heap that no node stands for.
    pub(super) extra_native_bytes: u64,
}

#[derive(Debug, Clone)]
pub(super) struct NodeLayout {
    pub(super) fields: usize,
    pub(super) kind: usize,
    pub(super) name: usize,
    pub(super) id: usize,
    pub(super) self_size: usize,
    pub(super) edge_count: usize,
    pub(super) trace: Option<usize>,
    pub(super) detachedness: Option<usize>,
    pub(super) kinds: Vec<NodeKind>,
}

#[derive(Debug, Clone)]
pub(super) struct EdgeLayout {
    pub(super) fields: usize,
    pub(super) kind: usize,
    pub(super) name: usize,
    pub(super) to: usize,
    pub(super) kinds: Vec<EdgeKind>,
}

#[derive(Debug, Clone)]
pub(super) struct LocationLayout {
    pub(super) fields: usize,
    pub(super) object: usize,
    pub(super) script: usize,
    pub(super) line: usize,
    pub(super) column: usize,
}

#[derive(Debug, Clone)]
pub(super) struct FunctionLayout {
    pub(super) fields: usize,
    pub(super) name: usize,
    pub(super) script_name: usize,
    pub(super) line: usize,
    pub(super) column: usize,
}

#[derive(Debug, Clone)]
pub(super) struct TraceLayout {
    pub(super) fields: usize,
    pub(super) id: usize,
    pub(super) function: usize,
    pub(super) count: usize,
    pub(super) size: usize,
    pub(super) children: usize,
}

#[derive(Debug, Clone)]
pub(super) struct SampleLayout {
    pub(super) fields: usize,
    pub(super) timestamp: usize,
    pub(super) last_id: usize,
}

impl Layout {
    /// Reads the `snapshot` member, which begins at the byte `offset`.
    pub(super) fn read(json: &[u8], offset: u64) -> Result<Self, HeapError> {
        let wrong = |what: String| HeapError::malformed(offset, what);
        let snapshot: Value = serde_json::from_slice(json)
            .map_err(|error| wrong(format!("\"snapshot\" is not JSON: {error}")))?;
        let meta = &snapshot["meta"];
        let record =
            |name: &str| Fields::of(&meta[name]).map_err(|what| wrong(format!("meta.{name} {what}")));
        let required = |fields: &Fields, group: &str, name: &str| {
            fields.position(name).ok_or_else(|| wrong(format!("meta.{group} has no \"{name}\"")))
        };
        let kinds = |name: &str| -> Result<Vec<String>, HeapError> {
            let names: Option<Vec<String>> = meta[name][0]
                .as_array()
                .map(|list| list.iter().map(|kind| kind.as_str().unwrap_or_default().to_owned()).collect());
            names
                .filter(|names| !names.is_empty() && names.len() <= MOST_KINDS)
                .ok_or_else(|| wrong(format!("meta.{name} does not begin with 1 to {MOST_KINDS} names")))
        };
        let count = |name: &str| {
            snapshot[name].as_u64().ok_or_else(|| wrong(format!("snapshot.{name} is not a whole number")))
        };

        let fields = record("node_fields")?;
        let of = |name: &str| required(&fields, "node_fields", name);
        let node = NodeLayout {
            fields: fields.0.len(),
            kind: of("type")?,
            name: of("name")?,
            id: of("id")?,
            self_size: of("self_size")?,
            edge_count: of("edge_count")?,
            trace: fields.position("trace_node_id"),
            detachedness: fields.position("detachedness"),
            kinds: kinds("node_types")?.iter().map(|name| NodeKind::named(name)).collect(),
        };
        let fields = record("edge_fields")?;
        let of = |name: &str| required(&fields, "edge_fields", name);
        let edge = EdgeLayout {
            fields: fields.0.len(),
            kind: of("type")?,
            name: of("name_or_index")?,
            to: of("to_node")?,
            kinds: kinds("edge_types")?.iter().map(|name| EdgeKind::named(name)).collect(),
        };
        // What not every snapshot has, or has in another shape, is left out.
        let optional = |name: &str| Fields::of(&meta[name]).ok();
        let location = optional("location_fields").and_then(|fields| {
            Some(LocationLayout {
                fields: fields.0.len(),
                object: fields.position("object_index")?,
                script: fields.position("script_id")?,
                line: fields.position("line")?,
                column: fields.position("column")?,
            })
        });
        let function = optional("trace_function_info_fields").and_then(|fields| {
            Some(FunctionLayout {
                fields: fields.0.len(),
                name: fields.position("name")?,
                script_name: fields.position("script_name")?,
                line: fields.position("line")?,
                column: fields.position("column")?,
            })
        });
        let trace = optional("trace_node_fields").and_then(|fields| {
            Some(TraceLayout {
                fields: fields.0.len(),
                id: fields.position("id")?,
                function: fields.position("function_info_index")?,
                count: fields.position("count")?,
                size: fields.position("size")?,
                children: fields.position("children")?,
            })
        });
        let sample = optional("sample_fields").and_then(|fields| {
            Some(SampleLayout {
                fields: fields.0.len(),
                timestamp: fields.position("timestamp_us")?,
                last_id: fields.position("last_assigned_id")?,
            })
        });
        if snapshot["root_index"].as_u64().is_some_and(|root| root != 0) {
            return Err(wrong("snapshot.root_index is not 0".into()));
        }
        Ok(Self {
            node,
            edge,
            location,
            function,
            trace,
            sample,
            nodes: count("node_count")?,
            edges: count("edge_count")?,
            extra_native_bytes: snapshot["extra_native_bytes"].as_u64().unwrap_or(0),
        })
    }
}

/// The names of a record's fields.
struct Fields(Vec<String>);

impl Fields {
    fn of(value: &Value) -> Result<Self, String> {
        let list = value.as_array().filter(|list| (1..=MOST_FIELDS).contains(&list.len()));
        let list = list.ok_or_else(|| format!("is not a list of 1 to {MOST_FIELDS} names"))?;
        Ok(Self(list.iter().map(|name| name.as_str().unwrap_or_default().to_owned()).collect()))
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|field| field == name)
    }
}
