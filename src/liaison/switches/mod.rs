//! What can be stopped and restored outside, one room for each kind of provider. It must not know why somebody stops it.
//!
//! Each room has one type for a configured target, made from a client and names, that answers the same questions in the values of
//! [`crate::incident::switch`]. Rooms whose provider is reached over the network, or runs for a while, answer `async`:
//!
//! * `look` reads what is served and changes nothing.
//! * `plan` reads, works out what a [`Wanted`](crate::incident::switch::Wanted) would do and changes nothing; the plan's `before` is the
//!   whole state it was worked out from.
//! * `carry` reads again, refuses as a *conflict* when the state is not the one that was planned on, sends **once**, and reads back. What is
//!   wanted is absolute, so being there already is *done*. A write that was sent and not answered is *unsure*, whatever it was.
//! * `observe` asks as an application does and says what it is served; where nobody can, it says so.
//! * `request` opens what the provider's own approvers have to agree to; `schedule` has the provider put something back by itself. Only
//!   where it can.
//! * `check` finds out whether the login, its permissions and its approvals will do, without changing anything.
//! * `changes` reads what its audit log says was changed, by whom.
//!
//! Text of providers is cleaned here, once.

pub mod command;
pub mod flagd;
pub mod launchdarkly;
pub mod ofrep;
pub mod unleash;
pub mod web;
