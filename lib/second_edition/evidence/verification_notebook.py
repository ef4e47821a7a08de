"""Check a run's notebook against the journal, and against the digests that it has of cells, code and outputs.

Beside no journal, or an empty one, a notebook shows whether a run never began, or one was taken away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from glob import escape
from pathlib import Path
from typing import Any, Final

from second_edition.events.parts import Event, Shown
from second_edition.events.run import Begin, Closed, ShownOutputs
from second_edition.evidence import journal, template
from second_edition.evidence.cells import (
    BEGIN,
    ERROR,
    HEADLINE,
    RUN,
    Cell,
    code_digest,
    digest_of_bundle,
    digest_of_error,
    is_error,
    text_of,
)
from second_edition.evidence.journal import SUFFIX, stem_of
from second_edition.evidence.notebook import FIELDS, UNREADABLE, CutOff, Executed, is_written_error, says_unbegun, step_of
from second_edition.evidence.verification_case import Finding, Speaker
from second_edition.evidence.verification_run import Case

PNG: Final = "image/png"
PAGE: Final = ".html"


def copy(case: Case) -> Iterator[Finding]:
    """Yield that a notebook cannot be read, names another run, or holds no copy of the journal as it is."""
    notebook, closed, tell = case.executed, case.account.closed, case.tell
    if not isinstance(notebook, Executed):
        yield _unread(notebook, tell)
        return
    if notebook.unbegun:
        yield tell("notebook-unbegun" if closed else "notebook-uncovered")
        return
    name = {"run": case.account.begin.run, "journal": case.account.path.name}
    # A run that was stopped, or refused, as it began has not shown its name; the copy of its journal names it too.
    silent = notebook.named is None and (not closed or notebook.copy == "equal" or notebook.unfinished)
    if notebook.named != name and not silent:
        other = notebook.named or {}
        code = "notebook-renamed" if other.get("run") == name["run"] else "notebook-other"
        yield tell(code, run=other.get("run", "-"), named=other.get("journal", "-"), name=name["journal"])
    if closed and notebook.unfinished:
        yield tell("notebook-unfinished")
    elif closed and notebook.copy == "absent":
        yield tell("copy-absent")
    elif notebook.copy == "differs":
        yield tell("copy-differs")


def _unread(error: Exception | None, tell: Speaker) -> Finding:
    match error:
        case None:
            return tell("no-notebook")
        case OSError():
            return tell("notebook-unread", reason=error.strerror or error)
        case CutOff():
            return tell("notebook-cut")
        case _:
            return tell("notebook-spelling")


def contents(case: Case) -> Iterator[Finding]:
    """Yield what a notebook executed and shows that is not what its journal has the digests of."""
    notebook, begin, closed, tell = case.executed, case.account.begin, case.account.closed, case.tell
    if not isinstance(notebook, Executed) or notebook.unbegun:
        return
    if begin.code.dirty:
        yield tell("template-changed")
    if not begin.template_sha256:
        yield tell("template-untold")
    elif begin.template_sha256 not in case.trust.templates:
        yield tell("template-unknown")
    if cell := template.differing(notebook.cells, begin.template_sha256, begin.parameters):
        yield tell("cells", cell=cell)
    if counts := list(template.miscounted(notebook.cells)):  # other cells came between: the code may be the same
        yield tell("counts", cells=", ".join(map(str, counts)))
    elif closed and not template.executed(notebook.sources, notebook.parameters, closed.executed or None):
        yield tell("code")
    finished, sealed = closed is not None and not notebook.unfinished, case.sealed[0] is not None
    if cells := differing(notebook.cells, case.account.events, finished=finished, sealed=sealed):
        yield tell("outputs", cells=", ".join(cells))
    elif closed is None and (places := uncovered(notebook.cells, case.account.events)):
        yield tell("error-uncovered", cells=", ".join(map(str, places)))
    yield from _other_code(case, notebook)


def _other_code(case: Case, notebook: Executed) -> Iterator[Finding]:
    """Yield that the code is not that of the template which the run names, where a policy knows templates."""
    policy, code = case.trust.policy, case.account.begin.template_code_sha256
    if policy and policy.templates and code_digest(notebook.sources) != code:
        yield case.tell("policy-code", sha256=code or "-")


def alone(path: Path, tell: Speaker) -> Finding:
    """Return what is said of a notebook without a journal, or of a seal without one."""
    missing = tell("journal-missing", name=path.name)
    try:
        notebook = Executed.read(path) if path.suffix.lower() == ".ipynb" else None
    except CutOff as cut:
        return missing if cut.shows_run else tell("unbegun")
    except UNREADABLE:
        return missing
    if notebook is None or not (notebook.foreign or notebook.unstarted) or not says_unbegun(path.with_suffix(PAGE)):
        return missing
    return tell("no-record" if notebook.foreign else "unbegun")


def beside_nothing(path: Path, notebook: Path | None, tell: Speaker) -> Finding:
    """Return what is said of an empty journal: that it was stopped as it began, if nothing is left of a run."""
    stem = path.name.removesuffix(SUFFIX)
    more = any(one.name.startswith(f"{stem}.") and one != path for one in path.parent.iterdir())
    if more:
        return tell("emptied")
    name = stem_of(path)
    if notebook is None:
        begun = journal.begun(path.parent, lambda _: True, lambda folder, _: folder.glob(f"{escape(name)}.*{SUFFIX}"))
        others = any(stem_of(one) == name for one, _ in begun)
        return tell("unbegun" if others or says_unbegun(path.with_name(name + PAGE)) else "emptied")
    found = alone(notebook, tell)
    return tell("emptied") if found.fault else found


def differing(cells: Sequence[Cell], events: Sequence[Event], *, finished: bool, sealed: bool) -> list[str]:
    """Return the cells that show something else than the journal has digests of, each as ``place (step: output)``.

    Args:
        cells: of the executed notebook, without its copy of the journal.
        events: of the run.
        finished: whether the notebook was saved after the run had closed.
        sealed: whether a seal covers the journal. In one that no seal covers, a run may end with an error that it could
            not write down (``uncovered``).
    """
    closed = isinstance(events[-1], Closed)
    digests = _Digests(events, until=len(events) - (closed and not finished), errors=not (closed and sealed))
    last = max((place for place, cell in enumerate(cells, 1) if cell.get("execution_count") is not None), default=0)
    found = []
    for place, cell in enumerate(cells, 1):
        step = step_of(text_of(cell.get("source", ""))) if cell.get("cell_type") == "code" else ""
        exact = closed and (finished or (place < last and step != HEADLINE))
        if why := digests.differs(step, cell.get("outputs") or (), exact=exact):
            found.append(f"{place} ({step or '-'}: {why})")
    return found + ([f"- ({step}: 1)" for step in sorted(digests.unseen)] if closed and finished else [])


def uncovered(cells: Sequence[Cell], events: Sequence[Event]) -> list[int]:
    """Return the places of cells that show an error of which the journal has no digest."""
    known = {one.sha256 for event in events for one in _shown(event) if one.output == ERROR}
    return [
        place
        for place, cell in enumerate(cells, 1)
        for output in cell.get("outputs") or ()
        if is_error(output) and _digest(output) not in known
    ]


def _shown(event: Event) -> tuple[Shown, ...]:
    return event.shown if isinstance(event, Begin | ShownOutputs | Closed) else ()


class _Digests:
    """Hold what the journal says of the cells' outputs, by step and place; ``unseen``: steps that no cell took yet."""

    def __init__(self, events: Sequence[Event], *, until: int, errors: bool) -> None:
        self._errors, self._ended = errors, False
        self._every = defaultdict[tuple[str, int | str], set[str]](set)
        newest: dict[tuple[str, int | str], list[Shown]] = {}
        for number, event in enumerate(events):
            anew = defaultdict[tuple[str, int | str], list[Shown]](list)
            for one in _shown(event):
                anew[one.step, one.output].append(one)
                self._every[one.step, one.output].add(one.sha256)
            newest |= anew if number < until else {}
        self._newest = {place: {one.sha256 for one in entries} for place, entries in newest.items()}
        # What a cell must show, of all that the journal has the digest of.
        self._due = {place for place, entries in newest.items() if not all(one.perhaps for one in entries)}
        self.unseen = {step for step, _ in self._due}

    def differs(self, step: str, outputs: Sequence[Any], *, exact: bool) -> str:
        """Return which output of a cell is another one, is missing, or is one too many; "" where none is."""
        self.unseen.discard(step)
        if self._ended:
            return "1" if outputs else ""
        known: Mapping[tuple[str, int | str], set[str]] = self._newest if exact else self._every
        failed = bool(outputs) and is_error(outputs[-1])
        shown = outputs[: len(outputs) - failed]
        for number, output in enumerate(shown):
            if _digest(output, apart=step == BEGIN and number == 0) not in known.get((step, number), ()):
                return str(number + 1)
        due = {place for one, place in self._due if one == step} if exact else set()
        if any(isinstance(place, int) and place >= len(shown) for place in due):
            return str(len(shown) + 1)
        if failed:
            self._ended = True
            sha256 = _digest(outputs[-1])
            fine = sha256 in known.get((step, ERROR), ()) or (self._errors and sha256)
            return "" if fine else ERROR
        return ERROR if ERROR in due else ""


def _digest(output: Any, *, apart: bool = False) -> str:
    """Return the digest of an output in a notebook's file; "" for one that no run shows.

    ``apart``: whether the run's name, which it must have, is left out: that is held against the journal on its own.
    """
    kind = output.get("output_type") if isinstance(output, dict) else None
    if not isinstance(kind, str) or output.keys() != FIELDS.get(kind):
        return ""
    if kind == ERROR:
        return digest_of_error(output["ename"], output["evalue"]) if is_written_error(output) else ""
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
