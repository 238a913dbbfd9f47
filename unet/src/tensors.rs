//! The tensors of a burnpack file.

use std::collections::BTreeMap;

use half::f16;
use serde::Deserialize;

use crate::error::WeightsError;

/// Named tensors, to be taken out one by one.
#[derive(Debug)]
pub struct Tensors<'a> {
    entries: BTreeMap<String, Entry>,
    /// The bytes of all numbers.
    numbers: &'a [u8],
}

/// What a burnpack file begins with, in CBOR: magic number, version and length come before it, the numbers after it.
#[derive(Deserialize)]
struct Head {
    tensors: BTreeMap<String, Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    /// Where its bytes begin and end, counted from the first of all.
    data_offsets: (usize, usize),
}

/// Bytes before the head: magic number, version, length of the head.
const PREFIX: usize = 10;
const MAGIC: [u8; 4] = 0x4255_524e_u32.to_le_bytes();
const VERSION: [u8; 2] = 1_u16.to_le_bytes();
/// Numbers begin at a multiple of this.
const ALIGNMENT: usize = 256;

impl<'a> Tensors<'a> {
    /// Those of a file.
    ///
    /// # Errors
    /// [`WeightsError::Tensors`] saying why this is no burnpack.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, WeightsError> {
        let error = |text: &str| WeightsError::Tensors(text.to_owned());
        let cut = || error("the file is cut short");
        let prefix: &[u8; PREFIX] = bytes.first_chunk().ok_or_else(cut)?;
        if prefix[..4] != MAGIC || prefix[4..6] != VERSION {
            return Err(error("the file is no burnpack of version 1"));
        }
        let length = u32::from_le_bytes([prefix[6], prefix[7], prefix[8], prefix[9]]) as usize;
        let end = PREFIX.checked_add(length).and_then(|end| Some((end, end.checked_next_multiple_of(ALIGNMENT)?)));
        let (end, first) = end.ok_or_else(cut)?;
        let head = bytes.get(PREFIX..end).ok_or_else(cut)?;
        let head: Head =
            ciborium::from_reader(head).map_err(|problem| error(&format!("its head cannot be read: {problem}")))?;
        Ok(Self { entries: head.tensors, numbers: bytes.get(first..).ok_or_else(cut)? })
    }

    /// The numbers of a tensor. Only what a network asks for is read, so a file cannot ask for more memory than that.
    ///
    /// # Errors
    /// [`WeightsError::Tensors`] when there is none of this name, shape and type.
    pub fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        let error = |text: String| Err(WeightsError::Tensors(format!("{name} {text}")));
        let Some(Entry { dtype, shape: found, data_offsets: (from, to) }) = self.entries.remove(name) else {
            return error("is missing".into());
        };
        if found != shape {
            return error(format!("has shape {found:?}, not {shape:?}"));
        }
        if dtype != "F16" {
            return error(format!("has type {dtype}, not F16"));
        }
        match self.numbers.get(from..to) {
            Some(bytes) if bytes.len() == 2 * shape.iter().product::<usize>() => {
                Ok(bytes.as_chunks().0.iter().map(|pair| f16::from_le_bytes(*pair).to_f32()).collect())
            }
            _ => error("is cut short".into()),
        }
    }

    /// To be called when all have been taken.
    ///
    /// # Errors
    /// [`WeightsError::Tensors`] when some were not taken.
    pub fn finish(self) -> Result<(), WeightsError> {
        match self.entries.into_keys().next() {
            Some(name) => Err(WeightsError::Tensors(format!("the network has no {name}"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::{ALIGNMENT, MAGIC, Tensors, VERSION};

    #[derive(Clone, Copy, Serialize)]
    struct Entry<'a> {
        dtype: &'a str,
        shape: &'a [u64],
        data_offsets: (u64, u64),
    }

    /// A file with one tensor, `a`, and the numbers 1 and 2.
    fn file(entry: Entry) -> Vec<u8> {
        let mut head = Vec::new();
        let entry = ciborium::Value::serialized(&entry).expect("a value");
        let tensors = ciborium::Value::Map(vec![("a".into(), entry)]);
        ciborium::into_writer(&ciborium::Value::Map(vec![("tensors".into(), tensors)]), &mut head).expect("CBOR");
        let mut bytes = [&MAGIC[..], &VERSION, &(head.len() as u32).to_le_bytes(), &head].concat();
        bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
        bytes.extend([0x00, 0x3c, 0x00, 0x40]);
        bytes
    }

    const GOOD: Entry = Entry { dtype: "F16", shape: &[2, 1], data_offsets: (0, 4) };

    #[test]
    fn a_tensor_is_read_once_and_must_be() {
        let bytes = file(GOOD);
        let mut tensors = Tensors::parse(&bytes).expect("a good file");
        assert_eq!(tensors.take("a", &[2, 1]).expect("the tensor"), [1.0, 2.0]);
        assert!(tensors.take("a", &[2, 1]).expect_err("taken").to_string().contains("a is missing"));
        tensors.finish().expect("nothing left");
        let left = Tensors::parse(&bytes).expect("a good file").finish().expect_err("a is left").to_string();
        assert!(left.contains("the network has no a"), "{left}");
    }

    #[test]
    fn what_is_no_burnpack_is_an_error_and_never_a_panic() {
        let bytes = file(GOOD);
        for length in 0..bytes.len() - 4 {
            assert!(Tensors::parse(&bytes[..length]).is_err(), "{length} bytes");
        }
        for (at, byte) in [(0, 1), (4, 2), (6, 255), (9, 255), (10, 255)] {
            let mut bytes = bytes.clone();
            bytes[at] = byte;
            assert!(Tensors::parse(&bytes).is_err(), "byte {at}");
        }
        for (entry, word) in [
            (Entry { dtype: "F32", ..GOOD }, "type"),
            (Entry { shape: &[1, 2], ..GOOD }, "shape"),
            (Entry { shape: &[u64::MAX, 2], ..GOOD }, ""),
            (Entry { data_offsets: (0, 3), ..GOOD }, "cut short"),
            (Entry { data_offsets: (0, 2), ..GOOD }, "cut short"),
            (Entry { data_offsets: (4, 0), ..GOOD }, "cut short"),
            (Entry { data_offsets: (2, 6), ..GOOD }, "cut short"),
            (Entry { data_offsets: (0, u64::MAX), ..GOOD }, ""),
        ] {
            let bytes = file(entry);
            let error = Tensors::parse(&bytes).and_then(|mut tensors| tensors.take("a", &[2, 1]));
            let error = error.expect_err("a bad file").to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
