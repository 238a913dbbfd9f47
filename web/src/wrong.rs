//! Wrong rules by their names on the page, to show what breaks. Whatever they made says that it is not exact.

use core::str::FromStr as _;

use speculative_diffusion::Rule;
use speculative_diffusion::mutants::Mutant;

use crate::error::WebError;

const WRONG: [(&str, Mutant); 6] = [
    ("redraw", Mutant::Redraw),
    ("keep-noise", Mutant::KeepNoise),
    ("half-reflection", Mutant::HalfReflection),
    ("wrong-ratio", Mutant::WrongRatio),
    ("lenient", Mutant::Lenient(1.0)),
    ("accept-all", Mutant::AcceptAll),
];

/// The rule of a name, and whether it is exact.
pub(crate) fn rule(name: &str) -> Result<(Rule, bool), WebError> {
    match WRONG.into_iter().find(|(wrong, _)| *wrong == name) {
        Some((_, mutant)) => Ok((Rule::Mutant(mutant), false)),
        None => Ok((Rule::from_str(name)?, true)),
    }
}
