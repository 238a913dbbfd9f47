//! A hand that pushes a block to its goal, led by a diffusion policy, in a world of its own: for one figure.

use js_sys::{Array, Float64Array, Object};
use policy::{DIM, Dice, Meanwhile, Network, Policy, Pose, Robot, Sidecar, TICK_SECONDS, Vector, World};
use speculative_diffusion::{Ask, Chain, Noise, Round, Run, Sampler, Settings, Window};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::columns::{self, image, set};
use crate::error::WebError;
use crate::number::{MAX_SAFE, whole};

/// Steps of a plan's chain.
const STEPS: usize = 100;
/// Ticks of a plan that are carried out before the hand looks again, where it stands still meanwhile and where it goes on.
const CARRIED_OUT: [usize; 2] = [8, 2];
/// Plans of a fan.
const MOST_PLANS: f64 = 64.0;

/// The policy, and how its plans are drawn.
#[wasm_bindgen]
pub struct Hands {
    policy: Policy,
    standard: Sampler,
    speculative: Sampler,
}

/// A policy that is being loaded, in steps between which the page's thread is free.
#[wasm_bindgen]
pub struct Loading {
    weights: Vec<u8>,
    sidecar: Sidecar,
    done: Loaded,
}

/// What the steps so far have made.
enum Loaded {
    Nothing,
    Verified,
    Network(Network),
}

#[wasm_bindgen]
impl Loading {
    /// From the weights and their sidecar.
    ///
    /// # Errors
    /// `field` is `weights`.
    #[wasm_bindgen(constructor)]
    pub fn new(weights: Vec<u8>, sidecar: &str) -> Result<Loading, JsValue> {
        let sidecar = Sidecar::parse(sidecar).map_err(refused)?;
        Ok(Self { weights, sidecar, done: Loaded::Nothing })
    }

    /// The next step: the policy, or nothing while there is more to do.
    ///
    /// # Errors
    /// `field` is `weights`.
    pub fn step(&mut self) -> Result<Option<Hands>, JsValue> {
        self.done = match &self.done {
            Loaded::Nothing => {
                self.sidecar.verify(&self.weights).map_err(refused)?;
                Loaded::Verified
            }
            Loaded::Verified => Loaded::Network(self.sidecar.build(&self.weights).map_err(refused)?),
            Loaded::Network(network) => return Ok(Some(Hands::new(network)?)),
        };
        Ok(None)
    }
}

fn refused(error: impl std::fmt::Display) -> WebError {
    WebError::new("weights", error.to_string())
}

impl Hands {
    fn new(network: &Network) -> Result<Self, WebError> {
        // windows of one step are the standard sampler
        let sampler = |settings| Ok::<_, WebError>(Sampler::new(Chain::cosine(STEPS, 1.0)?, settings)?);
        let standard = sampler(Settings::default().window(Window::Fixed(1)))?;
        let policy = Policy::new(network, standard.chain());
        Ok(Self { policy, standard, speculative: sampler(Settings::default())? })
    }
}

#[wasm_bindgen]
impl Hands {
    /// A world of this seed with one hand in it. `speculative` says how the hand's plans are drawn.
    ///
    /// # Errors
    /// `field` is `seed`.
    pub fn scene(&self, seed: f64, speculative: bool) -> Result<Scene, JsValue> {
        let seed = whole("seed", seed, MAX_SAFE)? as u64;
        let world = World::random(&mut Dice::new(seed, 0));
        Ok(Scene {
            policy: self.policy.clone(),
            sampler: if speculative { &self.speculative } else { &self.standard }.clone(),
            seed,
            plans: 0,
            robot: Robot::new(&world, Meanwhile::Wait, CARRIED_OUT[0]),
            world,
            call_seconds: 0.01,
            delay: 0,
            lost: 0,
            thought: None,
            last: None,
        })
    }
}

/// A plan that is being made.
struct Thought {
    policy: Policy,
    block: Pose,
    noise: Noise,
    run: Run,
}

/// A plan that was made.
struct Made {
    policy: Policy,
    block: Pose,
    noise: Noise,
    calls: usize,
}

/// A world with a hand.
#[wasm_bindgen]
pub struct Scene {
    policy: Policy,
    sampler: Sampler,
    seed: u64,
    plans: u64,
    world: World,
    robot: Robot,
    call_seconds: f64,
    /// Ticks that the last plan took.
    delay: usize,
    /// Ticks in which the hand stood still or went by an old plan.
    lost: u32,
    thought: Option<Thought>,
    last: Option<Made>,
}

#[wasm_bindgen]
impl Scene {
    /// How long a call of the network is taken to last, in seconds, and whether the hand goes on meanwhile.
    ///
    /// # Errors
    /// `field` is `call`.
    pub fn configure(&mut self, call: f64, go_on: bool) -> Result<(), JsValue> {
        if !(0.0..=1.0).contains(&call) {
            return Err(WebError::of("call", format!("is {call}: choose 0 to 1 seconds")).into());
        }
        self.call_seconds = call;
        self.robot.meanwhile = if go_on { Meanwhile::GoOn } else { Meanwhile::Wait };
        self.robot.carried_out = CARRIED_OUT[usize::from(go_on)];
        Ok(())
    }

    /// Makes up to `calls` calls for the plan that is being made, ahead of the world's time. Whether there is more to do.
    ///
    /// # Errors
    /// `field` is `run`.
    pub fn think(&mut self, calls: u32) -> Result<bool, JsValue> {
        for _ in 0..calls {
            let Some(thought) = self.thought.as_mut().filter(|thought| !thought.run.is_done()) else {
                return Ok(false);
            };
            step(&mut thought.run, &thought.policy)?;
        }
        Ok(true)
    }

    /// Goes on by a tick of a tenth of a second.
    ///
    /// # Errors
    /// `field` is `run`.
    pub fn tick(&mut self) -> Result<(), JsValue> {
        if self.robot.is_due(self.delay) {
            self.robot.observe();
            let noise = Noise::new(self.seed, self.plans);
            self.plans += 1;
            let run = self.sampler.run(noise, DIM);
            let mut policy = self.policy.clone();
            policy.see(&[self.world.observe()]);
            self.thought = Some(Thought { policy, block: self.world.block, noise, run });
        }
        if let Some(elapsed) = self.robot.thinking() {
            self.deliver(elapsed)?;
        }
        let command = self.robot.command();
        self.lost += u32::from(self.robot.thinking().is_some());
        self.world.tick(command);
        Ok(())
    }

    /// The world as it is: hand (x, y), block (x, y, angle), goal (x, y, angle), coverage; calls of the last plan, its ticks,
    /// plans so far, lost ticks, whether a plan is being made.
    pub fn state(&self) -> Float64Array {
        let World { hand, block, goal, .. } = self.world;
        let calls = self.last.as_ref().map_or(0, |made| made.calls);
        Float64Array::from(
            [
                hand[0],
                hand[1],
                block.at[0],
                block.at[1],
                block.angle,
                goal.at[0],
                goal.at[1],
                goal.angle,
                self.world.coverage(),
                calls as f64,
                self.delay as f64,
                self.plans as f64,
                f64::from(self.lost),
                f64::from(u8::from(self.robot.thinking().is_some())),
            ]
            .as_slice(),
        )
    }

    /// Commands that are still to come, x and y of each.
    pub fn ahead(&self) -> Float64Array {
        numbers(self.robot.ahead())
    }

    /// Puts the block elsewhere. A hand that is in the way gives way.
    #[wasm_bindgen(js_name = putBlock)]
    pub fn put_block(&mut self, x: f64, y: f64, angle: f64) {
        self.world.put_block(Pose::new(x, y, angle));
    }

    /// Puts the goal elsewhere.
    #[wasm_bindgen(js_name = putGoal)]
    pub fn put_goal(&mut self, x: f64, y: f64, angle: f64) {
        self.world.put_goal(Pose::new(x, y, angle));
    }

    /// Block or goal gets a kick, the same for every world in the same state. Whether there was room.
    ///
    /// # Errors
    /// `field` is `number`.
    pub fn kick(&mut self, number: f64) -> Result<bool, JsValue> {
        let number = whole("number", number, MAX_SAFE)? as u64;
        Ok(self.world.kick(&mut Dice::new(self.seed, 1 + number)))
    }

    /// The last plan again, with all that led to it: `{start, rounds, plan, block, hand}`, rounds as an engine's, paths in the
    /// plane by [`Scene::path`]. Nothing before the first plan.
    ///
    /// # Errors
    /// `field` is `run`.
    pub fn open(&self) -> Result<JsValue, JsValue> {
        let Some(made) = &self.last else { return Ok(JsValue::UNDEFINED) };
        let mut run = self.sampler.run(made.noise, DIM);
        let object = Object::new();
        set(&object, "start", image(run.state().y()));
        let rounds = Array::new();
        while !run.is_done() {
            if let Some(round) = step(&mut run, &made.policy)? {
                rounds.push(&columns::round(&round, self.sampler.chain()));
            }
        }
        set(&object, "rounds", rounds);
        Ok(object.into())
    }

    /// States or estimates of the last plan as places in the plane, 32 numbers each.
    pub fn path(&self, states: &[f64]) -> Float64Array {
        let Some(made) = &self.last else { return Float64Array::new_with_length(0) };
        let places = states.chunks_exact(DIM).flat_map(|state| placed(&made.policy, &made.block, state));
        numbers(&places.collect::<Vec<_>>())
    }

    /// So many plans that might have been chosen at the last observation, from number `first` on, as places in the plane.
    ///
    /// # Errors
    /// `field` is `first`, `count` or `run`.
    pub fn fan(&self, first: f64, count: f64) -> Result<Float64Array, JsValue> {
        let first = whole("first", first, MAX_SAFE)? as u64;
        let count = whole("count", count, MOST_PLANS)? as u64;
        let Some(made) = &self.last else { return Ok(Float64Array::new_with_length(0)) };
        let mut places = Vec::new();
        for number in first..first + count {
            let mut run = self.sampler.run(Noise::new(self.seed.wrapping_add(1 << 40), number), DIM);
            while !run.is_done() {
                step(&mut run, &made.policy)?;
            }
            places.extend(placed(&made.policy, &made.block, run.state().y()));
        }
        Ok(numbers(&places))
    }
}

impl Scene {
    /// Gives the hand its plan if the calls for it have taken no longer than the ticks since the observation.
    fn deliver(&mut self, elapsed: usize) -> Result<(), JsValue> {
        let seconds = self.call_seconds;
        let ticks = |calls: usize| (calls as f64 * seconds / TICK_SECONDS).ceil() as usize;
        let passed = |thought: &Thought| ticks(thought.run.costs().calls) <= elapsed;
        while self.thought.as_ref().is_some_and(|thought| passed(thought) && !thought.run.is_done()) {
            self.think(1)?;
        }
        if let Some(Thought { policy, block, noise, run }) = self.thought.take_if(|thought| passed(thought)) {
            self.robot.take(placed(&policy, &block, run.state().y()), 0);
            let calls = run.costs().calls;
            self.delay = ticks(calls);
            self.last = Some(Made { policy, block, noise, calls });
        }
        Ok(())
    }
}

fn numbers(places: &[Vector]) -> Float64Array {
    Float64Array::from(places.as_flattened())
}

fn placed(policy: &Policy, block: &Pose, sample: &[f64]) -> Vec<Vector> {
    policy.commands(0, sample).into_iter().map(|p| block.world(p)).collect()
}

/// One call, and the round that it ends.
fn step(run: &mut Run, policy: &Policy) -> Result<Option<Round>, WebError> {
    let Ask::Estimate(ticket, batch) = run.ask() else { return Ok(None) };
    let estimates = policy.estimates(batch)?;
    Ok(run.answer(ticket, &estimates)?)
}
