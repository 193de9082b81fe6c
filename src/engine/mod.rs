//! Where questions are answered on this machine: event files become columns, columns become a table.
