"""Words of the gate."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "found": "A piece of a private key or TSIG secret stands in {where}: it was neither written nor shown.",
    "means": "Whoever has seen where it came from may sign mail as this domain, or with a TSIG secret change its DNS.",
    "todo": "Treat the key as disclosed: make another pair and rotate to it (or another TSIG key); remove what it was in, and an output notebook that holds it as a parameter.",
    "unsearched": "The custodian, the child process that searches every text for key material, has ended: nothing more is written or shown.",
    "unsearched.means": "If a write was under way, it may have been applied or not.",
    "unsearched.todo": "Run the same command again: it reads back what stands first and does only what is missing.",
    "where.event": "what was to be written to the journal",
    "where.shown": "what was to be shown",
    "where.cells": "the notebook's own text or its parameters",
    "where.error": "the text of an error",
    "where.file": "a file for the DNS team",
    "where.notebook": "the executed notebook",
    "where.page": "the record's page",
}
