//! A report as Markdown, for a pull request: tables of GitHub's, with everything from the snapshot in code spans, where
//! nothing is markup and nobody is mentioned.

use std::fmt::Write;

use super::report::{Block, Branch, Grid, Report};
use crate::cli::output::harmless;

/// Branches of a tree that are shown.
const MOST: usize = 60;

pub(super) fn render(report: &Report) -> String {
    let mut out = format!("### {}\n\n{}\n", plain(&report.title), code(&report.subject));
    for block in &report.blocks {
        out.push('\n');
        match block {
            Block::Heading(text) => {
                let _ = writeln!(out, "#### {}", plain(text));
            }
            Block::Note(text) => {
                let _ = writeln!(out, "{}", plain(text));
            }
            Block::Table(grid) => table(&mut out, grid),
            Block::Bars(bars) => {
                for (what, _, words) in bars {
                    let _ = writeln!(out, "- {}: {}", plain(what), plain(words));
                }
            }
            Block::Tree(branches) => {
                let mut left = MOST;
                list(&mut out, branches, 0, &mut left);
                if left == 0 {
                    out.push_str("- …\n");
                }
            }
        }
    }
    out
}

fn table(out: &mut String, grid: &Grid) {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    out.push_str(&line(grid.columns.iter().map(|column| plain(column.heading())).collect()));
    let rule = |is_number: bool| if is_number { "---:".to_owned() } else { "---".to_owned() };
    out.push_str(&line(grid.columns.iter().map(|column| rule(column.is_number())).collect()));
    for row in &grid.rows {
        let mut cells: Vec<String> = row
            .cells
            .iter()
            .zip(&grid.columns)
            .map(|(cell, column)| if column.is_number() { plain(cell) } else { code(cell) })
            .collect();
        if let Some(last) = cells.last_mut() {
            for below in &row.below {
                let _ = write!(last, "<br>{}", code(below));
            }
        }
        out.push_str(&line(cells));
    }
}

fn list(out: &mut String, branches: &[Branch], depth: usize, left: &mut usize) {
    for branch in branches {
        if *left == 0 {
            return;
        }
        *left -= 1;
        // Markdown has no lists that deep: a long path goes on without more of a margin.
        let margin = "  ".repeat(depth.min(12));
        let aside = if branch.aside.is_empty() { String::new() } else { format!(" {}", code(&branch.aside)) };
        let text = code(&branch.text);
        let text = if branch.strong { format!("**{text}**") } else { text };
        let _ = writeln!(out, "{margin}- {text}{aside}");
        list(out, &branch.branches, depth + 1, left);
    }
}

/// As code.
fn code(text: &str) -> String {
    let text = harmless(text);
    if text.trim().is_empty() {
        return String::new();
    }
    format!("`{}`", text.replace('`', "'").replace('|', "\\|").trim())
}

/// As text, in which nothing is markup.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in harmless(text).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            // Nobody is mentioned.
            '@' => out.push_str("@\u{2060}"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_snapshot_says_is_no_markup() {
        assert_eq!(code("a`b|c\n<img src=x>"), "`a'b\\|c <img src=x>`");
        assert_eq!(plain("*a* <b> [c](d)"), "\\*a\\* &lt;b> \\[c\\](d)");
    }
}
