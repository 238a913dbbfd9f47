use speculative_diffusion::{Ask, Chain, Draft, Level, Rule, Sampler, Settings, Step};

/// A table of steps and a model from anywhere: refused, or a run that ends, or a model that is refused; never a panic.
pub fn feed(data: &[u8]) {
    // draft, rule, window; seed; start; then for each step A, B, s and what the model answers
    let Some((&[draft, rule, window], rest)) = data.split_first_chunk() else { return };
    let Some((seed, rest)) = rest.split_first_chunk() else { return };
    let number = |bytes: &[u8]| f64::from_le_bytes(bytes.try_into().expect("eight bytes"));
    let numbers: Vec<f64> = rest.chunks_exact(8).map(number).collect();
    let Some((&start, table)) = numbers.split_first() else { return };
    let table: Vec<[f64; 4]> = table.chunks_exact(4).map(|row| row.try_into().expect("four numbers")).collect();
    if table.len() > 24 || table.is_empty() {
        return;
    }
    let levels = table.len() as f64;
    let level = |i: usize| Level::cosine(1.0 - i as f64 / levels);
    let step = |(i, &[a, b, s, _]): (usize, &[f64; 4])| Step::new(level(i), a, b, s);
    let steps: Vec<Step> = table.iter().enumerate().map(step).collect();
    let model: Vec<f64> = table.iter().map(|row| row[3]).collect();
    let Ok(chain) = Chain::from_steps(steps, start) else { return };
    let settings = Settings::default()
        .draft(Draft::ALL[usize::from(draft) % Draft::ALL.len()])
        .rule(Rule::ALL[usize::from(rule) % Rule::ALL.len()])
        .window(1 + usize::from(window) % 16);
    let Ok(sampler) = Sampler::new(chain, settings) else { return };
    let mut run = sampler.run(u64::from_le_bytes(*seed), 2);
    let mut asked = 0;
    for _ in 0..400 {
        let (ticket, rows) = match run.ask() {
            Ask::Estimate(ticket, batch) | Ask::Draft(ticket, batch) => (ticket, batch.len()),
            _ => break,
        };
        // whatever the model says, the same question is never asked for ever
        let estimates: Vec<f64> = (0..2 * rows).map(|i| model[(asked + i) % model.len()]).collect();
        asked += 1;
        if run.answer(ticket, &estimates).is_err() {
            return;
        }
    }
    assert!(run.is_done() || asked >= 400);
}
