"""The messages of a run verified again: what was found of them follows from what was written down of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from byodkim.evidence.journal import Account
from byodkim.evidence.verification_pages import signed_statement
from byodkim.plain import from_plain

if TYPE_CHECKING:
    from byodkim.evidence.verification import Trust
    from byodkim.evidence.verification_finding import Finding, Speaker


def messages(account: Account, beside: Sequence[Path], trust: Trust, tell: Speaker) -> Iterator[Finding]:
    """Yield what is off with the run's messages, and with those that were verified after it."""
    weighed = account.last("weighed")
    if weighed is None and not beside:
        return
    from byodkim.evidence import by_message  # only where there are any
    from byodkim.evidence.record import Record
    from byodkim.rotation.message import Received

    record = Record(account.events)
    message = by_message.proof(record) if weighed else None
    if weighed and message is not None and not _same(by_message.weigh(record, message), weighed["findings"]):
        yield tell("message-weighed", digest=message.sha256[:16])
    for path in beside:
        try:
            stated = signed_statement(path, trust)
            told, (subject,) = stated["predicate"], stated["subject"]
            again = by_message.weigh(record, from_plain(Received, told["message"]))
            sound = (stated["predicateType"], told["run"]) == (by_message.PREDICATE, record.begin["run"])
            sound = sound and subject["digest"]["sha256"] == account.head and _same(again, told["findings"])
            sound = sound and path == by_message.path_of(account.path, told["message"]["sha256"])
        except (OSError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
            sound = False
        if sound:
            digest = told["message"]["sha256"][:16]
            yield tell("message-later", verdict=told["verdict"], at=told["at"][:19], digest=digest)
        else:
            yield tell("message-off", name=path.name)


def _same(found: Sequence[Any], written: Sequence[Mapping[str, Any]]) -> bool:
    return {one.id: str(one.verdict) for one in found} == {one["id"]: one["verdict"] for one in written}
