//! What it looks like. Pure: the state in, cells out.
