//! A report for the terminal. No line is longer than the terminal is wide; what is not one is given more room.

use std::fmt::Write;

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use super::report::{Block, Branch, Grid, Report};
use crate::cli::output::{Output, Tone, harmless};

/// Characters to which a column may be shortened.
const NARROWEST: usize = 16;
/// Characters of a bar.
const BAR: f64 = 30.0;

pub(super) fn render(report: &Report, output: &Output) -> String {
    let width = if output.terminal { output.width } else { 200 };
    let mut text = Text { out: String::new(), output, width };
    text.line(Tone::Strong, &report.title);
    if !report.subject.is_empty() {
        text.line(Tone::Quiet, &report.subject);
    }
    for block in &report.blocks {
        text.block(block);
    }
    text.out
}

struct Text<'o> {
    out: String,
    output: &'o Output,
    width: usize,
}

impl Text<'_> {
    fn line(&mut self, tone: Tone, text: &str) {
        let text = fit(&harmless(text), self.width);
        let _ = writeln!(self.out, "{}", self.output.paint(tone, &text));
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(text) => {
                self.out.push('\n');
                self.line(Tone::Strong, text);
            }
            Block::Note(text) => {
                for line in wrapped(&harmless(text), self.width) {
                    self.line(Tone::Quiet, &line);
                }
            }
            Block::Table(grid) => self.table(grid),
            Block::Bars(bars) => self.bars(bars),
            Block::Tree(branches) => {
                for branch in branches {
                    self.branch(branch, "", "");
                }
            }
        }
    }

    fn table(&mut self, grid: &Grid) {
        let mut cells: Vec<Vec<String>> =
            grid.rows.iter().map(|row| row.cells.iter().map(|cell| harmless(cell)).collect()).collect();
        self.shorten(grid, &mut cells);
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(grid.columns.iter().map(|column| column.heading()));
        for row in cells {
            table.add_row(row);
        }
        for (index, column) in grid.columns.iter().enumerate() {
            if let Some(shown) = table.column_mut(index).filter(|_| column.is_number()) {
                shown.set_cell_alignment(CellAlignment::Right);
            }
        }
        for (index, line) in table.lines().enumerate() {
            let line = line.trim_end();
            match index.checked_sub(1) {
                None => {
                    let _ = writeln!(self.out, "{}", self.output.paint(Tone::Quiet, line));
                }
                Some(row) => {
                    let _ = writeln!(self.out, "{line}");
                    for below in grid.rows.get(row).into_iter().flat_map(|row| &row.below) {
                        self.line(
                            Tone::Quiet,
                            &format!("    {}", middle(below, self.width.saturating_sub(4))),
                        );
                    }
                }
            }
        }
    }

    /// Shortens the columns of text, the widest first, until the rows fit.
    fn shorten(&self, grid: &Grid, cells: &mut [Vec<String>]) {
        let length = |text: &str| text.chars().count();
        let mut widths: Vec<usize> = grid.columns.iter().map(|column| length(column.heading())).collect();
        for row in cells.iter() {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(length(cell));
            }
        }
        // A space on both sides of each.
        let room = self.width.saturating_sub(2 * widths.len());
        while widths.iter().sum::<usize>() > room {
            let widest =
                (0..widths.len()).filter(|&at| !grid.columns[at].is_number()).max_by_key(|&at| widths[at]);
            let Some(widest) = widest.filter(|&at| widths[at] > NARROWEST) else { break };
            widths[widest] -= 1;
        }
        for row in cells {
            for (cell, (&width, column)) in row.iter_mut().zip(widths.iter().zip(&grid.columns)) {
                if !column.is_number() {
                    *cell = middle(cell, width);
                }
            }
        }
    }

    fn bars(&mut self, bars: &[(String, f64, String)]) {
        let highest = bars.iter().map(|&(_, value, _)| value).fold(0.0, f64::max);
        let widest = bars.iter().map(|(what, ..)| what.chars().count()).max().unwrap_or(0);
        for (what, value, words) in bars {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 30")]
            let length = if highest > 0.0 { (value / highest * BAR).round() as usize } else { 0 };
            let bar = self.output.paint(Tone::Quiet, &"█".repeat(length));
            let space = " ".repeat(30 - length.min(30));
            let _ = writeln!(self.out, " {what:widest$}  {bar}{space}  {words}");
        }
    }

    fn branch(&mut self, branch: &Branch, first: &str, rest: &str) {
        let room = self.width.saturating_sub(first.chars().count());
        let text = middle(&harmless(&branch.text), room.max(NARROWEST));
        let left = room.saturating_sub(text.chars().count() + 2);
        let aside = harmless(&branch.aside);
        let aside =
            if left > 3 && !aside.is_empty() { format!("  {}", fit(&aside, left)) } else { String::new() };
        let text = if branch.strong { self.output.paint(Tone::Strong, &text) } else { text };
        let _ = writeln!(
            self.out,
            "{}{text}{}",
            self.output.paint(Tone::Quiet, first),
            self.output.paint(Tone::Quiet, &aside)
        );
        // A chain goes straight down, however long it is.
        let count = branch.branches.len();
        for (index, inner) in branch.branches.iter().enumerate() {
            let last = index + 1 == count;
            let (here, below) = match (last, count == 1) {
                (true, true) => ("└ ", " "),
                (true, false) => ("└─ ", "   "),
                (false, _) => ("├─ ", "│  "),
            };
            self.branch(inner, &format!("{rest}{here}"), &format!("{rest}{below}"));
        }
    }
}

/// Cut at the end.
fn fit(text: &str, width: usize) -> String {
    match text.char_indices().nth(width) {
        Some(_) => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

/// Cut in the middle: of a path both ends say most.
fn middle(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width || width < 8 {
        return fit(text, width);
    }
    let head = (width - 1) / 2;
    let tail = width - 1 - head;
    text.chars().take(head).chain(['…']).chain(text.chars().skip(length - tail)).collect()
}

/// In lines, at spaces.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines
            .last_mut()
            .filter(|line| line.is_empty() || line.chars().count() + 1 + word.chars().count() <= width);
        match line {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_lose_their_middle() {
        assert_eq!(middle("short", 10), "short");
        assert_eq!(middle("global → cache → Map → Session", 15), "global …Session");
        assert_eq!(fit("abcdef", 4), "abc…");
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
    }
}
