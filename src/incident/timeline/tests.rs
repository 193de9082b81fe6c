//! How entries read as lines.

use super::*;

#[test]
fn given_burn_rates_when_said_then_to_the_nearest() {
    let cases = [(0, "0"), (40, "0.0"), (3_360, "3.4"), (933, "0.9"), (14_400, "14.4"), (14_000, "14")];
    let large = [(99_949, "99.9"), (99_960, "100"), (333_499, "333"), (333_500, "334")];
    for (milli, said) in cases.into_iter().chain(large) {
        assert_eq!(rate(milli), said, "{milli}");
    }
}
