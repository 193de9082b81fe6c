//! What a report says, and that nothing from outside runs in it.
