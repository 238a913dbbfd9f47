// Group normalisation of images [rows, height, width, channels] whose channels come from `a` and then `b`, and what
// follows it.
//
// A workgroup takes one group of one row.

struct Shape {
    // channels of `a` and of `b`, pixels of an image, groups
    a: u32,
    b: u32,
    pixels: u32,
    groups: u32,
    // where [channels] factors begin among the weights, floats; shifts follow them
    affine: u32,
    // what follows: 0 nothing, 1 SiLU, 2 scale and shift of the embedding and then SiLU
    then: u32,
    // numbers a row of the modulation, and where this layer's begin
    modulation: u32,
    first: u32,
}

const EPSILON = 1e-5;
const THREADS = 64u;

@group(0) @binding(0) var<storage, read> shape: Shape;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> b: array<f32>;
@group(0) @binding(4) var<storage, read> modulation: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

var<workgroup> sums: array<f32, THREADS>;

// The sum over all threads.
fn total(thread: u32, value: f32) -> f32 {
    workgroupBarrier();
    sums[thread] = value;
    for (var half = THREADS / 2u; half > 0u; half /= 2u) {
        workgroupBarrier();
        if thread < half {
            sums[thread] += sums[thread + half];
        }
    }
    workgroupBarrier();
    return sums[0];
}

fn input(row: u32, pixel: u32, channel: u32) -> f32 {
    let at = row * shape.pixels + pixel;
    if channel < shape.a {
        return a[at * shape.a + channel];
    }
    return b[at * shape.b + channel - shape.a];
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
    let channels = shape.a + shape.b;
    let width = channels / shape.groups;
    let row = group.x / shape.groups;
    let first = group.x % shape.groups * width;
    let count = shape.pixels * width;

    var sum = 0.0;
    for (var i = thread; i < count; i += THREADS) {
        sum += input(row, i / width, first + i % width);
    }
    let mean = total(thread, sum) / f32(count);
    sum = 0.0;
    for (var i = thread; i < count; i += THREADS) {
        let away = input(row, i / width, first + i % width) - mean;
        sum += away * away;
    }
    let scale = inverseSqrt(total(thread, sum) / f32(count) + EPSILON);

    for (var i = thread; i < count; i += THREADS) {
        let channel = first + i % width;
        var value = (input(row, i / width, channel) - mean) * scale;
        value = value * weights[shape.affine + channel] + weights[shape.affine + channels + channel];
        if shape.then == 2u {
            let at = row * shape.modulation + shape.first + channel;
            value = value * (1.0 + modulation[at]) + modulation[at + channels];
        }
        if shape.then > 0u {
            value = value / (1.0 + exp(-value));
        }
        y[(row * shape.pixels + i / width) * channels + channel] = value;
    }
}
