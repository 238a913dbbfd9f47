//! Networks as ONNX files: whole, and named as they are documented. That a runtime computes the same from them is seen
//! in `tests/bench-web`, which has one.
#![cfg(all(not(target_arch = "wasm32"), feature = "onnx"))]

use std::collections::{BTreeMap, BTreeSet};

use ciborium::Value;
use half::f16;
use speculative_diffusion_unet::{Sidecar, Timesteps, WeightsError, to_onnx};

macro_rules! shipped {
    ($name:literal) => {
        (
            include_bytes!(concat!("../../assets/", $name, ".bpk")).as_slice(),
            include_str!(concat!("../../assets/", $name, ".json")),
        )
    };
}

/// One of each kind: pixels and patches.
const NETWORKS: [(&[u8], &str); 2] = [shipped!("faces-drafter"), shipped!("fashion-drafter")];

/// A field of a protocol buffer: a whole number, or bytes.
enum Field<'a> {
    Whole(u64),
    Bytes(&'a [u8]),
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let (byte, rest) = bytes.split_first().expect("a number that ends");
        *bytes = rest;
        number |= u64::from(byte & 127) << shift;
        if byte & 128 == 0 {
            break;
        }
    }
    number
}

fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let field = match key & 7 {
            0 => Field::Whole(varint(&mut bytes)),
            kind @ (2 | 5) => {
                let length = if kind == 2 { varint(&mut bytes) as usize } else { 4 };
                let (value, rest) = bytes.split_at(length);
                bytes = rest;
                Field::Bytes(value)
            }
            kind => panic!("fields of kind {kind} are not written"),
        };
        fields.push((key >> 3, field));
    }
    fields
}

/// The messages and texts of one number.
fn all(bytes: &[u8], number: u64) -> Vec<&[u8]> {
    let of = |(found, field)| match field {
        Field::Bytes(bytes) if found == number => Some(bytes),
        _ => None,
    };
    fields(bytes).into_iter().filter_map(of).collect()
}

fn wholes(bytes: &[u8], number: u64) -> Vec<u64> {
    let of = |(found, field)| match field {
        Field::Whole(whole) if found == number => Some(whole),
        _ => None,
    };
    fields(bytes).into_iter().filter_map(of).collect()
}

fn texts(bytes: &[u8], number: u64) -> Vec<&str> {
    all(bytes, number).into_iter().map(|bytes| std::str::from_utf8(bytes).expect("UTF-8")).collect()
}

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
    for (weights, sidecar) in NETWORKS {
        let file = to_onnx(&Sidecar::parse(sidecar).expect("the committed sidecar"), weights, Timesteps::Cosine)
            .expect("a file");
        let graph = all(&file, 7)[0];
        let mut constants = BTreeMap::new();
        for constant in all(graph, 5) {
            let name = texts(constant, 8)[0];
            assert_eq!(constants.insert(name, all(constant, 9)[0]), None, "{name} is there twice");
        }
        for (name, values) in tensors(weights) {
            let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            assert_eq!(constants.get(name.as_str()), Some(&&bytes[..]), "{name}");
        }
    }
}

#[test]
fn inputs_and_outputs_have_their_names_and_every_node_reads_what_there_is() {
    for (weights, sidecar) in NETWORKS {
        let file = to_onnx(&Sidecar::parse(sidecar).expect("the committed sidecar"), weights, Timesteps::Discrete(100))
            .expect("a file");
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
    let [(weights, _), (_, sidecar)] = NETWORKS;
    let sidecar = Sidecar::parse(sidecar).expect("the committed sidecar");
    assert!(matches!(to_onnx(&sidecar, weights, Timesteps::Cosine), Err(WeightsError::Length { .. })));
}
