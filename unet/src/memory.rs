//! Which values of a forward pass share memory: a value whose last reader is done makes room for another.

/// A piece of memory, by its index.
pub(crate) type Slot = usize;

/// Pieces of memory, to be taken and released while the operations are gone through once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory(Vec<Piece>);

#[derive(Clone, Debug)]
struct Piece {
    /// Numbers a row of the largest value that is ever kept here.
    numbers: usize,
    /// Values that are here now.
    holders: usize,
}

impl Memory {
    /// Room for a value of so many numbers a row: the free piece that must grow least, else a new one.
    pub(crate) fn take(&mut self, numbers: usize) -> Slot {
        let pieces = self.0.iter().enumerate().filter(|(_, piece)| piece.holders == 0);
        let best = pieces.min_by_key(|(_, piece)| (piece.numbers < numbers, piece.numbers.abs_diff(numbers)));
        let slot = match best {
            Some((slot, _)) => slot,
            None => {
                self.0.push(Piece { numbers, holders: 0 });
                self.0.len() - 1
            }
        };
        let piece = &mut self.0[slot];
        piece.numbers = piece.numbers.max(numbers);
        piece.holders = 1;
        slot
    }

    /// Puts a further value into a piece.
    pub(crate) fn hold(&mut self, slot: Slot) {
        self.0[slot].holders += 1;
    }

    /// Ends a value of a piece.
    pub(crate) fn release(&mut self, slot: Slot) {
        self.0[slot].holders -= 1;
    }

    /// Numbers a row of each piece.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = usize> {
        self.0.iter().map(|piece| piece.numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::Memory;

    #[test]
    fn a_piece_is_free_when_its_last_value_has_ended() {
        let mut memory = Memory::default();
        let (small, large) = (memory.take(10), memory.take(100));
        memory.hold(small);
        memory.release(small);
        let other = memory.take(5);
        assert!(other != small && other != large, "both are held");
        memory.release(small);
        memory.release(large);
        assert_eq!(memory.take(90), large, "what fits best");
        assert_eq!(memory.take(20), small, "else what must grow least");
        assert_eq!(memory.numbers().collect::<Vec<_>>(), [20, 100, 5]);
    }
}
