// Self-attention over the pixels of each image, given queries, keys and values of all heads in [rows, pixels, 3 channels].
//
// One thread computes one channel of one pixel, in one pass over the keys that keeps the largest score so far.

struct Shape {
    channels: u32,
    pixels: u32,
    // channels of a head
    head: u32,
}

@group(0) @binding(0) var<storage, read> shape: Shape;
@group(0) @binding(1) var<storage, read> call: array<vec4u>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let channel = id.x % shape.channels;
    let row = id.x / (shape.channels * shape.pixels);
    if row >= call[0].x {
        return;
    }
    let head = channel - channel % shape.head;
    let query = id.x / shape.channels * 3u * shape.channels + head;
    var most = -3e38;
    var weight = 0.0;
    var sum = 0.0;
    for (var pixel = 0u; pixel < shape.pixels; pixel++) {
        let key = (row * shape.pixels + pixel) * 3u * shape.channels + shape.channels;
        var score = 0.0;
        for (var i = 0u; i < shape.head; i++) {
            score += x[query + i] * x[key + head + i];
        }
        score /= sqrt(f32(shape.head));
        let higher = max(most, score);
        let fade = exp(most - higher);
        let share = exp(score - higher);
        weight = weight * fade + share;
        sum = sum * fade + share * x[key + shape.channels + channel];
        most = higher;
    }
    y[id.x] = sum / weight;
}
