"""Pure: which AWS calls each command makes, and the least-privilege policies that are made of that."""
