// A convolution of images [rows, height, width, channels], the channels by fours; then what it is added to.
//
// One thread computes four channels of four pixels that lie side by side.

struct Shape {
    // input and output channels, by fours
    inputs: u32,
    outputs: u32,
    // pixels a side
    size_in: u32,
    size_out: u32,
    stride: u32,
    // 1 if every input pixel is taken as 2x2
    doubled: u32,
    // pixels a side of the kernel, 3 or 1
    kernel: u32,
    // where [kernel, kernel, 4 inputs, outputs] halves and [outputs] floats begin among the weights
    weights: u32,
    bias: u32,
    // what the result is added to: 0 nothing, 1 `a`, 2 a 1x1 convolution of `a` and `b` together
    onto: u32,
    a: u32,
    b: u32,
    skip: u32,
}

@group(0) @binding(0) var<storage, read> shape: Shape;
@group(0) @binding(1) var<storage, read> weights: array<vec2u>;
@group(0) @binding(2) var<storage, read> call: array<vec4u>;
@group(0) @binding(3) var<storage, read> x: array<vec4f>;
@group(0) @binding(4) var<storage, read> a: array<vec4f>;
@group(0) @binding(5) var<storage, read> b: array<vec4f>;
@group(0) @binding(6) var<storage, read_write> y: array<vec4f>;

// Four weights that are halves.
fn four(i: u32) -> vec4f {
    let words = weights[i];
    return vec4f(unpack2x16float(words.x), unpack2x16float(words.y));
}

// The weights from four channels to four.
fn block(first: u32, channel: u32, to: u32) -> mat4x4f {
    let i = first + 4u * channel * shape.outputs + to;
    return mat4x4f(four(i), four(i + shape.outputs), four(i + 2u * shape.outputs), four(i + 3u * shape.outputs));
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
    let tiles = (shape.size_out + 3u) / 4u;
    let to = id.x % shape.outputs;
    let column = 4u * (id.x / shape.outputs % tiles);
    let line = id.x / (shape.outputs * tiles) % shape.size_out;
    let row = id.x / (shape.outputs * tiles * shape.size_out);
    if row >= call[0].x {
        return;
    }
    let bias = shape.bias + 2u * to;
    var y0 = bitcast<vec4f>(vec4u(weights[bias], weights[bias + 1u]));
    var y1 = y0;
    var y2 = y0;
    var y3 = y0;

    let reach = i32(shape.kernel) / 2;
    let limit = i32(shape.size_in << shape.doubled);
    for (var tap = 0u; tap < shape.kernel * shape.kernel; tap++) {
        let from_line = i32(line * shape.stride + tap / shape.kernel) - reach;
        if from_line < 0 || from_line >= limit {
            continue;
        }
        let first = i32(column * shape.stride + tap % shape.kernel) - reach;
        let columns = vec4i(first) + vec4i(0, 1, 2, 3) * i32(shape.stride);
        // outside the image are zeros
        let inside = vec4f((columns >= vec4i(0)) & (columns < vec4i(limit)));
        let pixels = vec4u(clamp(columns, vec4i(0), vec4i(limit - 1))) >> vec4u(shape.doubled);
        let start = (row * shape.size_in + (u32(from_line) >> shape.doubled)) * shape.size_in;
        let at = (vec4u(start) + pixels) * shape.inputs;
        let kernel = shape.weights + tap * 4u * shape.inputs * shape.outputs;
        for (var channel = 0u; channel < shape.inputs; channel++) {
            let w = block(kernel, channel, to);
            y0 += w * (inside.x * x[at.x + channel]);
            y1 += w * (inside.y * x[at.y + channel]);
            y2 += w * (inside.z * x[at.z + channel]);
            y3 += w * (inside.w * x[at.w + channel]);
        }
    }

    let pixel = (row * shape.size_out + line) * shape.size_out + column;
    // a tile may reach beyond the line; what it reads there is not kept
    let last = shape.size_out - 1u - column;
    let pixels = vec4u(pixel) + min(vec4u(0u, 1u, 2u, 3u), vec4u(last));
    if shape.onto == 1u {
        y0 += a[pixels.x * shape.outputs + to];
        y1 += a[pixels.y * shape.outputs + to];
        y2 += a[pixels.z * shape.outputs + to];
        y3 += a[pixels.w * shape.outputs + to];
    }
    if shape.onto == 2u {
        for (var channel = 0u; channel < shape.a; channel++) {
            let w = block(shape.skip, channel, to);
            y0 += w * a[pixels.x * shape.a + channel];
            y1 += w * a[pixels.y * shape.a + channel];
            y2 += w * a[pixels.z * shape.a + channel];
            y3 += w * a[pixels.w * shape.a + channel];
        }
        for (var channel = 0u; channel < shape.b; channel++) {
            let w = block(shape.skip, shape.a + channel, to);
            y0 += w * b[pixels.x * shape.b + channel];
            y1 += w * b[pixels.y * shape.b + channel];
            y2 += w * b[pixels.z * shape.b + channel];
            y3 += w * b[pixels.w * shape.b + channel];
        }
    }

    let i = pixel * shape.outputs + to;
    y[i] = y0;
    if last >= 1u {
        y[i + shape.outputs] = y1;
    }
    if last >= 2u {
        y[i + 2u * shape.outputs] = y2;
    }
    if last >= 3u {
        y[i + 3u * shape.outputs] = y3;
    }
}
