//! The program of wasm-bindgen-cli, compiled with what [`glue`](../main.rs) has compiled already.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(std::env::args_os())
}
