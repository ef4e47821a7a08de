"""Whole runs to look at: the fixtures of the tests of rotate."""

from tests.rotate.conftest import project, shared

__all__ = ["project", "shared"]
