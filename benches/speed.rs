//! What speed is claimed, measured.

fn main() {
    divan::main();
}
