//! Both engines in a browser. The CPU build and the GPU build run the same claims, each on its own device.
#![cfg(all(target_arch = "wasm32", feature = "engine"))]

use futures_lite::future::zip;
use js_sys::{Float32Array, Float64Array, Object, Reflect, Uint8Array};
use speculative_diffusion_web::Engine;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const WEIGHTS: &[u8] = include_bytes!("../../assets/faces.bpk");
const SIDECAR: &str = include_str!("../../assets/faces.json");
const DRAFTER: &[u8] = include_bytes!("../../assets/faces-drafter.bpk");
const DRAFTER_SIDECAR: &str = include_str!("../../assets/faces-drafter.json");
/// Draws other images.
const FOREIGN: (&[u8], &str) =
    (include_bytes!("../../assets/fashion-drafter.bpk"), include_str!("../../assets/fashion-drafter.json"));
const REFERENCE: &str = include_str!("../../unet/tests/golden/networks.json");
/// Largest difference of an estimate from the reference: f32 sums of a thousand terms in another order, 30 layers deep.
const TOLERANCE: f32 = 2e-3;

fn set(object: &Object, name: &str, value: impl Into<JsValue>) {
    Reflect::set(object, &name.into(), &value.into()).expect("a plain object takes any property");
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).expect("an object")
}

fn number(object: &JsValue, name: &str) -> f64 {
    get(object, name).as_f64().expect("a number")
}

fn settings(steps: u32, window: u32) -> Object {
    let object = Object::new();
    set(&object, "seed", 3);
    set(&object, "class", "hat");
    set(&object, "guidance", 1);
    set(&object, "steps", steps);
    set(&object, "eta", 1);
    set(&object, "window", window);
    set(&object, "draft", "secant");
    set(&object, "rule", "auto");
    object
}

async fn engine() -> Engine {
    Engine::load(WEIGHTS.to_vec(), SIDECAR.to_owned()).await.expect("the committed weights load")
}

/// One test, in order: a panic in the browser poisons all that follow, and a device is opened once.
#[wasm_bindgen_test]
async fn an_engine_loads_estimates_and_samples() {
    let engine = engine().await;
    let device = engine.device();
    let backend = get(&device, "backend").as_string().expect("a text");
    let built = [("cpu", cfg!(feature = "cpu")), ("webgpu", cfg!(feature = "gpu")), ("burn", cfg!(feature = "burn"))];
    assert!(built.contains(&(backend.as_str(), true)), "{backend}");
    assert!(!get(&device, "adapter").as_string().expect("a text").is_empty());

    // parity with the reference outputs
    let reference = get(&js_sys::JSON::parse(REFERENCE).expect("JSON"), "faces");
    let cases: js_sys::Array = get(&reference, "cases").unchecked_into();
    for case in cases.iter() {
        let class = get(&case, "class").as_string().expect("a text");
        let state: Vec<f32> =
            js_sys::Array::from(&get(&case, "state")).iter().filter_map(|x| x.as_f64()).map(|x| x as f32).collect();
        let expected: Vec<f32> = js_sys::Array::from(&get(&case, "prediction"))
            .iter()
            .filter_map(|x| x.as_f64())
            .map(|x| x as f32)
            .collect();
        let found = engine.estimate(&state, number(&case, "t"), &class).await.expect("an estimate");
        let worst = found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < TOLERANCE && found.len() == expected.len(), "{class}: off by {worst}");
    }

    // a short run: levels are committed in order, costs add up, the plain lane draws the same picture
    engine.warm_up(1).await.expect("a warm device");
    let run = engine.run(&settings(8, 4)).expect("good settings");
    let (mut committed, mut saves) = (0, Vec::new());
    let mut verdicts_seen = Vec::new();
    let mut last = Float32Array::new_with_length(0);
    loop {
        let round = run.next().await.expect("a round");
        if round.is_undefined() {
            break;
        }
        assert_eq!(number(&round, "first"), f64::from(committed));
        let rooted = committed == 0;
        assert_eq!(number(&round, "calls"), if rooted { 2.0 } else { 1.0 });
        // the root's row is the window's first
        assert_eq!(number(&round, "rows"), number(&round, "length"));
        let (verdicts, ln_u, ln_ratio): (Uint8Array, Float64Array, Float64Array) = (
            get(&round, "verdict").unchecked_into(),
            get(&round, "lnU").unchecked_into(),
            get(&round, "lnRatio").unchecked_into(),
        );
        verdicts_seen.push(verdicts.to_vec());
        for j in 0..verdicts.length() {
            match verdicts.get_index(j) {
                0 => assert!(ln_u.get_index(j) <= ln_ratio.get_index(j)),
                1 => assert!(ln_u.get_index(j) > ln_ratio.get_index(j)),
                _ => {}
            }
        }
        committed += number(&round, "committed") as u32;
        last = get(&round, "state").unchecked_into();
        saves.push(run.state());
    }
    assert_eq!(committed, 8);

    // another engine goes on after any round and sees the same verdicts
    for (rounds, saved) in (1..).zip(&saves) {
        let other = engine.resume(&settings(8, 4), saved).expect("a state");
        for expected in &verdicts_seen[rounds..] {
            let round = other.next().await.expect("a round");
            assert_eq!(get(&round, "verdict").unchecked_into::<Uint8Array>().to_vec(), *expected);
        }
        assert!(other.next().await.expect("an answer").is_undefined());
    }

    let saved = run.state();
    let resumed = engine.resume(&settings(8, 4), &saved).expect("a state");
    assert_eq!(resumed.state(), saved);
    assert!(resumed.next().await.expect("an answer").is_undefined(), "the run had ended");
    let mut picture = Float32Array::new_with_length(0);
    for _ in 0..8 {
        picture = get(&resumed.plain_next().await.expect("a step"), "state").unchecked_into();
    }
    assert!(resumed.plain_next().await.expect("an answer").is_undefined());
    let speculative = last.slice(last.length() - 768, last.length());
    let worst = (0..768).map(|i| (picture.get_index(i) - speculative.get_index(i)).abs()).fold(0.0, f32::max);
    assert!(worst < 10.0 * TOLERANCE, "the lanes differ by {worst}");

    // errors name the field
    let field = |error: JsValue| get(&error, "field").as_string().expect("a field");
    for (name, value) in [
        ("seed", JsValue::from(-1)),
        ("class", JsValue::from("cat")),
        ("guidance", JsValue::from(99)),
        ("steps", JsValue::from(1)),
        ("eta", JsValue::from(0)),
        ("window", JsValue::from(0)),
        ("window", JsValue::from("wide")),
        ("draft", JsValue::from("magic")),
        ("rule", JsValue::from("redraw")),
    ] {
        let bad = settings(8, 4);
        set(&bad, name, value);
        assert_eq!(field(engine.run(&bad).err().expect("an error")), name);
    }
    let unknown = settings(8, 4);
    set(&unknown, "colour", "red");
    assert_eq!(field(engine.run(&unknown).err().expect("an error")), "settings");
    assert_eq!(field(engine.resume(&settings(8, 4), &saved[8..]).err().expect("an error")), "state");
    assert_eq!(field(engine.resume(&settings(6, 4), &saved).err().expect("an error")), "state");
    for (name, value) in [("class", JsValue::from("glasses")), ("guidance", JsValue::from(2))] {
        let other = settings(8, 4);
        set(&other, name, value);
        assert_eq!(field(engine.resume(&other, &saved).err().expect("an error")), "state", "another {name}");
    }
    let longer = [saved.clone(), vec![0; 8]].concat();
    assert_eq!(field(engine.resume(&settings(8, 4), &longer).err().expect("an error")), "state");
    assert_eq!(field(engine.estimate(&[0.0; 3], 0.5, "hat").await.err().expect("an error")), "state");
    assert_eq!(field(engine.estimate(&[0.0; 768], 2.0, "hat").await.err().expect("an error")), "t");

    let adaptive = settings(8, 4);
    set(&adaptive, "window", "auto");
    assert!(!engine.run(&adaptive).expect("good settings").next().await.expect("a round").is_undefined());

    // a drafter has to be there, has to fit, and then is asked once for each position
    let independent = settings(8, 4);
    set(&independent, "draft", "independent");
    assert_eq!(field(engine.run(&independent).err().expect("an error")), "draft");
    assert_eq!(field(engine.set_drafter(FOREIGN.0, FOREIGN.1).err().expect("an error")), "drafter");
    assert_eq!(field(engine.set_drafter(DRAFTER, FOREIGN.1).err().expect("an error")), "weights");
    assert_eq!(field(engine.run(&independent).err().expect("an error")), "draft");
    engine.set_drafter(DRAFTER, DRAFTER_SIDECAR).expect("a drafter");
    let run = engine.run(&independent).expect("good settings");
    let mut committed = 0.0;
    loop {
        let round = run.next().await.expect("a round");
        if round.is_undefined() {
            break;
        }
        assert_eq!(number(&round, "calls"), 1.0);
        assert_eq!(number(&round, "draftCalls"), number(&round, "length"));
        committed += number(&round, "committed");
    }
    assert_eq!(committed, 8.0);

    // a second call while one is under way is refused, and a cancelled run ends
    let run = engine.run(&settings(8, 4)).expect("good settings");
    let (first, second) = zip(run.next(), run.next()).await;
    if cfg!(not(feature = "cpu")) {
        // on the CPU the first call never waits, so the second finds it done
        assert_eq!(field(second.err().expect("an error")), "run");
    }
    assert!(!first.expect("a round").is_undefined());
    run.cancel();
    assert!(run.next().await.expect("an answer").is_undefined());

    #[cfg(feature = "cpu")]
    shares_rows(&engine, &verdicts_seen, field).await;

    // weights that are cut short, damaged or another model's
    let load = |weights: Vec<u8>, sidecar: String| Engine::load(weights, sidecar);
    for (weights, sidecar) in [
        (WEIGHTS[..1000].to_vec(), SIDECAR.to_owned()),
        (WEIGHTS.iter().map(|byte| byte ^ 1).collect(), SIDECAR.to_owned()),
        (WEIGHTS.to_vec(), SIDECAR.replace("\"base\": 32", "\"base\": 64")),
        (WEIGHTS.to_vec(), "{}".to_owned()),
    ] {
        assert_eq!(field(load(weights, sidecar).await.err().expect("an error")), "weights");
    }
}

/// Helpers that fail, at once or late, or answer nonsense, change nothing.
#[cfg(feature = "cpu")]
async fn shares_rows(engine: &Engine, verdicts: &[Vec<u8>], field: impl Fn(JsValue) -> String) {
    let helper = |body| js_sys::Function::new_with_args("states, times, labels", body);
    let helpers = js_sys::Array::of3(
        &helper("return new Promise((resolve, reject) => setTimeout(() => reject(new Error('late')), 20))"),
        &helper("return Promise.reject(new Error('at once'))"),
        &helper("return Promise.resolve('nonsense')"),
    );
    engine.share(&helpers).expect("functions");
    let run = engine.run(&settings(8, 4)).expect("good settings");
    for expected in verdicts {
        let round = run.next().await.expect("a round");
        assert_eq!(get(&round, "verdict").unchecked_into::<Uint8Array>().to_vec(), *expected);
    }
    assert!(run.next().await.expect("an answer").is_undefined());
    engine.share(&js_sys::Array::new()).expect("nobody");

    assert!(engine.velocities(&[], &[], &[]).await.expect("no rows").is_empty());
    let state = [0.5; 768];
    let two = engine.velocities(&[state, state].concat(), &[0.5, 0.2], &[0, 4]).await.expect("two rows");
    assert_eq!(engine.velocities(&state, &[0.2], &[4]).await.expect("a row"), two[768..]);
    for (name, states, times, labels) in [
        ("states", &state[..3], &[0.5][..], &[0][..]),
        ("labels", &state, &[0.5], &[]),
        ("labels", &state, &[0.5], &[5]),
        ("times", &state, &[1.5], &[0]),
        ("times", &state, &[f64::NAN], &[0]),
    ] {
        assert_eq!(field(engine.velocities(states, times, labels).await.err().expect("an error")), name);
    }
    assert_eq!(field(engine.share(&js_sys::Array::of1(&1.into())).err().expect("an error")), "helpers");
}
