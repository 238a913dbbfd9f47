use speculative_diffusion_unet::{Sidecar, sha256};

/// A weights file from anywhere, whose length and hash its sidecar confirms: refused, or a network.
pub fn feed(data: &[u8]) {
    let sidecar = serde_json::json!({
        "name": "tiny",
        "network": {"channels": 1, "size": 4, "patch": 2, "base": 8, "multipliers": [1], "classes": ["a"]},
        "prediction": "velocity", "schedule": "cosine", "bytes": data.len(), "sha256": sha256(data),
    });
    let sidecar = Sidecar::parse(&sidecar.to_string()).expect("a good sidecar");
    if let Err(error) = sidecar.load(data) {
        assert!(!error.to_string().is_empty());
    }
}
