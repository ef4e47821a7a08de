"""The secret's text with one selector more: in the shape that it has, with every other entry as it was."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final

from second_edition.aws.key_store import UNLIKE, Entry, Part, domain_of, load, mark_of, parse_secret, place_of
from second_edition.aws.secret_fields import FieldUnknown, NewKey, renewed

PREVIOUS: Final = "previous"
LARGEST: Final = 65_536  # bytes of a secret (AWS Secrets Manager User Guide, "Quotas")


class SecretUnfit(Exception):
    """The text cannot be changed so. ``code`` says why; nothing of the text is kept but names of a ``field``."""

    def __init__(self, code: str, field: str = "") -> None:
        self.code, self.field = code, field
        super().__init__(code)


def with_entry(text: str | bytes, new: NewKey) -> str:
    """Return the secret's text with an entry for ``new``; the same input gives the same text.

    Where the secret, or what it has under the domain, is one entry, as generators write it, the new one takes its
    place, so that whoever reads ``selector`` there goes on to, and the whole entry that was there is kept under
    ``previous``. Where it holds several, in a list or by names, the new one is put beside them. Its fields are those of
    the entry that it replaces or follows (``secret_fields``).

    Raises:
        SecretUnfit: ``not-json``, ``binary``, ``no-entry`` or ``private-key-inside``; ``there``, the selector is named
            already; ``field``, what fields are for a new key is not known; ``bucket``, its ``s3_bucket`` is not where
            the new key is; ``too-large``; or ``shape``, its entries stand where none can be put beside them.
    """
    entries, defect = parse_secret(text)
    if defect and defect not in UNLIKE:
        raise SecretUnfit(defect)
    if any(one.selector == new.entry.selector and one.is_of(new.entry.domain) for one in entries):
        raise SecretUnfit("there")
    try:
        changed = _added(Part(load(text)), new)
    except FieldUnknown as unknown:
        raise SecretUnfit("field", unknown.names) from None
    if changed is None:
        raise SecretUnfit("shape")
    made = mark_of(text) + json.dumps(changed, ensure_ascii=False)
    found, _ = parse_secret(made)
    # Whatever was done, nothing may be lost by it and nothing else may come of it.
    more = list((Counter(found) - Counter(entries)).elements())
    if len(found) != len(entries) + 1 or len(more) != 1:
        raise SecretUnfit("shape")
    if not _says(more[0], new.entry):
        other = more[0].bucket not in ("", new.entry.bucket)
        raise SecretUnfit(*(("bucket", more[0].bucket) if other else ("shape",)))
    if len(made.encode()) > LARGEST:
        raise SecretUnfit("too-large")
    return made


def _added(part: Part, new: NewKey) -> Any:
    """Return the part's data with the entry for ``new``; ``None`` where the domain has no entry in it."""
    if part.is_of(new.entry.domain):
        return _replaced(part, new)
    own = [(name, one) for name, one in part.parts() if one.is_of(new.entry.domain)]
    named = [name for name, _ in own if domain_of(name)]
    if own and not named:
        last = own[-1][1]
        alone = {name: one.data for name, one in last.parts() if not any(one.within())}
        made = renewed(alone, _said(last), new)
        if isinstance(part.data, list):
            return [*part.data, made]
        return None if new.entry.selector in part.data else {**part.data, new.entry.selector: made}
    for at, one in part.parts():
        changed = _added(one, new)
        if changed is not None:
            copy = part.data.copy()
            copy[at] = changed
            return copy
    return None


def _replaced(part: Part, new: NewKey) -> Any:
    """Return one entry with the new one in its place, and itself under ``previous``."""
    inner = {name for name, one in part.parts() if any(one.within())}
    whole = {name: value for name, value in part.data.items() if name not in {*inner, PREVIOUS}}
    earlier = part.data.get(PREVIOUS)
    nested = isinstance(earlier, dict) and PREVIOUS in inner
    foreign = not (nested or earlier is None or isinstance(earlier, list))
    made = renewed(whole, _said(part), new, [PREVIOUS] * foreign)
    left: Any = {**whole, PREVIOUS: earlier} if nested else [whole, *(earlier or [])]
    return {**{name: made.get(name, value) for name, value in part.data.items() if name in {*made, *inner}}, **made,
            PREVIOUS: left}  # fmt: skip


def _said(part: Part) -> Entry:
    if part.entry is None:
        raise SecretUnfit("shape")
    return part.entry


def _says(found: Entry, new: Entry) -> bool:
    """Return whether an entry that was read is the one that was to be written."""
    there = place_of(found.key_path, found.bucket or new.bucket) or found.key_path
    wanted = place_of(new.key_path, new.bucket) or new.key_path
    same = (found.selector, found.dns_value, there) == (new.selector, new.dns_value, wanted)
    return same and found.is_of(new.domain)
