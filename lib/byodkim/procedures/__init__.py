"""The procedures. Each module is one procedure, read from top to bottom."""
