"""The outputs of a notebook held against the digests in its run's journal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from byodkim.evidence.cells import RUN, Cell, text_of
from byodkim.evidence.outputs import BEGIN, ERROR, HEADLINE, Entry, digest_of_bundle, digest_of_error

STEP: Final = re.compile(r'\bsteps\.(\w+)\((?:run|(?:"\w+", )?\*\*steps\.parameters\(\))?\)\s*\Z')
PNG: Final = "image/png"

_FIELDS: Final = {
    "display_data": {"output_type", "data", "metadata"},
    "execute_result": {"output_type", "data", "metadata", "execution_count"},
    ERROR: {"output_type", "ename", "evalue", "traceback"},
}


@lru_cache(256)
def step_of(source: str) -> str:
    """Return the step that a code cell takes; "" where it takes none."""
    found = STEP.search(source)
    return found[1] if found else ""


def differing(cells: Sequence[Cell], events: Sequence[Mapping[str, Any]], *, finished: bool, sealed: bool) -> list[str]:
    """Return the cells that show something else than the journal has digests of, each as ``place (step: output)``.

    Args:
        cells: of the executed notebook, without its copy of the journal.
        events: of the run.
        finished: whether the notebook was saved after the run had closed.
        sealed: whether a seal covers the journal. In one that no seal covers, a run may end with an error that it could
            not write down (``uncovered``).
    """
    closed = events[-1]["event"] == "closed"
    digests = _Digests(events, until=len(events) - (closed and not finished), errors=not (closed and sealed))
    last = max((place for place, cell in enumerate(cells, 1) if cell.get("execution_count") is not None), default=0)
    found = []
    for place, cell in enumerate(cells, 1):
        step = step_of(text_of(cell.get("source", ""))) if cell.get("cell_type") == "code" else ""
        exact = closed and (finished or (place < last and step != HEADLINE))
        if why := digests.differs(step, cell.get("outputs") or (), exact=exact):
            found.append(f"{place} ({step or '-'}: {why})")
    return found + ([f"- ({step}: 1)" for step in digests.unseen] if closed and finished else [])


def uncovered(cells: Sequence[Cell], events: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return the places of cells that show an error of which the journal has no digest."""
    known = {one["sha256"] for event in events for one in event.get("shown", ()) if one["output"] == ERROR}
    return [
        place
        for place, cell in enumerate(cells, 1)
        for output in cell.get("outputs") or ()
        if isinstance(output, dict) and output.get("output_type") == ERROR and _digest(output) not in known
    ]


class _Digests:
    """Hold what the journal says of the cells' outputs, cell by cell in their order."""

    def __init__(self, events: Sequence[Mapping[str, Any]], *, until: int, errors: bool) -> None:
        self._errors, self._ended = errors, False
        self._newest: dict[tuple[str, int | str], list[Entry]] = {}
        self._every: dict[tuple[str, int | str], set[str]] = {}
        for number, event in enumerate(events):
            anew: dict[tuple[str, int | str], list[Entry]] = {}
            for one in event.get("shown", ()):
                anew.setdefault((one["step"], one["output"]), []).append(one)
                self._every.setdefault((one["step"], one["output"]), set()).add(one["sha256"])
            self._newest |= anew if number < until else {}
        self._left = {step for (step, _), entries in self._newest.items() if not _optional(entries)}

    @property
    def unseen(self) -> list[str]:
        """Return the steps that have shown something and that no cell takes."""
        return sorted(self._left)

    def differs(self, step: str, outputs: Sequence[Any], *, exact: bool) -> str:
        """Return which output of a cell is another one, is missing, or is one too many; "" where none is."""
        self._left.discard(step)
        if self._ended:
            return "1" if outputs else ""
        failed = bool(outputs) and isinstance(outputs[-1], dict) and outputs[-1].get("output_type") == ERROR
        shown = outputs[: len(outputs) - failed]
        for number, output in enumerate(shown):
            known = self._known(step, number, exact=exact)
            if _digest(output, apart=step == BEGIN and number == 0) not in known:
                return str(number + 1)
        if exact and any(self._required(step, place) and place >= len(shown) for place in self._places(step)):
            return str(len(shown) + 1)
        if failed:
            self._ended = True
            sha256 = _digest(outputs[-1])
            fine = sha256 in self._known(step, ERROR, exact=exact) or (self._errors and sha256)
            return "" if fine else ERROR
        return ERROR if exact and self._required(step, ERROR) else ""

    def _known(self, step: str, output: int | str, *, exact: bool) -> set[str]:
        if exact:
            return {one["sha256"] for one in self._newest.get((step, output), ())}
        return self._every.get((step, output), set())

    def _required(self, step: str, output: int | str) -> bool:
        entries = self._newest.get((step, output))
        return entries is not None and not _optional(entries)

    def _places(self, step: str) -> Iterator[int]:
        return (place for one, place in self._newest if one == step and isinstance(place, int))


def _optional(entries: Sequence[Entry]) -> bool:
    return all(one.get("perhaps") for one in entries)


def _digest(output: Any, *, apart: bool = False) -> str:
    """Return the digest of an output in a notebook's file; "" for one that no run shows.

    ``apart``: whether the run's name, which it must have, is left out: that is held against the journal on its own.
    """
    kind = output.get("output_type") if isinstance(output, dict) else None
    if not isinstance(kind, str) or output.keys() != _FIELDS.get(kind):
        return ""
    if kind == ERROR:
        name, text = output["ename"], output["evalue"]
        fine = isinstance(name, str) and isinstance(text, str) and output["traceback"] == [f"{name}: {text}"]
        return digest_of_error(name, text) if fine else ""
    data = output["data"]
    if output["metadata"] != {} or not isinstance(data, dict) or (apart and RUN not in data):
        return ""
    bundle = {mime: _whole(mime, value) for mime, value in data.items() if not (apart and mime == RUN)}
    texts = {mime: text for mime, text in bundle.items() if text is not None}
    return digest_of_bundle(texts) if len(texts) == len(bundle) else ""


def _whole(mime: str, value: Any) -> str | None:
    """Return a text of a bundle as it was shown: nbformat splits it at line ends, and a picture gets one."""
    text = "".join(value) if isinstance(value, list) and all(isinstance(one, str) for one in value) else value
    if not isinstance(text, str):
        return None
    return text.removesuffix("\n") if mime == PNG else text
