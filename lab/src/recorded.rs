//! A run as JSON, in the columns that the engines give the page. Scalars are kept as they are, images as bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use speculative_diffusion::{Chain, Position, Round, Test, Verdict};

/// A round's columns, see `web/src/columns.rs`; `ms` is the time it took. What was not tested is NaN.
pub fn columns(round: &Round, chain: &Chain, ms: f64) -> Value {
    let positions = &round.positions;
    let scalars = |of: &dyn Fn(&Position) -> f64| {
        let bytes: Vec<u8> = positions.iter().flat_map(|p| of(p).to_le_bytes()).collect();
        json!({"f64": STANDARD.encode(bytes)})
    };
    let tested = |of: fn(&Test) -> f64| scalars(&|p| p.verdict.test().map_or(f64::NAN, of));
    let bytes = |of: fn(&Position) -> u8| json!({"u8": STANDARD.encode(positions.iter().map(of).collect::<Vec<u8>>())});
    let levels: Vec<u8> = positions.iter().flat_map(|p| (p.level as u32).to_le_bytes()).collect();
    json!({
        "first": round.first, "length": positions.len(), "committed": round.states.len(),
        "calls": round.calls, "draftCalls": round.draft_calls, "rows": round.rows, "ms": ms,
        "level": {"u32": STANDARD.encode(levels)},
        "verdict": bytes(|p| code(&p.verdict)),
        "carried": bytes(|p| u8::from(p.carried)),
        "s": scalars(&|p| chain.steps()[p.level].s),
        "time": scalars(&|p| chain.steps()[p.level].level.t),
        "gap": tested(|test| test.gap),
        "probability": tested(Test::probability),
        "lnU": tested(|test| test.ln_u().unwrap_or(f64::NAN)),
        "lnRatio": tested(|test| test.ln_ratio),
        "residual": tested(|test| test.residual.unwrap_or(f64::NAN)),
        "draftMean": image(positions.iter().map(|p| &p.draft_mean)),
        "draft": image(positions.iter().map(|p| &p.draft)),
        "targetMean": image(positions.iter().map(|p| &p.target_mean)),
        "prediction": image(positions.iter().map(|p| &p.prediction)),
        "state": image(&round.states),
    })
}

/// The page's number for a verdict.
fn code(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Accepted(_) => 0,
        Verdict::Rejected(_) => 1,
        Verdict::Deterministic => 2,
        Verdict::Discarded => 3,
    }
}

/// States of values in `[-1, 1]`, one behind the other.
pub fn image<'a>(states: impl IntoIterator<Item = &'a Vec<f64>>) -> Value {
    let bytes: Vec<u8> =
        states.into_iter().flatten().map(|x| ((x + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8).collect();
    json!({"image": STANDARD.encode(bytes)})
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use pollster::block_on;
    use serde_json::Value;
    use speculative_diffusion::targets::{Component, Mixture};
    use speculative_diffusion::{Chain, Noise, Sampler, Settings};

    use super::columns;

    #[test]
    fn what_was_not_tested_is_not_a_number() {
        let component = |mean: f64| Component { weight: 1.0, mean: vec![mean; 3], variance: vec![0.1; 3] };
        let target = Mixture::new(vec![component(1.0), component(-1.0)]).expect("a valid mixture");
        let chain = Chain::cosine(20, 1.0).expect("a valid chain");
        let sampler = Sampler::new(chain, Settings::default(), Noise::new(5, 0)).expect("a valid window");
        let trace = block_on(sampler.run(&target)).expect("a run");
        let bytes = |column: &Value, of: &str| STANDARD.decode(column[of].as_str().expect("a column")).expect("base64");
        let mut codes = Vec::new();
        for round in &trace.rounds {
            let columns = columns(round, sampler.chain(), 0.0);
            let verdicts = bytes(&columns["verdict"], "u8");
            for name in ["gap", "probability", "lnU", "lnRatio"] {
                let numbers = bytes(&columns[name], "f64");
                let (numbers, _) = numbers.as_chunks::<8>();
                assert_eq!(numbers.len(), verdicts.len());
                for (number, code) in numbers.iter().zip(&verdicts) {
                    assert_eq!(f64::from_le_bytes(*number).is_nan(), *code > 1, "{name} of verdict {code}");
                }
            }
            codes.extend(verdicts);
        }
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes, [0, 1, 2, 3], "the run should have every verdict");
    }
}
