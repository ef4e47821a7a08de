"""Why a sandbox cannot be reached."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "not-started": "The sandbox did not start: {reason}.",
    "not-started.todo": 'Install the package with its sandbox extra: pip install "byodkim[sandbox]".',
    "silent": "No sandbox answers at {endpoint_url}.",
    "silent.todo": "Start one with `byodkim sandbox`, or correct the address.",
    "another-version": "What answers there is no sandbox of this version.",
    "another-version.todo": "Stop it, and start one with `byodkim sandbox` of this version.",
}
