//! The tensors of a burnpack file.

use std::collections::BTreeMap;

use half::f16;
use serde::Deserialize;

use super::weights::WeightsError;

/// Named tensors, to be taken out one by one.
#[derive(Debug)]
pub(super) struct Tensors(BTreeMap<String, (Vec<usize>, Vec<f32>)>);

/// What a burnpack file begins with, in CBOR: magic number, version and length come before it, the numbers behind.
#[derive(Deserialize)]
struct Head {
    tensors: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    /// Where its numbers are, counted from the first number of all.
    data_offsets: (usize, usize),
}

/// Bytes before the head: magic number, version, length of the head.
const PREFIX: usize = 10;
const MAGIC: [u8; 4] = 0x4255_524e_u32.to_le_bytes();
const VERSION: [u8; 2] = 1_u16.to_le_bytes();
/// Numbers begin at a multiple of this.
const ALIGNMENT: usize = 256;

impl Tensors {
    /// # Errors
    /// [`WeightsError::Tensors`] saying what is no burnpack of half precision numbers.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, WeightsError> {
        let error = |text: &str| WeightsError::Tensors(text.to_owned());
        let cut = || error("the file is cut short");
        let prefix: &[u8; PREFIX] = bytes.first_chunk().ok_or_else(cut)?;
        if prefix[..4] != MAGIC || prefix[4..6] != VERSION {
            return Err(error("the file is no burnpack of version 1"));
        }
        let length = u32::from_le_bytes([prefix[6], prefix[7], prefix[8], prefix[9]]) as usize;
        let end = PREFIX.saturating_add(length);
        let head = bytes.get(PREFIX..end).ok_or_else(cut)?;
        let head: Head =
            ciborium::from_reader(head).map_err(|problem| error(&format!("its head is no CBOR: {problem}")))?;
        let numbers = bytes.get(end.next_multiple_of(ALIGNMENT)..).ok_or_else(cut)?;
        let tensor = |(name, entry): (String, Entry)| {
            if entry.dtype != "F16" {
                return Err(error(&format!("{name} has type {}, not F16", entry.dtype)));
            }
            let bytes = numbers.get(entry.data_offsets.0..entry.data_offsets.1).ok_or_else(cut)?;
            let values: Vec<f32> =
                bytes.chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32()).collect();
            if entry.shape.iter().try_fold(1_usize, |product, &n| product.checked_mul(n)) != Some(values.len()) {
                return Err(error(&format!("{name} has {} numbers, not shape {:?}", values.len(), entry.shape)));
            }
            Ok((name, (entry.shape, values)))
        };
        Ok(Self(head.tensors.into_iter().map(tensor).collect::<Result<_, _>>()?))
    }

    /// # Errors
    /// [`WeightsError::Tensors`] when there is none of this name and shape.
    pub(super) fn take(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        match self.0.remove(name) {
            Some((found, values)) if found == shape => Ok(values),
            Some((found, _)) => Err(WeightsError::Tensors(format!("{name} has shape {found:?}, not {shape:?}"))),
            None => Err(WeightsError::Tensors(format!("{name} is missing"))),
        }
    }

    /// # Errors
    /// [`WeightsError::Tensors`] when some were not taken.
    pub(super) fn finish(self) -> Result<(), WeightsError> {
        match self.0.into_keys().next() {
            Some(name) => Err(WeightsError::Tensors(format!("the network has no {name}"))),
            None => Ok(()),
        }
    }
}
