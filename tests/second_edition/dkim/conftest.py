"""Which judges are there."""

from __future__ import annotations

import sys

# Homebrew has no Mail::DKIM, so the three judges sit on Linux only.
collect_ignore = ["test_judges.py"] if sys.platform == "darwin" else []
