//! A network as an ONNX file, for whatever else reads those: the same graph as on the CPU and the GPU, field by field
//! of ONNX's protocol buffers (onnx.proto, opset 18).

mod wire;

use std::collections::BTreeMap;

use speculative_diffusion::schedule::{T_MAX, T_MIN};

use self::wire::Message;
use crate::config::{EPSILON, GROUPS, HEADS, UNetConfig};
use crate::error::WeightsError;
use crate::graph::{Conv, Dense, Graph, Image, Node, Norm, Onto, Op, Then};
use crate::host::{TIMES, frequency};
use crate::network::Sidecar;
use crate::tensors::Tensors;

/// The network with these weights as an ONNX file, in single precision, for any number of rows.
///
/// | input | shape | |
/// |---|---|---|
/// | `sample` | `[rows, channels, size, size]`, f32 | states of the cosine schedule |
/// | `timestep` | `[rows]`, f32 | their times, as [`Timesteps`] counts them |
/// | `class_labels` | `[rows]`, i64 | indices of classes, the one after the last for any |
///
/// The output `velocity` has the shape of `sample`; at cosine time `t` the clean estimate is `cos(pi t / 2) sample -
/// sin(pi t / 2) velocity`.
/// The file's metadata name `prediction`, `schedule` and, as JSON, the `classes`.
///
/// # Errors
/// As [`Sidecar::load`].
pub fn to_onnx(sidecar: &Sidecar, weights: &[u8], timesteps: Timesteps) -> Result<Vec<u8>, WeightsError> {
    let config = &sidecar.network;
    let graph = Graph::new(config);
    let (nodes, constants) = Default::default();
    let mut writer = Writer { config, tensors: sidecar.tensors(weights)?, nodes, constants, values: 0 };
    let time = writer.time(timesteps);
    let embedding = writer.embedding(&graph, &time)?;
    let modulations: Result<Vec<_>, _> =
        graph.modulations.iter().map(|layer| writer.modulation(layer, &embedding)).collect();
    let velocity = writer.images(&graph, &modulations?)?;
    writer.named("Identity", &[&velocity], &[], &["velocity"]);
    let Writer { tensors, nodes, constants, .. } = writer;
    tensors.finish()?;

    let images = [config.channels, config.size, config.size];
    let body = Message::default()
        .each(&nodes, |graph, node| graph.message(1, node))
        .text(2, &sidecar.name)
        .each(constants.values(), |graph, constant| graph.message(5, constant))
        .message(11, &port("sample", FLOAT, &images))
        .message(11, &port("timestep", FLOAT, &[]))
        .message(11, &port("class_labels", INT64, &[]))
        .message(12, &port("velocity", FLOAT, &images));
    Ok(model(sidecar, &body).into_bytes())
}

/// What a file's input `timestep` counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timesteps {
    /// Cosine time itself, 0 (clean) to 1 (noise).
    Cosine,
    /// So many timesteps, 2 at least, numbered from 0: they run evenly from the cleanest to the noisiest time of this
    /// project's chain, [`T_MIN`] to [`T_MAX`], as the timesteps of diffusers do.
    Discrete(usize),
}

/// Types of a tensor's numbers.
const FLOAT: i64 = 1;
const INT64: i64 = 7;
/// The version of the file's format, and of the set of operators.
const VERSIONS: (i64, i64) = (8, 18);

fn model(sidecar: &Sidecar, body: &Message) -> Message {
    let classes: Vec<&str> = sidecar.network.classes.iter().map(String::as_str).chain(["any"]).collect();
    let classes = serde_json::json!(classes).to_string();
    let about = [("prediction", &sidecar.prediction), ("schedule", &sidecar.schedule), ("classes", &classes)];
    Message::default()
        .whole(1, VERSIONS.0)
        .text(2, env!("CARGO_PKG_NAME"))
        .text(3, env!("CARGO_PKG_VERSION"))
        .message(7, body)
        .message(8, &Message::default().text(1, "").whole(2, VERSIONS.1))
        .each(about, |model, (key, value)| model.message(14, &Message::default().text(1, key).text(2, value)))
}

/// An input or output: any number of rows of this shape.
fn port(name: &str, kind: i64, row: &[usize]) -> Message {
    let rows = Message::default().message(1, &Message::default().text(2, "rows"));
    let shape = rows.each(row, |shape, &size| shape.message(1, &Message::default().whole(1, size as i64)));
    let tensor = Message::default().whole(1, kind).message(2, &shape);
    Message::default().text(1, name).message(2, &Message::default().message(1, &tensor))
}

/// An operator's setting.
enum Attribute<'a> {
    Float(f32),
    Whole(i64),
    Text(&'a str),
    Wholes(&'a [i64]),
}

impl Attribute<'_> {
    fn message(&self, name: &str) -> Message {
        let message = Message::default().text(1, name);
        match *self {
            Self::Float(number) => message.float(2, number).whole(20, 1),
            Self::Whole(number) => message.whole(3, number).whole(20, 2),
            Self::Text(text) => message.text(4, text).whole(20, 3),
            Self::Wholes(numbers) => message.each(numbers, |message, &number| message.whole(8, number)).whole(20, 7),
        }
    }
}

/// The file's nodes and constants, as far as they are written. Values are known by their names.
struct Writer<'a> {
    config: &'a UNetConfig,
    tensors: Tensors<'a>,
    nodes: Vec<Message>,
    constants: BTreeMap<String, Message>,
    /// How many values have names.
    values: usize,
}

impl Writer<'_> {
    /// The embedding of time and class, which every block takes: `[rows, width]`.
    fn embedding(&mut self, graph: &Graph, time: &str) -> Result<String, WeightsError> {
        let [first, second] = &graph.time;
        let features = self.features(first.from / 2, time);
        let hidden = self.dense(first, &features)?;
        let hidden = self.silu(&hidden);
        let time = self.dense(second, &hidden)?;
        let rows = graph.label.take(&mut self.tensors)?;
        let table = self.floats(&format!("{}.weight", graph.label.name), &[graph.label.rows, graph.label.width], &rows);
        let label = self.op("Gather", &[&table, "class_labels"], &[]);
        let sum = self.op("Add", &[&time, &label], &[]);
        Ok(self.silu(&sum))
    }

    /// The cosine time of each row.
    fn time(&mut self, timesteps: Timesteps) -> String {
        let Timesteps::Discrete(count) = timesteps else { return "timestep".to_owned() };
        let (stride, least) = ((T_MAX - T_MIN) / (count.max(2) - 1) as f64, T_MIN);
        let (stride, least) = (self.float(stride as f32), self.float(least as f32));
        let passed = self.op("Mul", &["timestep", &stride], &[]);
        self.op("Add", &[&passed, &least], &[])
    }

    /// The features of the times, so many sines and as many cosines: `[rows, 2 count]`.
    ///
    /// An angle is up to 1000, and an f32 of that size is precise to 3e-5. So it is counted in turns, and the whole
    /// ones are left out where nothing has been rounded: the twelve leading bits of a time times the twelve leading
    /// bits of a frequency are exact, and what else there is comes to less than a tenth of a turn.
    fn features(&mut self, count: usize, time: &str) -> String {
        /// Parts of 1 that twelve bits count.
        const PARTS: f32 = 4096.0;
        /// All bits of an f32 but the twelve last.
        const LEADING: u32 = !0xfff;
        let turns = |i| TIMES * frequency(i, count) / core::f64::consts::TAU;
        let leading: Vec<f32> = (0..count).map(|i| f32::from_bits((turns(i) as f32).to_bits() & LEADING)).collect();
        let rest: Vec<f32> = leading.iter().enumerate().map(|(i, &lead)| (turns(i) - f64::from(lead)) as f32).collect();
        let leading = self.floats("turns", &[1, count], &leading);
        let rest = self.floats("turns.rest", &[1, count], &rest);

        let axis = self.wholes(&[1]);
        let time = self.op("Unsqueeze", &[time, &axis], &[]);
        let (parts, part) = (self.float(PARTS), self.float(1.0 / PARTS));
        let in_parts = self.op("Mul", &[&time, &parts], &[]);
        let rounded = self.op("Round", &[&in_parts], &[]);
        let coarse = self.op("Mul", &[&rounded, &part], &[]);
        let fine = self.op("Sub", &[&time, &coarse], &[]);

        let most = self.op("Mul", &[&coarse, &leading], &[]);
        let whole = self.op("Round", &[&most], &[]);
        let most = self.op("Sub", &[&most, &whole], &[]);
        let little = self.op("Mul", &[&fine, &leading], &[]);
        let less = self.op("Mul", &[&time, &rest], &[]);
        let small = self.op("Add", &[&little, &less], &[]);
        let turned = self.op("Add", &[&most, &small], &[]);
        let turn = self.float(core::f32::consts::TAU);
        let angle = self.op("Mul", &[&turned, &turn], &[]);
        let (sines, cosines) = (self.op("Sin", &[&angle], &[]), self.op("Cos", &[&angle], &[]));
        self.op("Concat", &[&sines, &cosines], &[("axis", Attribute::Whole(1))])
    }

    /// Factors and shifts of a block, `[rows, channels, 1, 1]`.
    fn modulation(&mut self, layer: &Dense, embedding: &str) -> Result<[String; 2], WeightsError> {
        let channels = layer.to / 2;
        let both = self.dense(layer, embedding)?;
        let both = self.reshaped(&both, &[0, layer.to as i64, 1, 1]);
        let [more, shifts] = self.split(&both, channels);
        let one = self.float(1.0);
        Ok([self.op("Add", &[&more, &one], &[]), shifts])
    }

    /// The graph's values one after the other; returns the last one.
    fn images(&mut self, graph: &Graph, modulations: &[[String; 2]]) -> Result<String, WeightsError> {
        let mut names: Vec<String> = Vec::new();
        for Node { op, image } in &graph.nodes {
            let name = match op {
                Op::Patches => self.patches(*image),
                Op::Conv { layer, from, onto } => self.convolved(layer, &names[*from], onto, &names)?,
                Op::Norm { layer, from, then } => {
                    let normed = self.norm(layer, &names[*from], *image)?;
                    self.followed(&normed, *then, modulations)
                }
                Op::Attend { from } => self.attended(&names[*from], *image),
                Op::Join { first, second } => {
                    self.op("Concat", &[&names[*first], &names[*second]], &[("axis", Attribute::Whole(1))])
                }
                Op::Pixels { from } => self.pixels(&names[*from], *image),
            };
            names.push(name);
        }
        Ok(names.swap_remove(graph.output()))
    }

    /// `[rows, channels, size, size]` to `[rows, channels patch^2, inner, inner]`.
    fn patches(&mut self, image: Image) -> String {
        let &UNetConfig { channels, size, patch, .. } = self.config;
        if patch == 1 {
            return "sample".to_owned();
        }
        let [channels, patch, side, all] = [channels, patch, size / patch, image.channels].map(|size| size as i64);
        let margin = image.size as i64 - side;
        let apart = self.reshaped("sample", &[0, channels, side, patch, side, patch]);
        let turned = self.op("Transpose", &[&apart], &[("perm", Attribute::Wholes(&[0, 1, 3, 5, 2, 4]))]);
        let together = self.reshaped(&turned, &[0, all, side, side]);
        let margins = self.wholes(&[0, 0, 0, 0, 0, 0, margin, margin]);
        self.op("Pad", &[&together, &margins], &[])
    }

    /// `[rows, channels patch^2, inner, inner]` to `[rows, channels, size, size]`, through SiLU.
    fn pixels(&mut self, x: &str, image: Image) -> String {
        let patch = self.config.patch as i64;
        let [channels, size] = [image.channels, image.size].map(|size| size as i64);
        let side = size / patch;
        let [from, to, axes] = [&[0, 0], &[side, side], &[2, 3]].map(|numbers| self.wholes(numbers));
        let inside = self.op("Slice", &[x, &from, &to, &axes], &[]);
        let apart = self.reshaped(&inside, &[0, channels, patch, patch, side, side]);
        let turned = self.op("Transpose", &[&apart], &[("perm", Attribute::Wholes(&[0, 1, 4, 2, 5, 3]))]);
        let together = self.reshaped(&turned, &[0, channels, size, size]);
        self.silu(&together)
    }

    fn convolved(&mut self, layer: &Conv, x: &str, onto: &Onto, names: &[String]) -> Result<String, WeightsError> {
        let y = if layer.doubled {
            let doubled = self.doubled(x);
            self.conv(layer, &doubled)?
        } else {
            self.conv(layer, x)?
        };
        let other = match onto {
            Onto::Nothing => return Ok(y),
            Onto::Same(value) => names[*value].clone(),
            Onto::Projected(skip, value) => self.conv(skip, &names[*value])?,
        };
        Ok(self.op("Add", &[&y, &other], &[]))
    }

    fn conv(&mut self, layer: &Conv, x: &str) -> Result<String, WeightsError> {
        let Conv { name, from, to, kernel, stride, .. } = layer;
        let (weights, bias) = layer.take(&mut self.tensors)?;
        let weights = self.floats(&format!("{name}.weight"), &[*to, *from, *kernel, *kernel], &weights);
        let bias = self.floats(&format!("{name}.bias"), &[*to], &bias);
        let (kernel, stride) = (*kernel as i64, *stride as i64);
        let attributes = [
            ("kernel_shape", Attribute::Wholes(&[kernel; 2])),
            ("strides", Attribute::Wholes(&[stride; 2])),
            ("pads", Attribute::Wholes(&[kernel / 2; 4])),
        ];
        Ok(self.op("Conv", &[x, &weights, &bias], &attributes))
    }

    /// Each pixel four times.
    fn doubled(&mut self, x: &str) -> String {
        let scales = self.floats("twice", &[4], &[1.0, 1.0, 2.0, 2.0]);
        let attributes = [
            ("mode", Attribute::Text("nearest")),
            ("coordinate_transformation_mode", Attribute::Text("asymmetric")),
            ("nearest_mode", Attribute::Text("floor")),
        ];
        self.op("Resize", &[x, "", &scales], &attributes)
    }

    /// A group is an instance of one channel, so to say; factors and shifts follow.
    fn norm(&mut self, layer: &Norm, x: &str, image: Image) -> Result<String, WeightsError> {
        let Norm { name, channels } = layer;
        let (factors, shifts) = layer.take(&mut self.tensors)?;
        let factors = self.floats(&format!("{name}.gamma"), &[*channels, 1, 1], &factors);
        let shifts = self.floats(&format!("{name}.beta"), &[*channels, 1, 1], &shifts);
        let ones = self.floats("ones", &[GROUPS], &[1.0; GROUPS]);
        let zeros = self.floats("zeros", &[GROUPS], &[0.0; GROUPS]);
        let groups = self.reshaped(x, &[0, GROUPS as i64, -1]);
        let epsilon = [("epsilon", Attribute::Float(EPSILON))];
        let normed = self.op("InstanceNormalization", &[&groups, &ones, &zeros], &epsilon);
        let normed = self.reshaped(&normed, &[0, *channels as i64, image.size as i64, image.size as i64]);
        let scaled = self.op("Mul", &[&normed, &factors], &[]);
        Ok(self.op("Add", &[&scaled, &shifts], &[]))
    }

    fn followed(&mut self, x: &str, then: Then, modulations: &[[String; 2]]) -> String {
        match then {
            Then::Nothing => x.to_owned(),
            Then::Silu => self.silu(x),
            Then::Modulated(index) => {
                let [factors, shifts] = &modulations[index];
                let scaled = self.op("Mul", &[x, factors], &[]);
                let moved = self.op("Add", &[&scaled, shifts], &[]);
                self.silu(&moved)
            }
        }
    }

    fn attended(&mut self, x: &str, image: Image) -> String {
        let head = image.channels / HEADS;
        let apart = self.reshaped(x, &[0, 3 * HEADS as i64, head as i64, image.pixels() as i64]);
        let [queries, keys, values] = self.split(&apart, HEADS);
        let queries = self.turned(&queries);
        let scores = self.op("MatMul", &[&queries, &keys], &[]);
        let factor = self.float(1.0 / (head as f32).sqrt());
        let scores = self.op("Mul", &[&scores, &factor], &[]);
        let weights = self.op("Softmax", &[&scores], &[("axis", Attribute::Whole(3))]);
        let values = self.turned(&values);
        let y = self.op("MatMul", &[&weights, &values], &[]);
        let y = self.turned(&y);
        self.reshaped(&y, &[0, image.channels as i64, image.size as i64, image.size as i64])
    }

    /// The last two axes exchanged, of four.
    fn turned(&mut self, x: &str) -> String {
        self.op("Transpose", &[x], &[("perm", Attribute::Wholes(&[0, 1, 3, 2]))])
    }

    fn dense(&mut self, layer: &Dense, x: &str) -> Result<String, WeightsError> {
        let Dense { name, from, to } = layer;
        let (weights, bias) = layer.take(&mut self.tensors)?;
        let weights = self.floats(&format!("{name}.weight"), &[*from, *to], &weights);
        let bias = self.floats(&format!("{name}.bias"), &[*to], &bias);
        Ok(self.op("Gemm", &[x, &weights, &bias], &[]))
    }

    fn silu(&mut self, x: &str) -> String {
        let share = self.op("Sigmoid", &[x], &[]);
        self.op("Mul", &[x, &share], &[])
    }

    /// A size of 0 is the one that was there, -1 what is left.
    fn reshaped(&mut self, x: &str, sizes: &[i64]) -> String {
        let sizes = self.wholes(sizes);
        self.op("Reshape", &[x, &sizes], &[])
    }

    /// Equal parts along the second axis, of so many each.
    fn split<const N: usize>(&mut self, x: &str, size: usize) -> [String; N] {
        let sizes = self.wholes(&[size as i64; N]);
        let parts = core::array::from_fn(|_| self.value());
        let outputs: Vec<&str> = parts.iter().map(String::as_str).collect();
        self.named("Split", &[x, &sizes], &[("axis", Attribute::Whole(1))], &outputs);
        parts
    }

    /// A node with one output, whose name is returned.
    fn op(&mut self, kind: &str, inputs: &[&str], attributes: &[(&str, Attribute)]) -> String {
        let output = self.value();
        self.named(kind, inputs, attributes, &[&output]);
        output
    }

    fn named(&mut self, kind: &str, inputs: &[&str], attributes: &[(&str, Attribute)], outputs: &[&str]) {
        let node = Message::default()
            .each(inputs, |node, input| node.text(1, input))
            .each(outputs, |node, output| node.text(2, output))
            .text(4, kind)
            .each(attributes, |node, (name, value)| node.message(5, &value.message(name)));
        self.nodes.push(node);
    }

    /// A name that no value has yet.
    fn value(&mut self) -> String {
        self.values += 1;
        format!("v{}", self.values)
    }

    fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name.to_owned(), FLOAT, shape, &bytes)
    }

    fn float(&mut self, value: f32) -> String {
        self.constant(format!("f{value}"), FLOAT, &[], &value.to_le_bytes())
    }

    fn wholes(&mut self, values: &[i64]) -> String {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(format!("i{values:?}"), INT64, &[values.len()], &bytes)
    }

    /// A constant of the name, which is returned: the same name means the same constant.
    fn constant(&mut self, name: String, kind: i64, shape: &[usize], bytes: &[u8]) -> String {
        let tensor = || {
            Message::default()
                .each(shape, |tensor, &size| tensor.whole(1, size as i64))
                .whole(2, kind)
                .text(8, &name)
                .bytes(9, bytes)
        };
        self.constants.entry(name.clone()).or_insert_with(tensor);
        name
    }
}
