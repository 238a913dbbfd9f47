//! What only this module can bring about. The numbers are compared with the CPU's in `tests/gpu.rs`.

use std::sync::Arc;

use pollster::block_on;
use wgpu::Limits;

use super::{Gpu, GpuUNet, IMAGES, bytes, images_at, most_rows};
use crate::Sidecar;

fn open() -> Gpu {
    block_on(Gpu::open()).expect("a GPU: let VK_DRIVER_FILES name a software driver's .json where there is none")
}

fn network(gpu: &Gpu) -> GpuUNet {
    let sidecar = Sidecar::parse(include_str!("../../../assets/fashion-drafter.json")).expect("the committed sidecar");
    let weights = include_bytes!("../../../assets/fashion-drafter.bpk");
    let tensors = sidecar.tensors(weights).expect("the committed weights");
    GpuUNet::new(&sidecar.network, tensors, gpu).expect("the committed weights")
}

/// States, times and labels of so many rows, no two alike.
fn rows(network: &GpuUNet, rows: usize) -> (Vec<f32>, Vec<f64>, Vec<usize>) {
    let (dim, labels) = (network.config().dim(), network.config().classes.len() + 1);
    let x = (0..rows * dim).map(|i| ((i * i) as f32).sin()).collect();
    let times = (0..rows).map(|row| (row as f64 + 0.5) / rows as f64).collect();
    (x, times, (0..rows).map(|row| row % labels).collect())
}

fn forward(network: &GpuUNet, count: usize) -> Result<Vec<f32>, String> {
    let (x, times, labels) = rows(network, count);
    block_on(network.forward(&x, &times, &labels))
}

fn inner(network: &mut GpuUNet) -> &mut super::Inner {
    Arc::get_mut(&mut network.0).expect("no clone")
}

#[test]
fn calls_that_are_split_compute_the_same_bits() {
    let gpu = open();
    let whole = forward(&network(&gpu), 8).expect("eight rows fit");
    // the buffers of a larger call serve a smaller one: the last part, and all parts of the second call
    for most_rows in [3, 5] {
        let mut network = network(&gpu);
        inner(&mut network).most_rows = most_rows;
        for _ in 0..2 {
            assert!(forward(&network, 8).expect("three or five rows fit") == whole, "split at {most_rows} rows");
        }
    }
}

#[test]
fn calls_side_by_side_have_buffers_of_their_own() {
    let network = network(&open());
    let alone: Vec<_> = (1..=4).map(|count| forward(&network, count).expect("a device")).collect();
    std::thread::scope(|scope| {
        let network = &network;
        let calls: Vec<_> = (1..=4).map(|count| scope.spawn(move || forward(network, count))).collect();
        for (call, alone) in calls.into_iter().zip(&alone) {
            assert!(call.join().expect("no panic").expect("a device") == *alone);
        }
    });
}

#[test]
fn no_buffer_is_larger_than_a_device_allows() {
    let network = network(&open());
    let plan = &network.0.plan;
    for max_buffer_size in [1 << 20, 1 << 24] {
        let rows = most_rows(plan, &Limits { max_buffer_size, ..Limits::default() });
        let call = images_at(plan, rows) + rows * plan.buffers[IMAGES];
        let largest = plan.buffers[2..].iter().fold(call, |largest, numbers| largest.max(rows * numbers));
        assert!((max_buffer_size / 2..=max_buffer_size).contains(&bytes(largest)), "{rows} rows");
    }
}

#[test]
fn a_call_without_memory_is_an_error_and_the_next_one_is_none() {
    let mut network = network(&open());
    let expected = forward(&network, 2).expect("a device");
    let numbers = inner(&mut network).plan.buffers[2];
    inner(&mut network).spare().clear();
    inner(&mut network).plan.buffers[2] = 1 << 40;
    let error = forward(&network, 2).expect_err("no device has so much");
    assert!(error.to_lowercase().contains("buffer"), "{error}");
    inner(&mut network).plan.buffers[2] = numbers;
    assert!(forward(&network, 2).expect("the device is as before") == expected);
}

#[test]
fn a_lost_device_is_an_error_of_every_call() {
    let gpu = open();
    let network = network(&gpu);
    forward(&network, 1).expect("a device");
    gpu.device.destroy();
    for count in [1, 1, 2] {
        let error = forward(&network, count).expect_err("the device is gone");
        assert!(error.contains("lost"), "{error}");
    }
    let again = self::network(&open());
    forward(&again, 1).expect("a GPU can be opened again");
}
