"""A standing sandbox and projects, as for the notebooks' stories."""

from tests.second_edition.notebooks.conftest import home, troupe

__all__ = ["home", "troupe"]
