//! Linker set-up for the addon. Nothing to do when the crate is built as plain Rust.

fn main() {
    #[cfg(feature = "node")]
    {
        napi_build::setup();
        // Cargo tells only build scripts for which target it compiles; `build_info()` reports it.
        if let Ok(target) = std::env::var("TARGET") {
            println!("cargo::rustc-env=PLATEAU_TARGET={target}");
        }
    }
}
