"""Free text such as a ticket, and zone text that no reader of zone files takes: whatever looks like a key record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from second_edition.dns.reading import zone
from second_edition.dns.reading.markup import INVISIBLE
from second_edition.dns.reading.rows import NAME, NARROW, STRAIGHT, VALUE, Row

_MOST_LINES: Final = 64  # that one value may be wrapped over
_MOST_ENDS: Final = 4  # a comment may close a parenthesis too
_BEFORE_VALUE = re.compile(
    r"(?:^|\s)(?:(\d+[smhdw]?)\s+)?(?:IN\s+)?(?:(\d+[smhdw]?)\s+)?(TXT|CNAME)\s*\Z", re.IGNORECASE
)
_CLASS = re.compile(r"\s(CH(?:AOS)?|HS|HESIOD|NONE|ANY|CLASS\d+)\s", re.IGNORECASE)  # but IN, which zone files have
_KIND = re.compile(r"\b(TXT|CNAME)\b", re.IGNORECASE)
# A console's page has the unit in parentheses, and the number alone on the next line.
_TTL = re.compile(
    r"\bTTL\b(?:[ \t]*\([^()\d\n]*\))?[^\w\n]*(?:\n[ \t]*(?=\d[\w,]*[ \t]*$))?(\w+)", re.IGNORECASE | re.MULTILINE
)
_KEY_LIKE = re.compile(r"[A-Za-z0-9+/=]{16,}")
_REST_OF_KEY = re.compile(r"(?=.*[A-Z0-9+/=].*[A-Z0-9+/=])[A-Za-z0-9+/=]{2,}\Z")
_OWNER = re.compile(r"[ \t]*[\w.-]*domainkey[\w.-]*[ \t][^\"\n]*\b(?:TXT|TYPE16)\b", re.IGNORECASE)
_ORIGIN = re.compile(r"\s*\$ORIGIN\s+(\S*domainkey\S*\.)\s*(?:;.*)?\Z", re.IGNORECASE)
_RELATIVE = re.compile(r"(?!\d+[smhdw]?\s|IN\s)[\w-]+(?=[ \t][^\"\n]*\b(?:TXT|TYPE16)\b)", re.IGNORECASE)
_DELETES = re.compile(rf"^[> \t]*(?:update\s+)?del(?:ete)?\s+({NAME.pattern}).*", re.IGNORECASE | re.MULTILINE)
_AFTER = re.compile(
    r"(?:[|`」』】]|(?<=\")\t(?!\")|(?<=[\w+/=]{16}),).*\Z"
)  # a cell, a piece of code or a quotation ends


def from_text(text: str, *, bare_names: bool) -> list[Row]:
    """Return the key records of a text.

    Args:
        text: of any kind.
        bare_names: a name without any value is a row too.
    """
    deletions = list(_DELETES.finditer(text))
    lines, rows = _absolute(_DELETES.sub("", text).split("\n")), []
    for place in range(len(lines)):
        for size in _sizes(lines[place : place + _MOST_LINES]):
            following = lines[place + size] if place + size < len(lines) else ""
            if not following.lstrip().startswith('"') and (found := zone.rows("\n".join(lines[place : place + size]))):
                rows += [replace(one, line=place + 1) for one in found]
                lines[place : place + size] = [""] * size
                break
    rest = "\n".join(lines)
    bare_names = bare_names and not rows and not deletions
    visible = list(_found(rest.translate(INVISIBLE), bare_names=bare_names))
    # A name server does not pass over what a reader does not see.
    in_zone = any(row.form == "zone" for row in visible)
    rows += list(_found(rest, bare_names=bare_names)) if in_zone else visible
    added = {row.name.rstrip("."): row.line for row in rows}  # nsupdate replaces a record so
    lost = ((text.count("\n", 0, found.start(1)) + 1, found[1]) for found in deletions)
    return rows + [
        Row(line, name, "", "", "", "text", idle="deletes")
        for line, name in lost
        if line > added.get(name.rstrip("."), 0)
    ]


def _absolute(lines: list[str]) -> list[str]:
    """Return the lines with owners written in full that an $ORIGIN below _domainkey makes relative."""
    origin, found = "", list[str]()
    for line in lines:
        if directive := _ORIGIN.match(line):
            origin = f".{directive[1]}"
        owner = _RELATIVE.match(line) if origin else None
        found.append(f"{owner[0]}{origin}{line[owner.end() :]}" if owner else line)
    return found


def _sizes(lines: list[str]) -> Iterator[int]:
    """Yield how many of these lines may be one zone-file record: the first, or all up to a closing parenthesis."""
    if _OWNER.match(lines[0]):
        ends = [size for size, line in enumerate(lines, 1) if ")" in line] if "(" in lines[0] else [1]
        yield from ends[:_MOST_ENDS]


def _found(text: str, *, bare_names: bool) -> Iterator[Row]:
    """Yield a row wherever a value begins; its name is the nearest one before it, else the next one after it."""
    narrow = text.translate(NARROW).translate(STRAIGHT)
    names = [(found.start(), found.end(), found[0]) for found in NAME.finditer(narrow)]
    end, empty = 0, not VALUE.search(narrow)
    while found := VALUE.search(narrow, end):
        start, before = found.start() + len(found[0]) - len(found[0].lstrip()), end
        end = _ends(narrow, start)
        near = [name for name in names if before <= name[0] < start] or [name for name in names if name[0] >= end][:1]
        near = near or [name for name in names if name[0] < start]
        at, name_end, name = near[-1] if near else (start, start, "")
        between = narrow[name_end:start] if at < start else ""
        following = min([other[0] for other in names if other[0] >= max(end, name_end)], default=len(narrow))
        yield _row(text, narrow, name, (between, narrow[end:following]), at, slice(start, end))
    if bare_names and empty and names:
        at, name_end, name = names[0]
        yield _row(text, narrow, name, (narrow[name_end:], ""), at, slice(len(text), len(text)))


def _row(text: str, narrow: str, name: str, around: tuple[str, str], at: int, value: slice) -> Row:
    between = around[0]
    zone_text = _BEFORE_VALUE.search(between.rstrip(" \t")) if between.count("\n") == 0 else None
    owner = narrow[narrow.rfind("\n", 0, at) + 1 : at].strip() == ""
    line = narrow.count("\n", 0, min(at, value.start)) + 1
    written = text[value].strip()
    begins = narrow[narrow.rfind("\n", 0, value.start) + 1 : value.start].lstrip()
    idle = "commented-out" if begins.startswith((";", "#", "//")) else ""
    if zone_text and owner:
        kind = " ".join([*_CLASS.findall(between), zone_text[3]]).upper()
        return Row(line, name, kind, written, zone_text[1] or zone_text[2] or "", "zone")
    typed, ttl = (next(filter(None, map(pattern.search, around)), None) for pattern in (_KIND, _TTL))
    if "\n" not in written:
        written = _AFTER.sub("", written).rstrip()
    if written.endswith("'") and written.count("'") == 1:
        written = written[:-1]  # it closes a quotation that began before the value
    return Row(line, name, typed[1].upper() if typed else "", written, ttl[1] if ttl else "", "text", idle=idle)


def _ends(narrow: str, start: int) -> int:
    """Return where a value ends: with its line, or with the last of the lines that go on with it."""
    end = _line_end(narrow, start)
    open_parenthesis = narrow[start] == "(" and ")" not in narrow[start:end]
    for _ in range(_MOST_LINES):
        if end >= len(narrow):
            break
        following = _line_end(narrow, end + 1)
        line = narrow[end + 1 : following].lstrip(">| \t").rstrip()
        if not (open_parenthesis or _goes_on(line)):
            break
        end = following
        if ")" in line:
            break
    return end


def _line_end(narrow: str, start: int) -> int:
    found = narrow.find("\n", start)
    return len(narrow) if found < 0 else found


def _goes_on(line: str) -> bool:
    """Return whether a line belongs to the value above it: more base64, more quoted strings, or a tag."""
    if line[:1] in ('"', ")"):
        return True
    if re.match(r"[vkptshgn]\s*=", line):
        return not re.match(r"v\s*=", line)
    return " " not in line and bool(_KEY_LIKE.match(line) or _REST_OF_KEY.match(line))
