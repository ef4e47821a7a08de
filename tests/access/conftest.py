"""A standing sandbox and projects, as for the notebooks' stories."""

from tests.notebooks.conftest import home, troupe

__all__ = ["home", "troupe"]
