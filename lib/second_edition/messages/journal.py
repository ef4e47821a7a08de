"""Words for what goes wrong with a journal."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "broken": "The journal {file} does not hold together at line {line}.",
    "broken.means": "It was altered after it was written, so it is no evidence of what was written to SES.",
    "broken.todo": "Compare it with a copy; look at the identity itself with a plan run.",
    "foreign": "Line {line} of the journal {file} is no event that byodkim writes.",
    "private": "The journal {file} holds what looks like a private key.",
    "private.means": "No run writes such a line, so somebody else put it there. SES was not touched.",
    "private.todo": "Find out who did. If it is a key, treat it as disclosed: make another pair and rotate to it. Move the file out of the archive, then run again.",
    "unwritable": "The run's journal {file} cannot be written ({reason}).",
    "unwritable.means": "Nothing is written to SES that was not written down before: a run that goes on from here says what SES has.",
    "unwritable.todo": "Make room or give write access to {folder}, then run again.",
}
