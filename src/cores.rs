//! Work on long vectors, shared out to the cores. What a number becomes does not depend on how many there are.

/// Numbers of work from which on threads are started: their start costs as much as some tens of thousands of them.
const LONG: usize = 1 << 19;

/// Threads for so many numbers of work. A module in a browser has the one that it was called on.
fn threads(numbers: usize) -> usize {
    use std::sync::OnceLock;
    use std::thread::available_parallelism;

    static CORES: OnceLock<usize> = OnceLock::new();
    if numbers < LONG || cfg!(target_arch = "wasm32") {
        return 1;
    }
    *CORES.get_or_init(|| available_parallelism().map_or(1, usize::from))
}

/// Does `work` on parts of a vector that begin at multiples of `unit`, each with the place of its first number. One of its numbers is
/// as much work as `each` that are only added.
pub(crate) fn in_parts(numbers: &mut [f64], unit: usize, each: usize, work: impl Fn(usize, &mut [f64]) + Sync) {
    let threads = threads(each * numbers.len());
    let size = numbers.len().div_ceil(threads).next_multiple_of(unit);
    share(numbers.chunks_mut(size.max(unit)).enumerate().map(|(part, numbers)| (part * size, numbers)), threads, &work);
}

/// What `of` makes of the numbers below `count`, in their order; each is so many numbers of work.
pub(crate) fn map<T: Send>(count: usize, numbers: usize, of: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let threads = threads(count * numbers).min(count.max(1));
    if threads == 1 {
        return (0..count).map(of).collect();
    }
    let mut made: Vec<Option<T>> = (0..count).map(|_| None).collect();
    let size = count.div_ceil(threads);
    share(made.chunks_mut(size).enumerate(), threads, &|part, made: &mut [Option<T>]| {
        made.iter_mut().enumerate().for_each(|(i, made)| *made = Some(of(part * size + i)));
    });
    made.into_iter().flatten().collect()
}

/// Does `work` on each part, the first on this thread.
fn share<T: Send>(parts: impl Iterator<Item = (usize, T)>, threads: usize, work: &(impl Fn(usize, T) + Sync)) {
    if threads == 1 {
        return parts.for_each(|(place, part)| work(place, part));
    }
    std::thread::scope(|scope| {
        let mut parts = parts;
        let first = parts.next();
        parts.for_each(|(place, part)| {
            scope.spawn(move || work(place, part));
        });
        first.into_iter().for_each(|(place, part)| work(place, part));
    });
}

#[cfg(test)]
mod tests {
    use super::{LONG, in_parts, map};

    #[test]
    fn every_number_is_worked_on_once_at_its_place_however_many_there_are() {
        for length in [0, 1, 127, 128, LONG - 1, LONG, LONG + 1, 3 * LONG + 77] {
            let mut numbers = vec![0.0; length];
            in_parts(&mut numbers, 128, 1, |first, part| {
                assert_eq!(first % 128, 0);
                part.iter_mut().enumerate().for_each(|(i, x)| *x += (first + i) as f64);
            });
            assert!(numbers.iter().enumerate().all(|(i, x)| *x == i as f64), "{length}");
        }
        for count in [0, 1, 2, 7, 8] {
            for numbers in [1, LONG] {
                assert_eq!(map(count, numbers, |i| i * i), (0..count).map(|i| i * i).collect::<Vec<_>>());
            }
        }
    }
}
