"""A standing sandbox and projects, as for the notebooks' stories."""

from tests.notebooks.conftest import home, standing, troupe

__all__ = ["home", "standing", "troupe"]
