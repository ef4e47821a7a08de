"""Standing sandboxes and projects, as for the notebooks' stories."""

from tests.notebooks.conftest import home, sandboxes, troupe

__all__ = ["home", "sandboxes", "troupe"]
