"""One key pair: the same SHA-256 of the SubjectPublicKeyInfo at every place it stands, link by link."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from second_edition.dkim.key_record import KeyRecordInvalid, parse
from second_edition.dkim.published import Verdict
from second_edition.rotation.checks.case import Case, Expected
from second_edition.rotation.checks.key import UNUSABLE
from second_edition.rotation.checks.published import reason
from second_edition.rotation.checks.secret import SHAPELESS
from second_edition.rotation.checks.signature import SECRET
from second_edition.rotation.findings import Said, phrase
from second_edition.rotation.observation import Observation, SecretVersion

#: What is wrong with an entry of the secret or with a key object, by its code.
DEFECTS: Final = {
    **SHAPELESS,
    **UNUSABLE,
    "too-large": phrase("the object is too large for a key"),
    "unreadable": phrase("no whole private key"),
    "selector-absent": phrase("no entry for the selector"),
    "selector-twice": phrase("several entries for the selector"),
    "two-values": phrase("two different values for the selector"),
}


def defect(code: str) -> Said:
    """Return in words what is wrong with an entry of the secret or with a key object; "" where nothing is."""
    return DEFECTS.get(code) or (phrase("not valid: {code}", code=code) if code else "")


class Link(Struct, frozen=True):
    """One place: ``s3``, ``secret``, ``dns``, or ``message``: a signed one, verified with what a server gave.

    ``sha256`` is "" where no sound key was found, or the signature does not verify (see ``note``).
    """

    place: str
    where: str
    sha256: str
    note: str = ""

    @property
    def why(self) -> Said:
        """Return in words why the place shows no sound key."""
        return defect(self.note) if self.place in ("s3", "secret") else reason(self.note)


def links(seen: Observation) -> tuple[Link, ...]:
    """Return the chain of the next key pair: private key object, secret, every authoritative server.

    A secret that has no entry, because the selector needs none, is no link of it.
    """
    chain = []
    key, secret = seen.next_key.key, seen.next_key.secret
    if key is not None:
        where = f"s3://{key.bucket}/{key.key}" + (f" ({key.version_id})" if key.version_id else "")
        chain.append(Link("s3", where, key.sha256, key.defect))
    if secret is not None and Case(seen, Expected("", "")).returning is None:
        chain.append(_of_secret(secret))
    chain += _of_dns(seen)
    for result in seen.rehearsal.results if seen.rehearsal else ():
        if result.where != SECRET:
            chain.append(Link("message", result.where, "" if result.defect else result.sha256, result.defect))
    return tuple(chain)


def holds(chain: tuple[Link, ...]) -> bool:
    """Return whether every link shows one and the same key."""
    return len({link.sha256 for link in chain}) == 1 and bool(chain[0].sha256)


def unpublished(chain: tuple[Link, ...]) -> bool:
    """Return whether all that lacks is the key record at some servers, and nothing shows another key."""
    lacking = [link for link in chain if not link.sha256]
    absent = all((link.place, link.note) == ("dns", Verdict.ABSENT) for link in lacking)
    return bool(lacking) and absent and len({link.sha256 for link in chain if link.sha256}) == 1


def counted(chain: tuple[Link, ...]) -> tuple[int, int]:
    """Return at how many places the key stands, and how many signatures by its private key were verified besides."""
    signed = sum(link.place == "message" for link in chain)
    return len(chain) - signed, signed


def _of_dns(seen: Observation) -> list[Link]:
    """Return what every authoritative server serves; where port 53 is blocked, what stands in for them, if anything."""
    found = []
    for answer, judgement in seen.judged(seen.records, None):
        where = answer.server.name if seen.dns.by_encrypted else f"{answer.server.name} {answer.server}".strip()
        found.append(Link("dns", where, judgement.sha256, "" if judgement.sha256 else judgement.verdict.value))
    return found


def _of_secret(secret: SecretVersion) -> Link:
    where = f"{secret.name} {secret.stage} ({secret.version_id})"
    if secret.defect:
        return Link("secret", where, "", secret.defect)
    try:
        return Link("secret", where, parse((secret.dns_value.encode("utf-8", "surrogatepass"),)).public_key.sha256)
    except KeyRecordInvalid as error:
        return Link("secret", where, "", error.defect)
