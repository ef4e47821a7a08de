"""Words of ``byodkim inventory``."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "listing": "Listing identities: {count} so far.",
    "progress": "{rows} of {all} identities; {left}",
    "left": "about {time} left.",
    "left.unknown": "how long the rest takes is not known yet.",
    "seconds": "{count} s",
    "minutes": "{count} min",
    "resumed": "Going on with the inventory that was begun at {at}: {rows} identities are known already ({path}).",
    "taken": "Identities of {place} that were looked at: {rows}. All of it is in {path}.",
    "stopped": "What is known so far is kept in {path}; the same command goes on from there within a day. Nothing was changed in AWS or DNS.",
    "unwritable": "The inventory cannot be kept at {path} ({reason}).",
    "csv": "{path} cannot be written ({reason}).",
    "unwritable.means": "Nothing was changed in AWS or DNS.",
    "unwritable.todo": "Make room or give yourself access, or name another folder with --archive (another file with --csv).",
    "groups": "By DKIM status, key record and due date",
    "selectors": "By selector, the most frequent first",
    "wanting": "{count} want attention; the first {shown}",
    "column.identity": "identity",
    "column.selector": "selector",
    "column.status": "DKIM status",
    "column.record": "key record",
    "column.rotate-by": "rotate by",
    "column.due": "due",
    "column.count": "identities",
    "record.unasked": "not asked: no selector of its own",
    "record.differ": "servers differ",
    "record.unfound": "name servers not found",
}
