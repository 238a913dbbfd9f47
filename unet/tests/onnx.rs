//! Networks as ONNX files: whole, named as they are documented, and the same function, by a runtime of its own for the few
//! operators that they have.
#![cfg(all(not(target_arch = "wasm32"), feature = "onnx"))]

mod common;
mod runtime;

use std::collections::{BTreeMap, BTreeSet};

use ciborium::Value;
use common::{FACES_DRAFTER, FASHION_DRAFTER, Shipped, worst};
use half::f16;
use pollster::block_on;
use runtime::{Tensor, all, texts, wholes};
use speculative_diffusion::{Noise, Purpose};
use speculative_diffusion_unet::{Timesteps, WeightsError, to_onnx};

/// One of each kind: pixels and patches.
const NETWORKS: [Shipped; 2] = [FACES_DRAFTER, FASHION_DRAFTER];

/// Names of a graph's inputs (11) or outputs (12).
fn ports(graph: &[u8], number: u64) -> Vec<&str> {
    all(graph, number).into_iter().flat_map(|port| texts(port, 1)).collect()
}

/// The tensors of a burnpack file.
fn tensors(bytes: &[u8]) -> BTreeMap<String, Vec<f32>> {
    let end = 10 + u32::from_le_bytes(bytes[6..10].try_into().expect("four bytes")) as usize;
    let numbers = &bytes[end.next_multiple_of(256)..];
    let head: BTreeMap<String, Value> = ciborium::from_reader(&bytes[10..end]).expect("CBOR");
    let entries: BTreeMap<String, BTreeMap<String, Value>> = head["tensors"].deserialized().expect("tensors");
    let values = |entry: &BTreeMap<String, Value>| {
        let (from, to): (usize, usize) = entry["data_offsets"].deserialized().expect("two offsets");
        numbers[from..to].chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32()).collect()
    };
    entries.iter().map(|(name, entry)| (name.clone(), values(entry))).collect()
}

#[test]
fn every_weight_is_in_the_file_once_and_as_it_was() {
    for shipped in NETWORKS {
        let file = to_onnx(&shipped.sidecar(), shipped.weights, Timesteps::Cosine).expect("a file");
        let graph = all(&file, 7)[0];
        let mut constants = BTreeMap::new();
        for constant in all(graph, 5) {
            let name = texts(constant, 8)[0];
            assert_eq!(constants.insert(name, all(constant, 9)[0]), None, "{name} is there twice");
        }
        for (name, values) in tensors(shipped.weights) {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            assert_eq!(constants.get(name.as_str()), Some(&&bytes[..]), "{name}");
        }
    }
}

#[test]
fn inputs_and_outputs_have_their_names_and_every_node_reads_what_there_is() {
    for shipped in NETWORKS {
        let file = to_onnx(&shipped.sidecar(), shipped.weights, Timesteps::Discrete(100)).expect("a file");
        let graph = all(&file, 7)[0];
        let inputs = ports(graph, 11);
        assert_eq!(inputs, ["sample", "timestep", "class_labels"]);
        assert_eq!(ports(graph, 12), ["velocity"]);
        assert_eq!(wholes(all(&file, 8)[0], 2), [18], "the version of the operators");

        let constants = all(graph, 5).into_iter().map(|constant| texts(constant, 8)[0]);
        // an input that is left out has no name
        let mut known: BTreeSet<&str> = inputs.into_iter().chain(constants).chain([""]).collect();
        for node in all(graph, 1) {
            for name in texts(node, 1) {
                assert!(known.contains(name), "{} reads {name}", texts(node, 4)[0]);
            }
            for name in texts(node, 2) {
                assert!(known.insert(name), "{name} is made twice");
            }
        }
        assert!(known.contains("velocity"));
    }
}

#[test]
fn weights_of_another_file_are_refused() {
    let [first, second] = NETWORKS;
    let error = to_onnx(&second.sidecar(), first.weights, Timesteps::Cosine);
    assert!(matches!(error, Err(WeightsError::Length { .. })));
}

#[test]
fn a_file_computes_what_its_network_computes() {
    /// The network's f32 against f64.
    const TOLERANCE: f64 = 1e-4;
    for shipped in NETWORKS {
        let (network, sidecar) = (shipped.load(), shipped.sidecar());
        let config = network.config();
        let (times, labels) = ([0.3, 0.9], [1, config.classes.len()]);
        let state = Noise::new(5, 0).normals(Purpose::Step, 0, 2 * config.dim());
        let single: Vec<f32> = state.iter().map(|&y| y as f32).collect();
        let expected = block_on(network.velocities(&single, &times, &labels)).expect("two rows");

        let file = to_onnx(&sidecar, shipped.weights, Timesteps::Cosine).expect("a file");
        let images = vec![2, config.channels, config.size, config.size];
        let inputs = [
            ("sample", Tensor::new(images, single.iter().map(|&y| f64::from(y)).collect())),
            ("timestep", Tensor::new(vec![2], times.to_vec())),
            ("class_labels", Tensor::new(vec![2], labels.map(|label| label as f64).to_vec())),
        ];
        let found = runtime::run(all(&file, 7)[0], inputs);
        let off = worst(&found.numbers, &expected.iter().map(|&v| f64::from(v)).collect::<Vec<f64>>());
        assert!(off < TOLERANCE, "{}: off by {off}", shipped.name);
    }
}
