//! What can be asked. Pure: values and arithmetic only.

pub mod alert;
pub mod breakdown;
pub mod calendar;
pub mod disagreement;
pub mod doubts;
pub mod episode;
pub mod filter;
pub mod gone;
pub mod opinion;
pub mod paging;
pub mod pointer;
pub mod projection;
pub mod series;
pub mod shares;
pub mod slices;
pub mod slo;
pub mod state;
pub mod weeks;
pub mod weight;
pub mod window;
