//! Looks as JSON, for programs: `docs/heap.md` documents what is here. Bytes, counts and ids are plain numbers, what is not known
//! is `null`.

use serde_json::{Value, json};

use super::super::Place;
use super::query::Found;
use super::{
    ClassRow, Closures, Collections, DetachedNodes, Duplicate, Duplicates, Held, Holder, Holding, Hop, Large,
    Largest, Object, Retainer, Share, Site, Spread, Summary, Variable,
};

/// The version of what is here.
const SCHEMA: u32 = 1;

/// The frame of every look.
pub(crate) fn document(look: &str, file: &str, body: Value) -> String {
    let mut document = json!({ "schema": SCHEMA, "look": look, "file": file });
    if let (Some(document), Value::Object(body)) = (document.as_object_mut(), body) {
        document.extend(body);
    }
    format!("{document:#}\n")
}

fn list<T>(list: &[T], one: impl Fn(&T) -> Value) -> Value {
    Value::Array(list.iter().map(one).collect())
}

fn place(place: &Place) -> Value {
    json!({ "file": place.file, "line": place.line, "column": place.column, "function": place.function })
}

pub(crate) fn object(object: &Object) -> Value {
    json!({
        "id": object.id,
        "kind": object.kind.as_str(),
        "class": object.class,
        "name": object.name,
        "selfSize": object.size,
        "retainedSize": object.retained,
        "distance": object.distance,
        "edges": object.edges,
        "place": object.place.as_ref().map(place),
    })
}

fn path(hops: &[Hop]) -> Value {
    list(hops, |hop| {
        json!({
            "edge": hop.edge,
            "node": hop.label,
            "id": (hop.id != 0).then_some(hop.id),
            "place": hop.place.as_ref().map(place),
        })
    })
}

pub(crate) fn summary(found: &Summary) -> Value {
    let class = |class: &ClassRow| {
        json!({
            "class": class.name,
            "place": class.place.as_ref().map(place),
            "count": class.count,
            "selfSize": class.size,
            "retainedSize": class.retained,
            "distance": class.distance,
        })
    };
    json!({
        "objects": found.objects,
        "references": found.references,
        "bytes": found.bytes,
        "extraNativeBytes": found.extra_native_bytes,
        "parts": list(&found.parts, |part| json!({
            "part": part.category.as_str(), "count": part.count, "bytes": part.bytes,
        })),
        "classes": list(&found.classes, class),
        "moreClasses": found.more_classes,
        "own": list(&found.own, class),
    })
}

pub(crate) fn largest(found: &Largest) -> Value {
    let share = |share: &Share| json!({ "class": share.class, "count": share.count, "selfSize": share.size });
    let large = |large: &Large| {
        json!({
            "object": object(&large.object),
            "keeps": large.keeps,
            "shares": list(&large.shares, share),
            "path": path(&large.path),
        })
    };
    json!({ "bytes": found.bytes, "objects": list(&found.objects, large) })
}

pub(crate) fn held(found: &Held) -> Value {
    json!({
        "object": object(&found.object),
        "path": path(&found.path),
        "heldBy": list(&found.held_by, retainer),
        "more": found.more,
    })
}

fn retainer(one: &Retainer) -> Value {
    json!({
        "edge": one.edge,
        "object": object(&one.object),
        "onPath": one.on_path,
        "state": one.state.as_str(),
        "heldBy": list(&one.held_by, retainer),
        "more": one.more,
    })
}

pub(crate) fn holding(found: &Holding) -> Value {
    json!({
        "class": found.name,
        "count": found.count,
        "selfSize": found.size,
        "retainedSize": found.retained,
        "largest": list(&found.largest, object),
        "heldBy": list(&found.held_by, holder),
        "more": found.more,
    })
}

fn holder(one: &Holder) -> Value {
    json!({
        "edge": one.edge,
        "node": one.label,
        "holders": one.holders,
        "objects": one.objects,
        "chain": one.chain,
        "example": one.example,
        "distance": one.distance,
        "place": one.place.as_ref().map(place),
        "heldBy": list(&one.held_by, holder),
        "more": one.more,
    })
}

pub(crate) fn duplicates(found: &Duplicates) -> Value {
    let one = |one: &Duplicate| {
        json!({
            "content": one.content,
            "count": one.count,
            "selfSize": one.size,
            "wasted": one.wasted,
            "example": one.example,
            "path": path(&one.path),
            "cut": one.cut,
        })
    };
    json!({
        "strings": { "groups": found.string_groups, "wasted": found.string_bytes, "list": list(&found.strings, one) },
        "arrays": { "groups": found.array_groups, "wasted": found.array_bytes, "list": list(&found.arrays, one) },
    })
}

pub(crate) fn closures(found: &Closures) -> Value {
    let variable = |one: &Variable| json!({ "name": one.name, "value": object(&one.value) });
    let site = |site: &Site| {
        json!({
            "function": site.name,
            "place": site.place.as_ref().map(place),
            "count": site.count,
            "selfSize": site.size,
            "retainedSize": site.retained,
            "example": site.example,
            "contextRetainedSize": site.context_retained,
            "variables": list(&site.variables, variable),
        })
    };
    json!({
        "count": found.count,
        "selfSize": found.size,
        "sites": found.sites,
        "list": list(&found.list, site),
    })
}

pub(crate) fn collections(found: &Collections) -> Value {
    let spread = |spread: &Spread| {
        json!({
            "kind": spread.kind.as_str(),
            "count": spread.count,
            "entries": spread.entries,
            "selfSize": spread.size,
            "emptySelfSize": spread.empty_size,
            "buckets": list(&spread.buckets, |bucket| json!({
                "from": bucket.from,
                "to": (bucket.to != u64::MAX).then_some(bucket.to),
                "count": bucket.count,
                "selfSize": bucket.size,
            })),
        })
    };
    json!({
        "kinds": list(&found.spreads, spread),
        "biggest": list(&found.biggest, |one| json!({
            "kind": one.kind.as_str(),
            "object": object(&one.object),
            "entries": one.entries,
            "exact": one.exact,
            "of": one.of,
            "path": path(&one.path),
        })),
    })
}

pub(crate) fn detached(found: &DetachedNodes) -> Value {
    json!({
        "known": found.known,
        "count": found.count,
        "retainedSize": found.retained,
        "classes": list(&found.classes, |class| json!({
            "class": class.name,
            "count": class.count,
            "selfSize": class.size,
            "retainedSize": class.retained,
            "example": object(&class.example),
            "path": path(&class.path),
        })),
    })
}

pub(crate) fn query(found: &Found, text: &str) -> Value {
    json!({
        "query": text,
        "count": found.count,
        "selfSize": found.size,
        "retainedSize": found.retained,
        "objects": list(&found.objects, object),
    })
}
