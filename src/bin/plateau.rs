//! The stand-alone command line: the same commands as `npx plateau`, for machines without Node.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args = std::env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned());
    let code = plateau::cli::run(args);
    ExitCode::from(u8::try_from(code).unwrap_or(2))
}
