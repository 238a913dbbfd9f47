//! Protocol buffers, as far as an ONNX file needs them.

/// Fields, each behind its number.
#[derive(Clone, Debug, Default)]
pub(super) struct Message(Vec<u8>);

/// How a field's value is written.
const VARINT: u64 = 0;
const LENGTH: u64 = 2;
const FOUR_BYTES: u64 = 5;

impl Message {
    /// A whole number. A negative one takes ten bytes.
    pub(super) fn whole(mut self, field: u64, number: i64) -> Self {
        self.varint(field << 3 | VARINT);
        self.varint(number.cast_unsigned());
        self
    }

    pub(super) fn float(mut self, field: u64, number: f32) -> Self {
        self.varint(field << 3 | FOUR_BYTES);
        self.0.extend(number.to_le_bytes());
        self
    }

    pub(super) fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.varint(field << 3 | LENGTH);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
        self
    }

    pub(super) fn text(self, field: u64, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    pub(super) fn message(self, field: u64, message: &Self) -> Self {
        self.bytes(field, &message.0)
    }

    /// The same field once for each value.
    pub(super) fn each<T>(self, values: impl IntoIterator<Item = T>, write: impl Fn(Self, T) -> Self) -> Self {
        values.into_iter().fold(self, write)
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Seven bits a byte, the lowest first; the eighth says that more follow.
    fn varint(&mut self, mut number: u64) {
        while number > 127 {
            self.0.push(number as u8 | 128);
            number >>= 7;
        }
        self.0.push(number as u8);
    }
}
