//! The command line: what needs no running program. `npx plateau` calls [`run`] through the addon, the stand-alone binary
//! directly, so both print the same.
//!
//! Exit codes are those of all commands: 0 fine, 1 a finding, 2 could not judge or bad usage.

mod heap;
mod output;
mod page;
mod postmortem;
mod show;
mod top;

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand};

use output::Output;

/// Nothing to report.
pub const FINE: i32 = 0;
/// Something was found that someone should look at.
pub const FINDING: i32 = 1;
/// It could not be judged, or the command was wrong.
pub const CANNOT_JUDGE: i32 = 2;

#[derive(Debug, Parser)]
#[command(
    name = "plateau",
    version,
    about = "Ends memory leaks in Node.js services: what heap snapshots and the memory sampler's black boxes say.",
    after_help = "Exit codes: 0 fine, 1 a finding, 2 could not judge or bad usage.",
    disable_help_subcommand = false
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// How processes ended, what their memory did before, and what grew.
    Postmortem(Postmortem),
    /// All processes and threads that record into a directory, those in trouble first.
    Top(Top),
    /// What is in a heap snapshot, who holds it, and what has grown from one to the next.
    Heap(Box<heap::Arguments>),
}

#[derive(Debug, Args)]
struct Postmortem {
    /// A directory of black boxes, or one of its files.
    path: PathBuf,
    /// How many hours before the end to show; all that was recorded if not given.
    #[arg(long, value_name = "HOURS", value_parser = positive)]
    hours: Option<f64>,
    /// How many of the dead of a directory to show, the newest first.
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    limit: usize,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, Args)]
struct Top {
    /// A directory of black boxes.
    directory: PathBuf,
    /// Print the table once instead of every second.
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    format: Format,
}

/// What every command understands.
#[derive(Debug, Clone, Args)]
struct Format {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Also write a page for a browser, which needs no network.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// No colours; also when `NO_COLOR` is set or the output is not a terminal.
    #[arg(long)]
    no_color: bool,
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(hours) if hours.is_finite() && hours > 0.0 => Ok(hours),
        _ => Err("must be a positive number".to_owned()),
    }
}

/// Runs a command, without the name of the program before it, and returns the exit code. Does not panic.
pub fn run(args: impl IntoIterator<Item = String>) -> i32 {
    let args = std::iter::once("plateau".to_owned()).chain(args);
    let command = match Cli::try_parse_from(args) {
        Ok(cli) => cli.command,
        Err(error) => {
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            let text = error.render().to_string();
            if asked {
                output::print(&text);
                return FINE;
            }
            output::complain(text.trim_end());
            return CANNOT_JUDGE;
        }
    };
    match command {
        Command::Postmortem(args) => postmortem::run(&args, &Output::new(&args.format)),
        Command::Top(args) => top::run(&args, &Output::new(&args.format)),
        Command::Heap(args) => heap::run(&args),
    }
}
