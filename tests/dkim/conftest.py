"""Generated examples may take as long as they take: the first one of a run waits for its key pairs."""

from __future__ import annotations

import sys

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

# Homebrew has no Mail::DKIM, so the three judges sit on Linux only.
collect_ignore = ["test_judges.py"] if sys.platform == "darwin" else []
