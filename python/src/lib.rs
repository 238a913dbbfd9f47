//! What Python calls: chains, runs that share calls, a check. Python asks and answers; nothing here calls a model.

mod check;
mod error;
mod pool;
mod rounds;
mod scheduler;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    #[pymodule_export]
    use super::check::Check;
    #[pymodule_export]
    use super::check::judge;
    #[pymodule_export]
    use super::pool::Pool;
    #[pymodule_export]
    use super::scheduler::Scheduler;
    #[pymodule_export]
    use super::scheduler::karras;
}
