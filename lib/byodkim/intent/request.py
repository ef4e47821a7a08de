"""Read the record that a run of publish is given: its DNS request, its identity, and who signed it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from byodkim.dns.request_sheet import Request
from byodkim.errors import AccessError
from byodkim.events.parts import Asker
from byodkim.evidence import sealing_key
from byodkim.evidence.archived import RecordError
from byodkim.evidence.request import proved_in
from byodkim.evidence.sealing_key import KeyDefect
from byodkim.evidence.world import World
from byodkim.intent.parameters import error
from byodkim.messages import Language, say
from byodkim.settings import FIELDS, REACHED_BY, Parameters, Profile

#: What the record's run was given, and this one goes by too unless it is given another value.
GIVEN: Final = (
    "profile", "target", "secret_id", "key_bucket", *REACHED_BY, "nameservers", "language", "reason", "ticket",
    "requested_by",
)  # fmt: skip


class Asked(Struct, frozen=True):
    """Hold what a record asks for.

    Attributes:
        of: the run that it is of.
        request: the DNS request.
        taken: the values of parameters that it gives.
        signer: SHA-256 (hex) of the public key of its seal.
    """

    of: Asker
    request: Request
    taken: dict[str, str]
    signer: str


def read(asked: Parameters, language: Language) -> tuple[Parameters, Asked]:
    """Return the parameters of a run that publishes a record's request, and that request.

    Raises:
        ParameterError: no record is named.
        RecordError: it is none, its evidence contradicts itself, or it proved no key pair.
        AccessError: it is of a rehearsal whose sandbox is gone.
    """
    if not asked.of:
        raise error("no-record", language)
    archived, request = proved_in(Path(asked.of), asked.language or None)
    first = archived.events[0]
    if first["target"] != "aws" and World.of(first) is None:  # a sandbox of the run's own
        raise AccessError.said("publish", "gone", language, "unwritten", path=archived.path)
    taken = {"domain": request.domain, "selector": request.selector}
    for name, one in first["parameters"].items():
        open_here = name in GIVEN and getattr(asked, name) == FIELDS[name].default
        if open_here and one["source"] in ("parameter", "cell"):
            taken[name] = str(one["value"])
    of = Asker(str(first["run"]), archived.path.name, archived.evidence.head)
    return replace(asked, **taken), Asked(of, request, taken, archived.signer)


def check_signer(asked: Asked, section: Profile, language: Language) -> None:
    """Refuse a record that somebody else signed: whoever can put files into the archive would write DNS by it.

    Raises:
        RecordError: its seal is by none of the profile's ``sealing_keys``, nor by this user's own key; or one of these
            cannot be read.
    """
    try:
        known = sealing_key.trusted(section.sealing_keys, section.folder)
    except KeyDefect as defect:
        why = say("seal", defect.code, language, where=defect.where, reason=defect.reason)
        raise RecordError(why, say("publish", "unwritten", language)) from None
    if asked.signer in known:
        return
    key = "untrusted" if asked.signer else "unsigned"
    raise RecordError.said("publish", key, language, "unwritten", record=asked.of.record, key=asked.signer)
