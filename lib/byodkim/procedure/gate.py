"""The gate: nothing that a run writes or shows holds a piece of a private key that it handled.

Every event passes it before it is written, every result before it is shown, every file before it is made. The custodian
tells the traces of its keys, by which pieces of them are known and nothing of the keys is told.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING, Any

from byodkim.errors import ByodkimError
from byodkim.evidence.journal import canonical
from byodkim.messages import Language, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from byodkim.custody.client import Custodian
    from byodkim.custody.traces import Traces

_told: dict[int, dict[str, str]] = {}  # by the custodian's process


class LeakStopped(ByodkimError):
    """A piece of a private key was about to be written or shown. Where, and by what digest the text goes; never what.

    Attributes:
        spoilt: it stands in the journal already, which was removed.
    """

    spoilt = False


class Gate:
    """The gate of one run."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._traces: dict[int, Traces] = {}

    def renew(self, custodian: Custodian) -> None:
        """Learns the traces of the keys that the custodian has by now. One that has died has none that are new."""
        from byodkim.custody.traces import Traces  # loads what the first cell must not wait for

        of = custodian.pid
        known = len(self._traces[of].digests) if of in self._traces else 0
        with contextlib.suppress(ByodkimError):
            told = custodian.ask("traces", known=known).result()
            if told is not None:
                self._traces[of] = Traces.from_plain(told)
                _told[of] = told

    def check(self, where: str, *texts: str) -> None:
        """Lets ``texts`` pass.

        Args:
            where: what they are, a key of the catalogue ``gate`` after ``where.``.
            texts: what is to be written or shown.

        Raises:
            LeakStopped: one of them holds a piece of a private key.
        """
        for text in texts:
            if any(traces.found_in(text) for traces in self._traces.values()):
                raise stopped(where, text, self._language)

    def check_event(self, event: str, content: Mapping[str, Any]) -> None:
        """Lets an event pass.

        Raises:
            LeakStopped: it holds a piece of a private key.
        """
        if self._traces:
            self.check("event", f"{event} {canonical(content)}")

    def check_bundle(self, bundle: Mapping[str, Any]) -> None:
        """Lets a result pass: its plain text, of which the other MIME types say the same in other signs.

        Raises:
            LeakStopped: it holds a piece of a private key.
        """
        self.check("shown", bundle["text/plain"])

    def check_past(self, events: Iterable[Mapping[str, Any]], cells: Sequence[str]) -> None:
        """Looks through what was written before the keys were known, and through the notebook's own text.

        Raises:
            LeakStopped: it holds a piece of a private key.
        """
        try:
            self.check("event", *(canonical(event) for event in events))
            self.check("cells", *cells)
        except LeakStopped as leak:
            leak.spoilt = True
            raise


def stopped(where: str, text: str | bytes, language: Language) -> LeakStopped:
    """The error for a text that holds a piece of a private key."""
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    place = say("gate", f"where.{where}", language)
    digest = hashlib.sha256(data).hexdigest()
    return LeakStopped(*(say("gate", key, language, where=place, digest=digest) for key in ("found", "means", "todo")))


def traces() -> str:
    """What the gate goes by, as JSON, for whoever looks through the finished notebook; "" where no key was handled."""
    return json.dumps(list(_told.values())) if _told else ""
