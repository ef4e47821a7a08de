"""Key records out of what people send: one module a format. Each gives rows, or none where it is not its format."""
