//! What must happen once, before anything else.

use std::sync::Once;

/// Sends panics to the console, and runs the static constructors of the build that has some. Must be called at start, and
/// in every browser test, where the start function is skipped.
pub fn init_once() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[cfg(feature = "burn")]
        construct();
        console_error_panic_hook::set_once();
    });
}

/// Runs the module's static constructors.
///
/// CubeCL, below burn, registers its intermediate representation in static constructors. If nobody calls them, the linker
/// wraps every exported function (even those the glue calls for each object) in a run of all of them: a forward then costs
/// many times more host time. This reference removes the wrappers, so the call must happen.
#[cfg(feature = "burn")]
#[allow(unsafe_code, reason = "the linker's own symbol can only be called so")]
fn construct() {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    // SAFETY: the linker defines the symbol in every module; it takes and returns nothing and must run once, before
    // anything that statics were constructed for.
    unsafe { __wasm_call_ctors() };
}

#[wasm_bindgen::prelude::wasm_bindgen(start)]
fn start() {
    init_once();
}
