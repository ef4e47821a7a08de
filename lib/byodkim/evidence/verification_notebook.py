"""Check a run's notebook against the journal, and against the digests that it has of cells, code and outputs.

Beside no journal, or an empty one, a notebook shows whether a run never began, or one was taken away.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from byodkim.evidence import template
from byodkim.evidence import verification_outputs as outputs
from byodkim.evidence.journal import ACCOUNT, SUFFIX
from byodkim.evidence.notebook import CutOff, Executed, Respelled
from byodkim.evidence.unbegun import says_unbegun
from byodkim.evidence.verification_beside import PAGE
from byodkim.evidence.verification_case import Finding, Speaker
from byodkim.evidence.verification_policy import other_code
from byodkim.evidence.verification_run import Case


def copy(case: Case) -> Iterator[Finding]:
    """Yield that a notebook cannot be read, names another run, or holds no copy of the journal as it is."""
    notebook, closed, tell = case.executed, case.closed, case.tell
    if not isinstance(notebook, Executed):
        yield _unread(notebook, tell)
        return
    if notebook.unbegun:
        yield tell("notebook-unbegun" if closed else "notebook-uncovered")
        return
    name = {"run": case.begin["run"], "journal": case.account.path.name}
    # A run that was stopped, or refused, as it began has not shown its name; the copy of its journal names it too.
    silent = notebook.named is None and (not closed or notebook.copy == "equal" or notebook.unfinished)
    if notebook.named != name and not silent:
        yield tell("notebook-other", run=(notebook.named or {}).get("run", "-"))
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
        case Respelled():
            return tell("notebook-spelling")
        case _:
            return tell("notebook-malformed")


def contents(case: Case) -> Iterator[Finding]:
    """Yield what a notebook executed and shows that is not what its journal has the digests of."""
    notebook, begin, closed, tell = case.executed, case.begin, case.closed, case.tell
    if not isinstance(notebook, Executed) or notebook.unbegun:
        return
    if begin["code"]["dirty"]:
        yield tell("template-changed")
    if not begin["template_sha256"]:
        yield tell("template-untold")
    elif begin["template_sha256"] not in case.trust.templates:
        yield tell("template-unknown")
    if cell := template.differing(notebook.cells, begin["template_sha256"], begin["parameters"]):
        yield tell("cells", cell=cell)
    if closed and not template.executed(notebook.sources, notebook.parameters, closed["executed"]):
        yield tell("code")
    if counts := list(template.miscounted(notebook.cells)):
        yield tell("counts", cells=", ".join(map(str, counts)))
    finished, sealed = closed is not None and not notebook.unfinished, case.sealed[0] is not None
    if cells := outputs.differing(notebook.cells, case.account.events, finished=finished, sealed=sealed):
        yield tell("outputs", cells=", ".join(cells))
    elif closed is None and (places := outputs.uncovered(notebook.cells, case.account.events)):
        yield tell("error-uncovered", cells=", ".join(map(str, places)))
    yield from other_code(case.trust.policy, case.account, notebook.sources, tell)


def alone(path: Path, tell: Speaker) -> Finding:
    """Return what is said of a notebook without a journal, or of a seal without one."""
    missing = tell("journal-missing", name=path.name)
    try:
        notebook = Executed.read(path) if path.suffix.lower() == ".ipynb" else None
    except CutOff as cut:
        return missing if cut.shows_run else tell("unbegun")
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return missing
    if notebook is None or not notebook.silent:
        return missing
    if not notebook.foreign and not notebook.unstarted:
        return tell("shown-alone", name=path.name)
    if not says_unbegun(path.with_suffix(PAGE)):
        return tell("page-alone", name=path.with_suffix(PAGE).name)
    return tell("no-record" if notebook.foreign else "unbegun")


def beside_nothing(path: Path, notebook: Path | None, tell: Speaker) -> Finding:
    """Return what is said of an empty journal: that it was stopped as it began, if nothing is left of a run."""
    if path.name.endswith(ACCOUNT):
        return tell("account-empty")
    stem = path.name.removesuffix(SUFFIX)
    if any(one.name.startswith(f"{stem}.") and one != path for one in path.parent.iterdir()):
        return tell("emptied")
    if notebook is not None:
        found = alone(notebook, tell)
        return tell("begun-only") if found.code == "unbegun" else tell("emptied") if found.fault else found
    name = stem.rpartition(".")[0]
    others = [one for one in path.parent.glob(f"*{SUFFIX}") if _stem(one) == name and one.stat().st_size]
    page = path.with_name(name + PAGE)
    return tell("begun-only") if others or says_unbegun(page) else tell("page-alone", name=page.name)


def _stem(path: Path) -> str:
    return path.name.removesuffix(SUFFIX).rpartition(".")[0]
