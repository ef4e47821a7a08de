"""The procedures, a package each."""
