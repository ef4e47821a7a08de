"""The gate: nothing that a run writes or shows holds a piece of a private key that it handled.

Every event passes it before it is written, every result before it is shown, every file before it is made. Whatever
looks like a whole private key is stopped, whosever it is. The texts go to the custodian, too, which searches them for
pieces and answers yes or no: nothing derived from a key comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from second_edition.custody.client import Custodian
from second_edition.dkim.secrecy import looks_private
from second_edition.errors import ByodkimError, CustodyError
from second_edition.evidence.journal import canonical
from second_edition.messages import Language, say

_current: list[Gate] = []  # of this process's last run, for who executes its notebook


class LeakStopped(ByodkimError):
    """A piece of a private key was about to be written or shown. Where, never what.

    Attributes:
        spoilt: it stands in the journal already, which was removed.
    """

    spoilt = False


class Unsearched(ByodkimError):
    """The custodian has ended, so that a text could not be searched: it is neither written nor shown."""


class Gate:
    """The gate of one run."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._custodians: list[Custodian] = []
        self.searched = False  # whether the past was, which was written before the keys were known

    def rely_on(self, custodian: Custodian) -> None:
        """Let this custodian too search every text from now on: it may hold a key."""
        if custodian not in self._custodians:
            self._custodians.append(custodian)
        _current[:] = [self]

    @property
    def alive(self) -> bool:
        """Return whether texts can be searched."""
        return all(custodian.alive for custodian in self._custodians)

    def check(self, where: str, *texts: str) -> None:
        """Let ``texts`` pass.

        Args:
            where: what they are, a key of the catalogue ``gate`` after ``where.``.
            texts: what is to be written or shown.

        Raises:
            LeakStopped: one of them holds a piece of a private key in hand, or what looks like the whole of any.
            Unsearched: the custodian has ended.
        """
        if any(map(looks_private, texts)):
            raise stopped(where, self._language)
        for custodian in self._custodians:
            try:
                found = custodian.ask("search", texts=list(texts)).result()
            except CustodyError:
                words = (say("gate", f"unsearched{part}", self._language) for part in ("", ".means", ".todo"))
                raise Unsearched(*words) from None
            if found is not None:
                raise stopped(where, self._language)

    def check_event(self, event: str, content: Mapping[str, Any]) -> None:
        """Let an event pass.

        Raises:
            LeakStopped: it holds a piece of a private key.
        """
        if self._custodians:
            self.check("event", f"{event} {canonical(content)}")

    def check_bundle(self, bundle: Mapping[str, Any]) -> None:
        """Let a result pass: its plain text, of which the other MIME types say the same in other signs.

        Raises:
            LeakStopped: it holds a piece of a private key.
        """
        self.check("shown", bundle["text/plain"])

    def check_past(self, events: Iterable[Mapping[str, Any]], cells: Sequence[str]) -> None:
        """Search what was written before the keys were known, and the notebook's own text.

        Raises:
            LeakStopped: it holds a piece of a private key.
        """
        try:
            self.check("event", *(canonical(event) for event in events))
            self.check("cells", *cells)
            self.searched = True
        except LeakStopped as leak:
            leak.spoilt = True
            raise


def stopped(where: str, language: Language) -> LeakStopped:
    """Return the error for a text that holds a piece of a private key. Nothing in it is taken from the text."""
    place = say("gate", f"where.{where}", language)
    return LeakStopped(*(say("gate", key, language, where=place) for key in ("found", "means", "todo")))


def holds_key(path: str) -> bool:
    """Return whether the notebook's file holds a piece of a key, for who executes it; ``False`` where none can tell."""
    try:
        for gate in _current:
            gate.check("notebook", Path(path).read_text("utf-8", "replace"))
    except LeakStopped:
        return True
    except (Unsearched, OSError):
        return False
    return False
