//! What `cargo test` and wasm-pack start for each wasm test: a browser, and the tests in it.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
