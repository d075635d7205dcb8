//! The `warung` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("warung: the runtime cannot start: {error}");
            return ExitCode::from(1);
        }
    };
    runtime.block_on(warung::cli::main())
}
