//! Any network of burn's as a target, on whatever device burn computes; and this crate's own as a module of burn's, to
//! be trained.

mod blocks;
mod network;
mod target;
mod transfer;
mod unet;

pub use self::network::BurnUNet;
pub use self::target::BurnTarget;
pub use self::unet::{UNet, to_bytes};
