//! Numbers, sizes and names as people read them.

/// The last two parts of a path: what tells a file from another without taking a line.
pub(super) fn short(file: &str) -> String {
    let parts: Vec<&str> = file.split(['/', '\\']).collect();
    if file.starts_with("node:") {
        return file.to_owned();
    }
    if let Some(at) = parts.iter().rposition(|&part| part == "node_modules") {
        return parts[at + 1..].join("/");
    }
    parts.last().map_or_else(String::new, |&last| last.to_owned())
}

/// The beginning of a text, in one line.
pub(super) fn clipped(text: &str, most: usize) -> String {
    let mut clipped: String =
        text.chars().take(most).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if text.chars().nth(most).is_some() {
        clipped.push('…');
    }
    clipped
}

/// A number as people write it.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes as people write them.
pub(super) fn size(bytes: u64) -> String {
    let bytes = bytes as f64;
    match bytes {
        _ if bytes < 1_000.0 => format!("{bytes:.0} B"),
        _ if bytes < 100_000.0 => format!("{:.1} kB", bytes / 1e3),
        _ if bytes < 1e6 => format!("{:.0} kB", bytes / 1e3),
        _ if bytes < 1e9 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.1} GB", bytes / 1e9),
    }
}
