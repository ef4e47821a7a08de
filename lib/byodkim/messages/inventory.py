"""Words of ``byodkim inventory``."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "listing": "Listing identities: {count} so far.",
    "progress": "{rows} of {all} identities; {left}",
    "left": "about {time} left.",
    "left.unknown": "how long the rest takes is not known yet.",
    "resumed": "Going on with the inventory that was begun at {at}: {rows} identities are known already ({path}).",
    "taken": "Identities of {place} that were looked at: {rows}. All of it is in {path}.",
    "stopped": "What is known so far is kept in {path}; the same command goes on from there within a day. Nothing was changed in AWS or DNS.",
    "unwritable": "The inventory cannot be kept at {path} ({reason}).",
    "csv": "{path} cannot be written ({reason}).",
    "unwritable.means": "Nothing was changed in AWS or DNS.",
    "unwritable.todo": "Make room or give yourself access, or name another folder with --archive (another file with --csv).",
    "record.unasked": "not asked: no selector of its own",
    "record.differ": "servers differ",
    "record.unfound": "name servers not found",
}
