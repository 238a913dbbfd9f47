//! `glue INPUT.wasm FOLDER`: the wasm module as a browser loads it, with its JavaScript.
//!
//! A program of its own, so that the task runner, which starts it, is compiled in seconds.

use std::env;

use anyhow::{Result, bail};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [input, folder] = &arguments[..] else { bail!("usage: glue INPUT.wasm FOLDER") };
    Bindgen::new()
        .input_path(input)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .omit_default_module_path(false)
        .out_name("speculative_diffusion")
        .generate(folder)
}
