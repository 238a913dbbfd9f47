//! Memory that is kept from call to call.

/// What an operation needs while it runs.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    first: Vec<f32>,
    second: Vec<f32>,
}

impl Scratch {
    /// Two buffers of so many numbers, which have no meaning yet.
    pub(super) fn of(&mut self, first: usize, second: usize) -> (&mut [f32], &mut [f32]) {
        (room(&mut self.first, first), room(&mut self.second, second))
    }
}

/// So many numbers of a buffer, which have no meaning yet.
pub(super) fn room(buffer: &mut Vec<f32>, numbers: usize) -> &mut [f32] {
    if buffer.len() < numbers {
        buffer.resize(numbers, 0.0);
    }
    &mut buffer[..numbers]
}
