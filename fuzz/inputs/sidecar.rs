use speculative_diffusion_unet::Sidecar;

/// A sidecar from anywhere: refused, or the description of a network whose memory is bounded.
pub fn feed(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let Ok(sidecar) = Sidecar::parse(text) else { return };
    assert!(sidecar.network.dim() > 0);
    assert!(sidecar.load(b"no weights").is_err());
}
