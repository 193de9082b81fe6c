//! flagd's flag file as a switch: what it serves, what a change would do to it, and the change. It must not know why
//! somebody changes it. JSON only.
//!
//! *Served* means what an application gets that sends no context. A disabled flag serves the application's own default,
//! never its `off` variant; a flag with targeting may serve some contexts something else.

mod carry;
mod document;
mod edit;
mod plan;
mod scan;
mod served;

pub use carry::{Expected, Fingerprint, carry, fingerprint, look, read};
pub use plan::{Plan, Wanted, plan};
pub use served::{CODE_DEFAULT, Listed, Served, State, list, resolve};
