//! Where questions are answered on this machine: event files become columns, columns become a table.
//!
//! [`events`] is the door: open a file or a directory, poll it as it grows, ask for a series. Behind it, in the order in which a byte travels:
//! [`places`] says which files there are, [`follow`] reads one after the other, [`tail`] takes what is new in one of them ([`source`] reads it, [`parcel`] and [`pack`] unpack it), [`form`] tells what it is and where its records end, [`intake`] has each record turned into
//! values ([`line`](mod@line) JSON, [`batch`] arrays of it, [`otlp`], [`csv`], [`access`] logs; [`when`] finds the time, [`names`] the fields, [`alias`] what else they are called), [`store`] puts them into typed [`column`](mod@column)s in blocks ([`lanes`]: two at a time), [`select`] finds the rows a filter means, [`tally`] counts them and [`breakdown`] tells them apart; [`records`] hands records on one by one instead;
//! [`span`] says where nothing is known and [`notes`] what a filter did not see.
//! It must not know of clocks, incidents, journals or the screen. Times are µs UTC.

pub mod access;
pub mod alias;
pub mod batch;
pub mod bits;
pub mod breakdown;
pub mod column;
pub mod csv;
pub mod events;
pub mod follow;
pub mod form;
pub mod intake;
pub mod lanes;
pub mod line;
pub mod names;
pub mod notes;
pub mod otlp;
pub mod pack;
pub mod parcel;
pub mod places;
pub mod question;
pub mod records;
pub mod select;
pub mod source;
pub mod span;
pub mod store;
pub mod tail;
pub mod tally;
pub mod when;
