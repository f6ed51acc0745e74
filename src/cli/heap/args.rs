//! `plateau heap`: what can be asked for.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::Format;

/// `plateau heap`.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "A file is a snapshot of V8's (.heapsnapshot), as it is or compressed by gzip or zstd; - reads the standard input.\n\
                  One file without a look: a summary and the largest objects. Two or three: what has grown from the first to the last.\n\n\
                  Exit codes: 0 fine, 2 a file could not be read or written, or bad usage."
)]
pub(in crate::cli) struct Heap {
    #[command(subcommand)]
    pub(super) look: Option<Look>,
    /// A snapshot; or two or three of one process, to compare, the earliest first.
    #[arg(required = true, num_args = 1..=3, value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) how: How,
}

/// How a look is shown.
#[derive(Debug, Clone, Args)]
pub(super) struct How {
    /// How many rows of each table to show.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(super) limit: Option<u32>,
    /// Print Markdown, for a pull request.
    #[arg(long, conflicts_with = "json")]
    pub(super) markdown: bool,
    #[command(flatten)]
    pub(super) format: Format,
}

/// One look.
#[derive(Debug, Subcommand)]
pub(super) enum Look {
    /// What is in it, by class.
    Summary(One),
    /// The objects that keep most, and the paths to them.
    Largest(One),
    /// Who holds an object, or the objects of a class, up to the root.
    Retainers {
        /// An object's id, as in @1234, or the name of a class.
        #[arg(value_name = "@ID|CLASS")]
        subject: String,
        #[command(flatten)]
        one: One,
    },
    /// Strings and arrays that are there more than once, and the bytes they waste.
    Duplicates(One),
    /// Functions by their place in the source, and the variables that they keep.
    Closures(One),
    /// Maps, sets, arrays and dictionaries by size, and the biggest.
    Collections(One),
    /// Elements that are in no page any more, and handles of Node's whose object is gone.
    Detached(One),
    /// The objects that a query describes: `class = "Session" and retained > 1MB`.
    #[command(
        after_help = "Fields: class, name, kind, location (texts: = != ~ !~), self, retained, distance, edges, id (numbers: = != < <= > >=).\n\
                      ~ is true where the text has it somewhere in it; with * and ? where all of the text is like it.\n\
                      Numbers may have a unit: 10KB, 1.5MB, 64KiB. Comparisons are joined by and, or, not and parentheses.\n\
                      Behind them: sort <number field> [asc|desc], limit <count>.\n\n\
                      plateau heap query 'class = \"Session\" and retained > 1MB sort retained limit 10' app.heapsnapshot\n\
                      plateau heap query 'kind = \"closure\" and location ~ \"server.js:42\"' app.heapsnapshot"
    )]
    Query {
        /// What to look for.
        query: String,
        #[command(flatten)]
        one: One,
    },
    /// Writes a copy without the contents of strings: names of classes, variables and files stay.
    Redact {
        /// The snapshot.
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The copy. Only its owner can read it.
        #[arg(value_name = "COPY")]
        copy: PathBuf,
        /// Replace the copy if it is there.
        #[arg(long)]
        overwrite: bool,
    },
}

/// A look at one file.
#[derive(Debug, Args)]
pub(super) struct One {
    /// The snapshot, or - for the standard input.
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) how: How,
}
