"""Words of the review notebook, which reads archived runs."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "unknown": "The review has no parameter {name}; it knows: {known}. Nothing was read.",
    "text": "The parameter {name} must be text: give it with -r. Nothing was read.",
    "language": "The parameter language must be one of: {known}. Nothing was read.",
    "two": "The parameter runs must name two runs with a comma between them, or none.",
    "identity": "The archive holds no run of {identity}; it knows: {known}.",
    "sound": "Every run verifies: its journal, its seal, its notebook, and its place after the run before it.",
    "unsound": "The evidence of these runs does not verify: do not rely on what they say.",
}
