//! How many steps a round drafts.

use core::fmt;
use core::str::FromStr;

use crate::name::NameError;

/// Longest window that can be asked for, and the longest that [`Window::Auto`] takes.
pub const MAX_WINDOW: usize = 256;

/// What rows cost beside calls: a call of `n` rows takes `1 + row (ceil(n / lanes) - 1)` times as long as a call of one.
///
/// ```
/// use speculative_diffusion::{Price, Settings, Window};
///
/// // 16 rows took 1.3 times as long as one
/// let price = Price::new(0.3 / 15.0, 1)?;
/// assert!((price.call(16) - 1.3).abs() < 1e-12);
/// let settings = Settings::default().window(Window::Auto(price));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Free rows make for the fewest calls. A GPU charges one or two percent a row. Workers on a CPU, each with a row of its
/// own, charge nearly a whole call for each further row that each of them has to compute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    row: f64,
    lanes: usize,
}

impl Price {
    /// Rows cost nothing: the fewest calls.
    pub const FREE: Self = Self { row: 0.0, lanes: 1 };
    /// Where nothing is known: a row adds two percent to a call, as on a GPU.
    pub const USUAL: Self = Self { row: 0.02, lanes: 1 };

    /// Each further row of each of `lanes` that are computed side by side adds `row` to a call, as a share of the time
    /// of a call of one row.
    ///
    /// # Errors
    /// [`WindowError::Price`] for a row below 0 or above 1, [`WindowError::Lanes`] for no lane or more than
    /// [`MAX_WINDOW`].
    pub fn new(row: f64, lanes: usize) -> Result<Self, WindowError> {
        if !(0.0..=1.0).contains(&row) {
            return Err(WindowError::Price(row));
        }
        if !(1..=MAX_WINDOW).contains(&lanes) {
            return Err(WindowError::Lanes(lanes));
        }
        Ok(Self { row, lanes })
    }

    /// What a call of so many rows costs, in calls of one row.
    pub fn call(self, rows: usize) -> f64 {
        1.0 + self.row * (rows.div_ceil(self.lanes) as f64 - 1.0)
    }
}

impl Default for Price {
    fn default() -> Self {
        Self::USUAL
    }
}

/// `L`: how many steps to draft a round.
#[doc(alias = "lookahead")]
#[doc(alias = "draft length")]
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Window {
    /// As many as this, 1 to [`MAX_WINDOW`].
    Fixed(usize),
    /// As many as make a committed step cheapest at this price, if steps go on to be rejected as often as so far.
    Auto(Price),
}

impl From<usize> for Window {
    /// [`Window::Fixed`].
    fn from(steps: usize) -> Self {
        Self::Fixed(steps)
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::Auto(Price::USUAL)
    }
}

/// Before anything is known, a chain is expected to be crossed in so many rounds, of so many steps each at least, and the
/// expectation counts as much as so many rejections. With a weaker prior, chance in the first
/// rounds would set all later window lengths.
const ROUNDS: usize = 16;
const STEPS_A_ROUND: usize = 8;
const EXPECTED_STOPS: usize = 4;
/// A row that is reached less often is not asked for, however cheap it is. It would be evaluated so far off that what is
/// kept of it makes the next draft worse: on the faces network, `K = 100`, windows of 256 take 13.7 calls,
/// these 11.8 (`cargo xtask bench -- --chains 32 --cells 100:1:256:secant:x0hat,100:1:auto/0:secant:x0hat`).
const REACHED: f64 = 1.0 / 64.0;

impl Window {
    /// Positions of the next window of a chain of `steps` steps, `level` of which were committed, with `stops` rejections
    /// among them.
    pub(crate) fn positions(self, steps: usize, level: usize, stops: usize) -> usize {
        let length = match self {
            Self::Fixed(length) => length,
            Self::Auto(price) => {
                let expected = STEPS_A_ROUND.max(steps / ROUNDS);
                cheapest((stops + EXPECTED_STOPS) as f64 / (level + EXPECTED_STOPS * expected) as f64, price)
            }
        };
        length.min(steps.saturating_sub(level))
    }

    /// Most positions that a window of a chain of `steps` steps can have.
    pub(crate) fn longest(self, steps: usize) -> usize {
        (0..steps).map(|level| self.positions(steps, level, 0)).max().unwrap_or(0)
    }

    pub(crate) fn check(self) -> Result<(), WindowError> {
        match self {
            Self::Fixed(length) if !(1..=MAX_WINDOW).contains(&length) => Err(WindowError::Window(length)),
            Self::Fixed(_) | Self::Auto(_) => Ok(()),
        }
    }
}

/// The window that commits most for its price, if each step is rejected with the same probability.
fn cheapest(rejected: f64, price: Price) -> usize {
    let (mut best, mut length, mut reached, mut committed) = (0.0, 1, 1.0, 0.0);
    for rows in 1..=MAX_WINDOW {
        if reached < REACHED {
            break;
        }
        committed += reached;
        reached *= 1.0 - rejected;
        let value = committed / price.call(rows);
        if value > best {
            (best, length) = (value, rows);
        }
    }
    length
}

impl FromStr for Window {
    type Err = NameError;

    /// A number of steps, "auto", "auto/ROW" or "auto/ROW/LANES" with the numbers of a [`Price`];
    /// [`Sampler::new`](crate::Sampler::new) checks a number's size.
    fn from_str(text: &str) -> Result<Self, NameError> {
        let unknown = || NameError::new("window", text, ["a number of steps, auto, or auto/PRICE/LANES"]);
        let mut parts = text.split('/');
        if parts.next() != Some("auto") {
            return text.parse().map(Self::Fixed).map_err(|_| unknown());
        }
        let row = parts.next().map_or(Ok(Price::USUAL.row), str::parse).map_err(|_| unknown())?;
        let lanes = parts.next().map_or(Ok(1), str::parse).map_err(|_| unknown())?;
        match (Price::new(row, lanes), parts.next()) {
            (Ok(price), None) => Ok(Self::Auto(price)),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(length) => length.fmt(f),
            Self::Auto(Price::USUAL) => f.write_str("auto"),
            Self::Auto(Price { row, lanes: 1 }) => write!(f, "auto/{row}"),
            Self::Auto(Price { row, lanes }) => write!(f, "auto/{row}/{lanes}"),
        }
    }
}

/// A window that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum WindowError {
    /// A length out of range.
    Window(usize),
    /// A price of a row out of range.
    Price(f64),
    /// A number of lanes out of range.
    Lanes(usize),
}

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Window(length) => write!(f, "window is {length}: choose 1 to {MAX_WINDOW} steps"),
            Self::Price(row) => write!(f, "the price of a row is {row}: choose 0 to 1"),
            Self::Lanes(lanes) => write!(f, "lanes is {lanes}: choose 1 to {MAX_WINDOW}"),
        }
    }
}

impl core::error::Error for WindowError {}

#[cfg(test)]
mod tests {
    use super::{MAX_WINDOW, Price, Window, cheapest};

    #[test]
    fn windows_are_as_long_as_their_rows_are_cheap() {
        // (1 - 1/8)^32 is below 1/64
        assert_eq!(cheapest(0.125, Price::FREE), 32);
        assert_eq!(cheapest(1e-9, Price::FREE), MAX_WINDOW);
        let lengths = [0.001, 0.01, 0.02, 0.1, 0.5, 1.0].map(|row| cheapest(0.125, Price::new(row, 1).expect("valid")));
        assert!(lengths.is_sorted_by(|a, b| a > b || (*a, *b) == (1, 1)), "{lengths:?}");
        assert_eq!(lengths.last(), Some(&1), "where a row costs a call there is nothing to win");
    }

    #[test]
    fn before_anything_is_known_four_rejections_are_expected_in_four_rounds() {
        let positions = |steps, level, stops| Window::Auto(Price::FREE).positions(steps, level, stops);
        // of 8 steps, or of a sixteenth of a long chain
        assert_eq!(positions(100, 0, 0), cheapest(4.0 / (4.0 * 8.0), Price::FREE));
        assert_eq!(positions(1000, 0, 0), cheapest(4.0 / (4.0 * 62.0), Price::FREE));
        assert_eq!(positions(1000, 100, 9), cheapest(13.0 / (100.0 + 4.0 * 62.0), Price::FREE));
        assert_eq!((positions(1000, 995, 9), positions(1000, 1001, 0)), (5, 0));
    }

    #[test]
    fn workers_get_a_row_each() {
        for lanes in [2, 4, 8] {
            assert_eq!(cheapest(0.125, Price::new(0.9, lanes).expect("valid")), lanes);
        }
    }

    #[test]
    fn a_length_is_read_as_it_is_written() {
        for text in ["20", "auto", "auto/0", "auto/0.9/2", "auto/0.25"] {
            assert_eq!(text.parse::<Window>().expect("valid").to_string(), text);
        }
        for text in ["", "auto/", "auto/2", "auto/0.1/0", "auto/0.1/2/3", "long"] {
            assert!(text.parse::<Window>().is_err(), "{text}");
        }
    }
}
