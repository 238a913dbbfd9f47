//! A runtime for ONNX files with the operators that this crate writes, number by number in f64: it shares no code with what
//! wrote them.

use std::collections::HashMap;

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
pub fn all(bytes: &[u8], number: u64) -> Vec<&[u8]> {
    let of = |(found, field)| match field {
        Field::Bytes(bytes) if found == number => Some(bytes),
        _ => None,
    };
    fields(bytes).into_iter().filter_map(of).collect()
}

pub fn wholes(bytes: &[u8], number: u64) -> Vec<u64> {
    let of = |(found, field)| match field {
        Field::Whole(whole) if found == number => Some(whole),
        _ => None,
    };
    fields(bytes).into_iter().filter_map(of).collect()
}

pub fn texts(bytes: &[u8], number: u64) -> Vec<&str> {
    all(bytes, number).into_iter().map(|bytes| std::str::from_utf8(bytes).expect("UTF-8")).collect()
}

/// A tensor, its numbers in the order of its axes.
#[derive(Clone, Debug)]
pub struct Tensor {
    shape: Vec<usize>,
    pub numbers: Vec<f64>,
}

impl Tensor {
    pub fn new(shape: Vec<usize>, numbers: Vec<f64>) -> Self {
        assert_eq!(shape.iter().product::<usize>(), numbers.len(), "{shape:?}");
        Self { shape, numbers }
    }

    /// A constant of the file.
    fn constant(message: &[u8]) -> Self {
        const INT64: u64 = 7;
        let raw = all(message, 9)[0];
        let numbers = if wholes(message, 2) == [INT64] {
            raw.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes) as f64).collect()
        } else {
            raw.as_chunks().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect()
        };
        Self::new(wholes(message, 1).iter().map(|&size| size as usize).collect(), numbers)
    }

    /// Of this shape, each number from its place along the axes.
    fn of(shape: Vec<usize>, number: impl Fn(&[usize]) -> f64) -> Self {
        let mut at = vec![0; shape.len()];
        let numbers = (0..shape.iter().product()).map(|i| {
            let mut rest: usize = i;
            for (at, size) in at.iter_mut().zip(&shape).rev() {
                (*at, rest) = (rest % size, rest / size);
            }
            number(&at)
        });
        let numbers = numbers.collect();
        Self { shape, numbers }
    }

    /// The number at a place; axes that are missing in front or of size 1 are the same all along.
    fn at(&self, place: &[usize]) -> f64 {
        let place = &place[place.len() - self.shape.len()..];
        let index = place.iter().zip(&self.shape).fold(0, |index, (&at, &size)| index * size + at % size);
        self.numbers[index]
    }

    fn each(&self, of: impl Fn(f64) -> f64) -> Self {
        Self { shape: self.shape.clone(), numbers: self.numbers.iter().map(|&x| of(x)).collect() }
    }

    fn with(&self, other: &Self, of: impl Fn(f64, f64) -> f64) -> Self {
        let axes = self.shape.len().max(other.shape.len());
        let size = |tensor: &Self, axis: usize| {
            (axis + tensor.shape.len()).checked_sub(axes).map_or(1, |axis| tensor.shape[axis])
        };
        let shape = (0..axes).map(|axis| size(self, axis).max(size(other, axis))).collect();
        Self::of(shape, |at| of(self.at(at), other.at(at)))
    }

    fn reshaped(&self, sizes: &[f64]) -> Self {
        let mut shape: Vec<usize> = sizes
            .iter()
            .enumerate()
            .map(|(axis, &size)| if size == 0.0 { self.shape[axis] } else { size as usize })
            .collect();
        if let Some(left) = sizes.iter().position(|&size| size < 0.0) {
            shape[left] = 1;
            shape[left] = self.numbers.len() / shape.iter().product::<usize>();
        }
        Self::new(shape, self.numbers.clone())
    }

    /// Part of an axis.
    fn part(&self, axis: usize, first: usize, size: usize) -> Self {
        let mut shape = self.shape.clone();
        shape[axis] = size;
        Self::of(shape, |at| {
            let mut at = at.to_vec();
            at[axis] += first;
            self.at(&at)
        })
    }

    /// The last two axes as matrices; those before are the same.
    fn times(&self, other: &Self) -> Self {
        let (axes, inner) = (self.shape.len(), self.shape[self.shape.len() - 1]);
        let mut shape = self.shape.clone();
        shape[axes - 1] = other.shape[other.shape.len() - 1];
        Self::of(shape, |at| {
            let (mut left, mut right) = (at.to_vec(), at.to_vec());
            let term = |i| {
                (left[axes - 1], right[axes - 2]) = (i, i);
                self.at(&left) * other.at(&right)
            };
            (0..inner).map(term).sum()
        })
    }

    fn convolved(&self, weights: &Self, bias: &Self, stride: usize, margin: usize) -> Self {
        let (channels, size, kernel) = (self.shape[1], self.shape[2], weights.shape[2]);
        let out = (size + 2 * margin - kernel) / stride + 1;
        Self::of(vec![self.shape[0], weights.shape[0], out, out], |at| {
            let &[row, to, line, column] = at else { panic!("four axes") };
            let mut sum = bias.numbers[to];
            for i in 0..kernel {
                for j in 0..kernel {
                    let (line, column) = (line * stride + i, column * stride + j);
                    let inside = |at: usize| (margin..size + margin).contains(&at);
                    if inside(line) && inside(column) {
                        for channel in 0..channels {
                            let x = self.at(&[row, channel, line - margin, column - margin]);
                            sum += x * weights.at(&[to, channel, i, j]);
                        }
                    }
                }
            }
            sum
        })
    }
}

/// The output of a file's graph.
pub fn run<'a>(graph: &'a [u8], inputs: impl IntoIterator<Item = (&'a str, Tensor)>) -> Tensor {
    let mut values: HashMap<&str, Tensor> = inputs.into_iter().collect();
    values.extend(all(graph, 5).into_iter().map(|constant| (texts(constant, 8)[0], Tensor::constant(constant))));
    for node in all(graph, 1) {
        let made = compute(node, &values);
        assert_eq!(texts(node, 2).len(), made.len());
        values.extend(texts(node, 2).into_iter().zip(made));
    }
    values.remove("velocity").expect("the output")
}

fn compute(node: &[u8], values: &HashMap<&str, Tensor>) -> Vec<Tensor> {
    let names = texts(node, 1);
    let input = |i: usize| &values[names[i]];
    let attribute = |name: &str| all(node, 5).into_iter().find(|attribute| texts(attribute, 1) == [name]);
    let whole = |name: &str| wholes(attribute(name).expect(name), 3)[0] as usize;
    let several = |name: &str| -> Vec<usize> {
        wholes(attribute(name).expect(name), 8).into_iter().map(|number| number as usize).collect()
    };
    let sizes = |i: usize| input(i).numbers.iter().map(|&number| number as usize).collect::<Vec<usize>>();
    let x = input(0);
    vec![match texts(node, 4)[0] {
        "Identity" => x.clone(),
        "Add" => x.with(input(1), |x, y| x + y),
        "Sub" => x.with(input(1), |x, y| x - y),
        "Mul" => x.with(input(1), |x, y| x * y),
        "Round" => x.each(f64::round_ties_even),
        "Sin" => x.each(libm::sin),
        "Cos" => x.each(libm::cos),
        "Sigmoid" => x.each(|x| 1.0 / (1.0 + libm::exp(-x))),
        "Gemm" => x.times(input(1)).with(input(2), |x, bias| x + bias),
        "MatMul" => x.times(input(1)),
        "Softmax" => {
            assert_eq!(whole("axis") + 1, x.shape.len());
            let powers = x.each(libm::exp);
            let ones = Tensor::new(vec![x.shape[x.shape.len() - 1], 1], vec![1.0; x.shape[x.shape.len() - 1]]);
            powers.with(&powers.times(&ones), |power, sum| power / sum)
        }
        "Gather" => Tensor::of(vec![input(1).numbers.len(), x.shape[1]], |at| x.at(&[sizes(1)[at[0]], at[1]])),
        "Unsqueeze" => x.reshaped(&[x.shape[0] as f64, 1.0]),
        "Reshape" => x.reshaped(&input(1).numbers),
        "Transpose" => {
            let axes = several("perm");
            Tensor::of(axes.iter().map(|&axis| x.shape[axis]).collect(), |at| {
                let mut from = vec![0; at.len()];
                axes.iter().zip(at).for_each(|(&axis, &at)| from[axis] = at);
                x.at(&from)
            })
        }
        "Concat" => {
            let (axis, y) = (whole("axis"), input(1));
            let mut shape = x.shape.clone();
            shape[axis] += y.shape[axis];
            Tensor::of(shape, |at| match at[axis].checked_sub(x.shape[axis]) {
                None => x.at(at),
                Some(behind) => {
                    let mut at = at.to_vec();
                    at[axis] = behind;
                    y.at(&at)
                }
            })
        }
        "Split" => {
            let (axis, mut first) = (whole("axis"), 0);
            let part = |size| {
                first += size;
                x.part(axis, first - size, size)
            };
            return sizes(1).into_iter().map(part).collect();
        }
        "Slice" => {
            let (from, to, axes) = (sizes(1), sizes(2), sizes(3));
            let part = |x: Tensor, i: usize| x.part(axes[i], from[i], to[i] - from[i]);
            (0..axes.len()).fold(x.clone(), part)
        }
        "Pad" => {
            let margins = sizes(1);
            let (before, behind) = margins.split_at(x.shape.len());
            assert!(before.iter().all(|&margin| margin == 0));
            let shape = x.shape.iter().zip(behind).map(|(size, margin)| size + margin).collect();
            Tensor::of(shape, |at| if at.iter().zip(&x.shape).all(|(at, size)| at < size) { x.at(at) } else { 0.0 })
        }
        "Resize" => {
            assert_eq!(input(2).numbers, [1.0, 1.0, 2.0, 2.0]);
            let [rows, channels, height, width] = x.shape[..] else { panic!("four axes") };
            Tensor::of(vec![rows, channels, 2 * height, 2 * width], |at| x.at(&[at[0], at[1], at[2] / 2, at[3] / 2]))
        }
        "Conv" => x.convolved(input(1), input(2), several("strides")[0], several("pads")[0]),
        "InstanceNormalization" => {
            let epsilon = attribute("epsilon").expect("epsilon");
            let epsilon = f64::from(f32::from_le_bytes(all(epsilon, 2)[0].try_into().expect("a float")));
            let size = x.numbers.len() / x.shape[0] / x.shape[1];
            let normed = |numbers: &[f64]| {
                let mean = numbers.iter().sum::<f64>() / size as f64;
                let variance = numbers.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / size as f64;
                numbers.iter().map(|x| (x - mean) / (variance + epsilon).sqrt()).collect::<Vec<f64>>()
            };
            let of = |i: usize| Tensor::new(vec![x.shape[1], 1], input(i).numbers.clone());
            let normed = Tensor::new(x.shape.clone(), x.numbers.chunks_exact(size).flat_map(normed).collect());
            normed.with(&of(1), |x, factor| x * factor).with(&of(2), |x, shift| x + shift)
        }
        other => panic!("no operator {other}"),
    }]
}
