//! The engine from outside: files that grow, turn and break, and figures that must equal a plain count.
