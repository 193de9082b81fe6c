//! What can be asked. Pure: values and arithmetic only.
