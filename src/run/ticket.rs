//! Which question an answer belongs to.

use core::sync::atomic::{AtomicU64, Ordering};

static ISSUED: AtomicU64 = AtomicU64::new(0);

/// Names one question of one [`Run`](crate::Run) or [`Pool`](crate::Pool). No two questions of a program have the same, so an
/// answer that comes late, or to the wrong place, is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u64);

impl Ticket {
    pub(crate) fn issue() -> Self {
        Self(ISSUED.fetch_add(1, Ordering::Relaxed))
    }
}
