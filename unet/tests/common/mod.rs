//! The shipped networks.
#![allow(dead_code, reason = "each test file uses a part")]

use speculative_diffusion_unet::{Network, NetworkTarget, Sidecar};

/// Weights and their sidecar.
#[derive(Clone, Copy)]
pub struct Shipped {
    pub name: &'static str,
    pub weights: &'static [u8],
    pub sidecar: &'static str,
}

macro_rules! shipped {
    ($name:literal) => {
        Shipped {
            name: $name,
            weights: include_bytes!(concat!("../../../assets/", $name, ".bpk")),
            sidecar: include_str!(concat!("../../../assets/", $name, ".json")),
        }
    };
}

pub const FACES: Shipped = shipped!("faces");
pub const FACES_DRAFTER: Shipped = shipped!("faces-drafter");
pub const FASHION: Shipped = shipped!("fashion");
pub const FASHION_DRAFTER: Shipped = shipped!("fashion-drafter");
pub const ALL: [Shipped; 4] = [FACES, FACES_DRAFTER, FASHION, FASHION_DRAFTER];

impl Shipped {
    pub fn sidecar(&self) -> Sidecar {
        Sidecar::parse(self.sidecar).expect("the committed sidecar")
    }

    pub fn load(&self) -> Network {
        self.sidecar().load(self.weights).expect("the committed weights")
    }

    pub fn target(&self, class: &str, guidance: f64) -> NetworkTarget {
        NetworkTarget::new(self.load(), class, guidance).expect("a known class")
    }

    /// One for each class, without guidance.
    pub fn targets(&self) -> Vec<NetworkTarget> {
        let network = self.load();
        let target = |class: &String| NetworkTarget::new(network.clone(), class, 1.0).expect("a known class");
        network.config().classes.iter().map(target).collect()
    }
}

/// The largest difference of two vectors.
pub fn worst(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}
