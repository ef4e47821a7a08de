"""Publishing a key record, planned: what stands at its name, what is wanted there, and the exact change. Pure.

Only the TXT records at the key record's own name are ever part of a plan. A record that is none of ours is not touched,
unless the caller names the very value that is to be replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from second_edition.dkim import character_string
from second_edition.dkim.key_record import KeyRecordInvalid, parse
from second_edition.dkim.published import Verdict
from second_edition.messages.zone import TEXTS
from second_edition.plain import plain
from second_edition.rotation.findings import Phrase
from second_edition.rotation.record_set import Aim, Change, Publication, RecordSet, Standing, Wanted

REVOKED_VALUE: Final = "v=DKIM1; k=rsa; p="
"""A key record without a key: receivers take its signatures for invalid (RFC 6376 section 3.6.1, the tag ``p=``)."""


#: What each server says where the name is as wanted.
AS_WANTED: Final = {Aim.PUBLISH: Verdict.THE_KEY, Aim.REVOKE: Verdict.REVOKED, Aim.REMOVE: Verdict.ABSENT}


class NotPlanned(Exception):
    """No change can be planned at this name.

    Attributes:
        reason: a key of the catalogue ``zone`` after ``refused.``.
        observed: what stands there; ``todo``: what to do about it, ``None`` for what the catalogue says.
    """

    def __init__(self, reason: str, todo: Phrase | None = None, /, **values: str | Phrase) -> None:
        self.reason, self.observed = reason, Phrase(TEXTS[f"refused.{reason}"], values)
        self.todo = todo or Phrase(TEXTS[f"refused.{reason}.todo"])
        super().__init__(reason)


def why(code: str, message: str) -> Phrase | str:
    """Return what the error of a zone's keeper means, after a blank; "" where nothing more is known."""
    text = TEXTS.get(f"why.{code}") or (TEXTS["why.said"] if message else "")
    return Phrase(text, {"message": message.rstrip(".")}) if text else ""


def replaced(change: Change | None, wanted: Wanted) -> bytes | None:
    """Return the value of a record that is none of the key's own, where a change replaces one."""
    if change is None or change.before is None or _ours(change.before.values[0], wanted):
        return None
    return change.before.values[0]


def publishing(name: str, value: str, ttl: int, sha256: str) -> Wanted:
    """Return the wish that the key record of a key stands at ``name``. ``ttl`` in seconds."""
    return Wanted(name.lower(), Aim.PUBLISH, sha256, value, ttl)


def revoking(name: str, ttl: int, sha256: str) -> Wanted:
    """Return the wish that the key is revoked: the record stays, with an empty ``p=``. ``ttl`` in seconds."""
    return Wanted(name.lower(), Aim.REVOKE, sha256, REVOKED_VALUE, ttl)


def removing(name: str, sha256: str) -> Wanted:
    """Return the wish that the record of the key, revoked or not, goes."""
    return Wanted(name.lower(), Aim.REMOVE, sha256)


def make(
    standing: Standing, wanted: Wanted, digest: Callable[[Mapping[str, Any]], str], replacing: str = ""
) -> Publication:
    """Return the plan that makes the name stand as wanted.

    Args:
        standing: what stands there now.
        wanted: what is to stand there.
        digest: of canonical JSON.
        replacing: the value (in one piece) of the one record that may be replaced although it is another.

    Raises:
        NotPlanned: another record stands there: a CNAME, several TXT records, or one that is none of ours.
    """
    made = Publication(wanted, standing.zone, _change(standing, wanted, replacing), replacing, "")
    content = plain(made)
    del content["digest"]
    return replace(made, digest=digest(content))


def _change(standing: Standing, wanted: Wanted, replacing: str) -> Change | None:
    found, after = standing.found, wanted.record_set
    if standing.other:
        reason = "cname" if standing.other.startswith("CNAME ") else "policy"
        withdraw = reason == "cname" and wanted.aim is not Aim.PUBLISH
        todo = Phrase(TEXTS["refused.cname.withdraw"]) if withdraw else None
        raise NotPlanned(reason, todo, name=wanted.name, other=standing.other)
    if found is None:
        # A record that is gone need not be revoked.
        return Change(standing.zone, standing.name, None, after) if wanted.aim is Aim.PUBLISH else None
    if len(found.records) > 1:
        raise NotPlanned("several", name=wanted.name, count=str(len(found.records)))
    value = found.values[0]
    if not _ours(value, wanted) and value != replacing.encode():
        raise NotPlanned("another", name=wanted.name, value=character_string.escaped(value))
    return None if _stands(found, wanted) else Change(standing.zone, standing.name, found, after)


def _ours(value: bytes, wanted: Wanted) -> bool:
    """Return whether the record is the key's own: it holds the key, or held one and was revoked."""
    return _says(value) == wanted.sha256 or (wanted.aim is not Aim.PUBLISH and _says(value) == "revoked")


def _stands(found: RecordSet, wanted: Wanted) -> bool:
    """Return whether nothing is to be done: a record that says the same in other words is let be."""
    after, says = wanted.record_set, _says(found.values[0])
    if after is None:
        return False
    if found.values == after.values:
        return found.ttl == after.ttl
    return says == ("revoked" if wanted.aim is Aim.REVOKE else wanted.sha256)


def _says(value: bytes) -> str:
    """Return the SHA-256 of the key that a record holds, or ``revoked``; "" for anything else."""
    try:
        return parse((value,)).public_key.sha256
    except KeyRecordInvalid as invalid:
        return "revoked" if invalid.defect == "revoked" else ""


def resolved(standing: Standing, change: Change) -> bool | None:
    """Return whether a change was applied, by what stands now; ``None`` for neither what was nor what was wanted."""
    for known, applied in ((change.after, True), (change.before, False)):
        if (standing.found is None and known is None) or (standing.found and standing.found.same(known)):
            return applied if not standing.other else None
    return None
