// A dense layer on the embedding of each row, which follows the head of the call.
//
// One thread computes four numbers.

struct Shape {
    // numbers in and out, by fours
    inputs: u32,
    outputs: u32,
    // where [4 inputs, outputs] halves and [outputs] floats begin among the weights
    weights: u32,
    bias: u32,
}

@group(0) @binding(0) var<storage, read> shape: Shape;
@group(0) @binding(1) var<storage, read> weights: array<vec2u>;
@group(0) @binding(2) var<storage, read> call: array<vec4u>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

// Four weights that are halves.
fn four(i: u32) -> vec4f {
    let words = weights[i];
    return vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let to = id.x % shape.outputs;
    let row = id.x / shape.outputs;
    if row >= call[0].x {
        return;
    }
    let bias = shape.bias + 2u * to;
    var sum = bitcast<vec4f>(vec4u(weights[bias], weights[bias + 1u]));
    for (var i = 0u; i < shape.inputs; i++) {
        let first = shape.weights + 4u * i * shape.outputs + to;
        let w = mat4x4f(
            four(first),
            four(first + shape.outputs),
            four(first + 2u * shape.outputs),
            four(first + 3u * shape.outputs),
        );
        sum += w * bitcast<vec4f>(call[1u + row * shape.inputs + i]);
    }
    y[id.x] = sum;
}
