//! What a look has to say, in blocks that a terminal, a page and Markdown each show in their way. Texts in it may come from
//! a snapshot: whoever shows them sees to it that they do no harm.

/// A look, ready to be shown.
#[derive(Debug, Default)]
pub(in crate::cli) struct Report {
    pub(in crate::cli) title: String,
    /// What it is about: the file.
    pub(in crate::cli) subject: String,
    pub(in crate::cli) blocks: Vec<Block>,
    /// What only a page has room for.
    pub(in crate::cli) more: Vec<Block>,
}

/// A part of a report.
#[derive(Debug)]
pub(in crate::cli) enum Block {
    Heading(String),
    /// A sentence.
    Note(String),
    Table(Grid),
    /// Shares of a whole: what, how much, and that in words.
    Bars(Vec<(String, f64, String)>),
    Tree(Vec<Branch>),
}

/// A table.
#[derive(Debug, Default)]
pub(in crate::cli) struct Grid {
    pub(in crate::cli) columns: Vec<Column>,
    pub(in crate::cli) rows: Vec<Row>,
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) enum Column {
    /// On the right; never shortened.
    Number(&'static str),
    /// On the left; shortened where there is no room.
    Text(&'static str),
}

impl Column {
    pub(in crate::cli) const fn heading(self) -> &'static str {
        match self {
            Self::Number(heading) | Self::Text(heading) => heading,
        }
    }

    pub(in crate::cli) const fn is_number(self) -> bool {
        matches!(self, Self::Number(_))
    }
}

/// A row of a table.
#[derive(Debug, Default)]
pub(in crate::cli) struct Row {
    pub(in crate::cli) cells: Vec<String>,
    /// What is said below it.
    pub(in crate::cli) below: Vec<String>,
}

impl Row {
    pub(in crate::cli) fn of(cells: impl IntoIterator<Item = String>) -> Self {
        Self { cells: cells.into_iter().collect(), below: Vec::new() }
    }
}

/// A branch of a tree.
#[derive(Debug, Default)]
pub(in crate::cli) struct Branch {
    pub(in crate::cli) text: String,
    /// Said behind it, less loudly.
    pub(in crate::cli) aside: String,
    /// Whether it matters most among its siblings.
    pub(in crate::cli) strong: bool,
    pub(in crate::cli) branches: Vec<Self>,
}
