//! A report may say anything, as a snapshot may: it is shown, and nothing else happens.

use proptest::prelude::*;

use super::report::{Block, Branch, Column, Grid, Report, Row};
use super::*;
use crate::cli::Format;

fn output(width: usize) -> Output {
    let mut output = Output::new(&Format { json: false, html: None, no_color: true });
    (output.terminal, output.width) = (true, width);
    output
}

fn report(texts: &[String], deep: usize) -> Report {
    let text = |at: usize| texts[at % texts.len()].clone();
    let mut branch = Branch { text: text(0), aside: text(1), strong: true, branches: Vec::new() };
    for at in 0..deep {
        let other = Branch { text: text(at), ..Branch::default() };
        branch = Branch {
            text: text(at),
            aside: text(at + 1),
            strong: at % 2 == 0,
            branches: vec![branch, other],
        };
    }
    let row =
        |at: usize| Row { cells: vec![text(at), "1,234".into(), text(at + 1)], below: vec![text(at + 2)] };
    let grid = Grid {
        columns: vec![Column::Text("object"), Column::Number("bytes"), Column::Text("place")],
        rows: (0..4).map(row).collect(),
    };
    let blocks = vec![
        Block::Heading(text(0)),
        Block::Note(text(1)),
        Block::Table(grid),
        Block::Bars(vec![("bytes".into(), 3.0, "3 bytes".into()), ("none".into(), 0.0, String::new())]),
        Block::Tree(vec![branch]),
    ];
    Report { title: text(2), subject: text(3), blocks, more: Vec::new() }
}

#[test]
fn markup_in_a_snapshot_is_text() {
    let texts =
        ["<script>alert(1)</script>", "| a | b", "**bold** `code` @someone", "\u{1b}[2Jgone\r\n# heading"];
    let report = report(&texts.map(str::to_owned), 3);
    let page = html::render(&report);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    let markdown = markdown::render(&report);
    assert!(!markdown.contains("\n# ") && !markdown.contains('\u{1b}'), "{markdown}");
    // Four rows of three cells, whatever is in them, a head and a rule.
    let rows: Vec<&str> = markdown.lines().filter(|line| line.starts_with("| ")).collect();
    assert_eq!(rows.len(), 6);
    for row in rows {
        assert_eq!(row.replace("\\|", "").matches('|').count(), 4, "{row}");
    }
}

#[test]
fn a_tree_is_as_deep_as_it_is() {
    let report = report(&["a".to_owned(), "b".to_owned()], 150);
    assert!(text::render(&report, &output(80)).lines().count() > 300);
    assert!(html::render(&report).matches("<details").count() >= 150);
    assert!(markdown::render(&report).ends_with("- …\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn no_line_is_longer_than_the_terminal_is_wide(
        texts in prop::collection::vec("[a-z →é/.\\x00-\\x1f\u{202e}]{0,200}", 1..6), width in 60_usize..120, deep in 0_usize..12,
    ) {
        let shown = text::render(&report(&texts, deep), &output(width));
        prop_assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
        for line in shown.lines() {
            prop_assert!(line.chars().count() <= width, "{} > {width}: {line:?}", line.chars().count());
        }
    }
}
