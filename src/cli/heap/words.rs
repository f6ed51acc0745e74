//! Numbers, objects and paths as people read them.

use crate::heap::looks::{CollectionKind, Hop, Object};
use crate::heap::{NodeKind, Place};

/// `1,312`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `12.5 %`.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".into();
    }
    format!("{:.1} %", 100.0 * part as f64 / whole as f64)
}

/// A distance; a dash for what the global objects do not reach.
pub(super) fn steps(distance: Option<u32>) -> String {
    distance.map_or_else(|| "-".into(), |steps| steps.to_string())
}

/// `server.js:42:7`, with the folder as far as it says something.
pub(super) fn place(place: Option<&Place>) -> String {
    place.map_or_else(String::new, |place| format!("{}:{}", place.file, place.line))
}

/// An object in a few words.
pub(super) fn label(object: &Object) -> String {
    match object.kind {
        NodeKind::Closure => {
            let place = place(object.place.as_ref());
            if place.is_empty() {
                object.label()
            } else {
                format!("{} ({})", object.label(), file_of(&place))
            }
        }
        _ => object.label(),
    }
}

/// `global → .app → App → variable cache → Map`. An edge and what it leads to are one step.
pub(super) fn path(hops: &[Hop]) -> String {
    let step = |hop: &Hop| {
        let place = place(hop.place.as_ref());
        let label =
            if place.is_empty() { hop.label.clone() } else { format!("{} ({})", hop.label, file_of(&place)) };
        match hop.edge.as_str() {
            "" => label,
            edge if label.is_empty() => edge.to_owned(),
            edge => format!("{edge}: {label}"),
        }
    };
    hops.iter().map(step).collect::<Vec<_>>().join(" → ")
}

/// The last part of a path.
fn file_of(place: &str) -> &str {
    place.rsplit(['/', '\\']).next().unwrap_or(place)
}

/// What collections of a kind are called.
pub(super) const fn collections(kind: CollectionKind) -> &'static str {
    match kind {
        CollectionKind::Map => "Maps",
        CollectionKind::Set => "Sets",
        CollectionKind::Array => "Arrays",
        CollectionKind::Dictionary => "Objects used as dictionaries",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_told_apart() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
    }
}
