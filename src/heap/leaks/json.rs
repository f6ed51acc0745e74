//! A comparison as JSON: `HeapComparison` of `lib/heap/types.ts`, and of `docs/heap.md`.

use serde_json::{Value, json};

use super::words::line;
use super::{Comparison, Finding, Total, TraceStep};
use crate::heap::Place;

impl Comparison {
    /// With the totals of each snapshot, in order.
    #[must_use]
    pub fn to_json(&self, totals: &[Total]) -> Value {
        json!({
            "schema": 1,
            "snapshots": totals.len(),
            "totals": totals.iter().map(|total| json!({
                "objects": total.objects,
                "bytes": total.bytes,
                "nativeBytes": total.native_bytes,
            })).collect::<Vec<_>>(),
            "grownBytes": self.grown_bytes,
            "noiseBytes": self.noise_bytes,
            "findings": self.findings.iter().map(finding).collect::<Vec<_>>(),
            "classes": self.classes.iter().map(|class| json!({
                "name": class.name,
                "count": class.count,
                "bytes": class.bytes,
            })).collect::<Vec<_>>(),
        })
    }
}

fn finding(finding: &Finding) -> Value {
    let mut value = json!({
        "pattern": finding.pattern.as_str(),
        "title": finding.title,
        "confidence": finding.confidence,
        "count": finding.count,
        "bytes": finding.bytes,
        "newBytes": finding.new_bytes,
        "className": finding.class_name,
        "container": finding.container,
        "trace": finding.trace.iter().map(step).collect::<Vec<_>>(),
        "path": line(&finding.trace),
        "places": finding.places.iter().map(place).collect::<Vec<_>>(),
        "evidence": finding.evidence,
        "fix": finding.fix,
    });
    if let Some(first) = finding.places.first() {
        value["place"] = place(first);
        value["placeIs"] = json!(finding.place_is.as_str());
    }
    if let Some(file) = &finding.file {
        value["file"] = json!(file);
    }
    value
}

fn step(step: &TraceStep) -> Value {
    let mut value = json!({
        "edge": step.edge,
        "kind": step.kind,
        "node": step.node,
        "id": step.id,
    });
    if let Some(name) = &step.name {
        value["name"] = json!(name);
    }
    if let Some(at) = &step.place {
        value["place"] = place(at);
    }
    value
}

fn place(place: &Place) -> Value {
    let mut value = json!({ "file": place.file, "line": place.line, "column": place.column });
    if let Some(function) = &place.function {
        value["function"] = json!(function);
    }
    value
}
