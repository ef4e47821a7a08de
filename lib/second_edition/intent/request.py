"""Read a record of which a DNS request is made or published: who signed it, its identity, and the request."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from second_edition.dns.request_sheet import Request
from second_edition.errors import AccessError
from second_edition.events.parts import Asker
from second_edition.evidence.archived import Archived, RecordError, sound_record
from second_edition.evidence.record import Record
from second_edition.evidence.request import command, supported
from second_edition.evidence.seal import SealError
from second_edition.evidence.world import World
from second_edition.intent.parameters import error
from second_edition.messages import Language, ambient, say
from second_edition.settings import FIELDS, REACHED_BY, Parameters

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
        world: in which its run acted.
        again: the command that makes such a record in the world that stands there now.
    """

    of: Asker
    request: Request
    taken: dict[str, str]
    world: World | None
    again: str

    def check_world(self, here: World | None, language: Language) -> None:
        """Refuse the record of a rehearsal in another world: the key that it asks for is not the one that stands here.

        Raises:
            AccessError: it is of another sandbox or twin, or of this one before it was reset.
        """
        if self.world is not None and self.world.sandbox and not self.world.same_dns(here):
            values = {"record": self.of.record, "command": self.again}
            raise AccessError.said("publish", "reset", language, "zone/unwritten", **values)


def read(asked: Parameters, language: Language) -> tuple[Parameters, Asked]:
    """Return the parameters of a run that publishes a record's request, and that request.

    Raises:
        ParameterError: no record is named.
        RecordError: as ``signed``.
        AccessError: it is of a rehearsal whose sandbox is gone.
    """
    if not asked.of:
        raise error("no-record", language)
    archived, record, request = signed(Path(asked.of), asked.language or language)
    first = record.begin
    world = World.of(first)
    if first.target != "aws" and world is None:  # a sandbox of the run's own
        raise AccessError.said("publish", "gone", language, "zone/unwritten", path=archived.path)
    taken = {"domain": request.domain, "selector": request.selector}
    for name, one in first.parameters.items():
        open_here = name in GIVEN and getattr(asked, name) == FIELDS[name].default
        if open_here and one.source in ("parameter", "cell"):
            taken[name] = one.value
    of = Asker(run=first.run, record=archived.path.name, head=archived.evidence.head)
    return replace(asked, **taken), Asked(of, request, taken, world, command(record))


def signed(notebook: Path, language: Language | None) -> tuple[Archived, Record, Request]:
    """Return a record's notebook whose signer is trusted, the record, and its request.

    Who may put files anywhere shall not choose the key.

    Args:
        notebook: the record.
        language: of the error; the environment's where none is given.

    Raises:
        RecordError: it is no record, its evidence contradicts itself, it proved no key pair, or ``byodkim verify``
            would not trust its signer; or a key that is trusted cannot be read.
        ParameterError: ``byodkim.toml`` cannot be read.
    """
    from second_edition.intent.trust import trusted  # only where a record is given

    archived, spoken = sound_record(notebook, language), language or ambient()
    record, request = supported(archived, spoken)
    try:
        keys = trusted((), (), None, spoken).keys
    except SealError as unread:
        raise RecordError(unread.what, say("request", "signer", spoken), unread.todo) from None
    if archived.signer not in keys:
        key, values = "untrusted" if archived.signer else "unsigned", {"record": notebook.name, "key": archived.signer}
        raise RecordError.said("request", key, spoken, "signer", **values)
    return archived, record, request
