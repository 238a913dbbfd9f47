//! What must happen once, before anything else.

use std::sync::Once;

/// Runs the module's static constructors, once, and sends panics to the console.
///
/// CubeCL registers its intermediate representation in static constructors. If nobody calls them, the linker wraps every
/// exported function (even those the glue calls for each object) in a run of all of them: a forward then costs many
/// times more host time. This reference removes the wrappers, so the call must happen: at start, and in every browser test,
/// where the start function is skipped.
#[allow(unsafe_code, reason = "the linker's own symbol can only be called so")]
pub fn init_once() {
    static ONCE: Once = Once::new();
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    ONCE.call_once(|| {
        // SAFETY: the linker defines the symbol in every module; it takes and returns nothing and must run once, before
        // anything that statics were constructed for.
        unsafe { __wasm_call_ctors() };
        console_error_panic_hook::set_once();
    });
}

#[wasm_bindgen::prelude::wasm_bindgen(start)]
fn start() {
    init_once();
}
