//! A rehearsed world of real parts: from a scenario, a seed and what was switched it says which lines its event files gain, what its
//! people write and which hosts serve. Pure: the same arguments give the same world, however its time is cut. It must not know files,
//! clocks or the screen; whoever runs the drill writes the lines and reads the flag file.

pub mod chance;
pub mod guide;
pub mod hosts;
pub mod load;
pub mod past;
pub mod request;
pub mod rules;
pub mod said;
pub mod scenario;
pub mod traffic;
pub mod world;

/// Every scenario by its name, and its text.
pub const SCENARIOS: &[(&str, &str)] = &[
    ("missing-binary", include_str!("../../assets/drills/missing-binary.toml")),
    ("config-not-sent", include_str!("../../assets/drills/config-not-sent.toml")),
    ("bad-data-push", include_str!("../../assets/drills/bad-data-push.toml")),
    ("unseen-401", include_str!("../../assets/drills/unseen-401.toml")),
    ("hot-customer", include_str!("../../assets/drills/hot-customer.toml")),
];

/// The scenario of this name, read. `None` when there is none of this name.
///
/// # Errors
/// Says file, line and what is wrong with it.
pub fn scenario(name: &str) -> Option<Result<scenario::Scenario, scenario::Mistake>> {
    let (name, text) = SCENARIOS.iter().find(|(known, _)| *known == name)?;
    Some(scenario::Scenario::parse(&format!("assets/drills/{name}.toml"), text))
}

#[cfg(test)]
mod tests;
