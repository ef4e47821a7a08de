"""Generated examples may take as long as they take: the first one of a run waits for its key pairs."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
