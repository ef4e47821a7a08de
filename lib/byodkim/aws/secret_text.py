"""The secret's text with one selector more, or one less: in the shape that it has, with every other entry as it was."""

from __future__ import annotations

import json
from typing import Any, Final

from byodkim.aws.key_store import MAX_DEPTH, Entry, parse_secret

PREVIOUS: Final = "previous"
LARGEST: Final = 65_536  # bytes of a secret (AWS Secrets Manager User Guide, "Quotas")


class SecretUnfit(Exception):
    """The text cannot be changed so. ``code`` says why; nothing of the text is kept."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def with_entry(text: str, new: Entry) -> str:
    """The secret's text with ``new`` as one more entry; the same for the same text and entry.

    Where the secret is one entry, as generators write it, the new one takes its place at the top, so that whoever reads
    ``selector`` there goes on to, and the one that was there is kept in a list under ``previous``. Where it holds
    several, in a list or by names, the new one is put beside them.

    Raises:
        SecretUnfit: ``not-json``, ``no-entry`` or ``private-key-inside``; ``there``, the selector is named already;
            ``too-large``; or ``shape``, its entries stand where none can be put beside them.
    """
    entries, defect = parse_secret(text)
    if defect:
        raise SecretUnfit(defect)
    if any(one.selector == new.selector for one in entries):
        raise SecretUnfit("there")
    made = json.dumps(_added(json.loads(text), new), ensure_ascii=False)
    found, _ = parse_secret(made)
    # Whatever was done, nothing may be lost by it and nothing else may come of it.
    if sorted(map(repr, found)) != sorted(map(repr, (*entries, new))):
        raise SecretUnfit("shape")
    if len(made.encode()) > LARGEST:
        raise SecretUnfit("too-large")
    return made


def without_entry(text: str, selector: str) -> str:
    """The secret's text without what it says of ``selector``; the same for the same text and selector.

    The whole entry goes, with whatever stands in it; what stands beside it, and every other entry, is as it was. A list
    under ``previous`` that has become empty goes too: so the text is what it was before another entry was put in its
    place.

    Raises:
        SecretUnfit: ``not-json``, ``no-entry`` or ``private-key-inside``; ``absent``, the selector is not named;
            ``own``, the secret is that entry, which is what is read at its top; ``last``, it names no other; or
            ``shape``, more would go with it.
    """
    entries, defect = parse_secret(text)
    if defect and not entries:
        raise SecretUnfit(defect)
    kept = [one for one in entries if one.selector != selector]
    data = json.loads(text)
    if len(kept) == len(entries):
        raise SecretUnfit("absent")
    if _is_entry(data) and data["selector"] == selector:
        raise SecretUnfit("own")
    if not kept:
        raise SecretUnfit("last")
    made = json.dumps(_without(data, selector, MAX_DEPTH), ensure_ascii=False)
    found, _ = parse_secret(made)
    if sorted(map(repr, found)) != sorted(map(repr, kept)):
        raise SecretUnfit("shape")
    return made


def _without(data: Any, selector: str, depth: int) -> Any:
    """``data`` without the entries of a selector, down to the depth in which entries are looked for."""

    def goes(part: Any) -> bool:
        return _is_entry(part) and part["selector"] == selector

    if not depth or not isinstance(data, dict | list):
        return data
    if isinstance(data, list):
        return [_without(part, selector, depth - 1) for part in data if not goes(part)]
    left = {name: _without(part, selector, depth - 1) for name, part in data.items() if not goes(part)}
    if left.get(PREVIOUS) == [] != data[PREVIOUS]:
        del left[PREVIOUS]
    return left


def _added(data: Any, new: Entry) -> Any:
    own = {"selector": new.selector, "dns_record": {"value": new.dns_value}, "s3_key_path": new.key_path}
    if _is_entry(data):
        left = {name: data[name] for name in own if name in data}
        earlier = data.get(PREVIOUS, [])
        kept = earlier if isinstance(earlier, list) else [earlier]
        return {**data, **own, PREVIOUS: [left, *kept]}
    if _beside(data, own, MAX_DEPTH):
        return data
    raise SecretUnfit("shape")


def _beside(data: Any, own: dict[str, Any], depth: int) -> bool:
    """Puts the entry beside the first one that is found; whether one was."""
    if not depth or not isinstance(data, dict | list):
        return False
    inner = list(data.values() if isinstance(data, dict) else data)
    if any(map(_is_entry, inner)):
        if isinstance(data, list):
            data.append(own)
        elif own["selector"] in data:
            return False
        else:
            data[own["selector"]] = own
        return True
    return any(_beside(part, own, depth - 1) for part in inner)


def _is_entry(data: Any) -> bool:
    return isinstance(data, dict) and isinstance(data.get("selector"), str) and isinstance(data.get("dns_record"), dict)
