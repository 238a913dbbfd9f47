// Patches taken apart: [rows, inner, inner, channels side^2] to [rows, size, size, channels], through SiLU.
//
// One thread computes one number.

struct Shape {
    channels: u32,
    size: u32,
    inner: u32,
    side: u32,
}

@group(0) @binding(0) var<storage, read> shape: Shape;
@group(0) @binding(1) var<storage, read> call: array<vec4u>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let channel = id.x % shape.channels;
    let column = id.x / shape.channels % shape.size;
    let line = id.x / (shape.channels * shape.size) % shape.size;
    let row = id.x / (shape.channels * shape.size * shape.size);
    if row >= call[0].x {
        return;
    }
    let pixel = (row * shape.inner + line / shape.side) * shape.inner + column / shape.side;
    let within = line % shape.side * shape.side + column % shape.side;
    let value = x[(pixel * shape.channels + channel) * shape.side * shape.side + within];
    y[id.x] = value / (1.0 + exp(-value));
}
