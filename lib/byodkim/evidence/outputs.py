"""Digests of a run's outputs: in the journal before the output is seen, and compared with the notebook.

An entry names the step whose cell shows an output, and its place among the cell's outputs, or ``error`` for the error
with which the cell ends. Of a place that is shown anew the newest event counts; ``perhaps``: it need not be there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

HEADLINE: Final = "headline"
BEGIN: Final = "begin"
ERROR: Final = "error"

Entry = dict[str, Any]


def digest_of_bundle(bundle: Mapping[str, str]) -> str:
    """Return the SHA-256 (hex) over the canonical JSON of what is shown, by MIME type."""
    return _sha256(bundle)


def digest_of_error(name: str, text: str) -> str:
    """Return the SHA-256 (hex) of an error's type and text."""
    return _sha256({"ename": name, "evalue": text})


def _sha256(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def entry(step: str, output: int | str, sha256: str, *, perhaps: bool = False) -> Entry:
    """Return what the journal says of an output."""
    return {"step": step, "output": output, "sha256": sha256, **({"perhaps": True} if perhaps else {})}
