"""What is said of a notebook without a journal, and of an empty journal: a run that never began, or one taken away."""

from __future__ import annotations

from pathlib import Path

from byodkim.evidence.journal import ACCOUNT, SUFFIX
from byodkim.evidence.notebook import CutOff, Executed
from byodkim.evidence.unbegun import says_unbegun
from byodkim.evidence.verification_beside import PAGE
from byodkim.evidence.verification_finding import Finding, Speaker


def of_silent(path: Path, tell: Speaker) -> Finding:
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


def of_empty(path: Path, notebook: Path | None, tell: Speaker) -> Finding:
    """Return what is said of an empty journal: that it was stopped as it began, if nothing is left of a run."""
    if path.name.endswith(ACCOUNT):
        return tell("account-empty")
    stem = path.name.removesuffix(SUFFIX)
    if any(one.name.startswith(f"{stem}.") and one != path for one in path.parent.iterdir()):
        return tell("emptied")
    if notebook is not None:
        found = of_silent(notebook, tell)
        return tell("begun-only") if found.code == "unbegun" else tell("emptied") if found.fault else found
    name = stem.rpartition(".")[0]
    others = [one for one in path.parent.glob(f"*{SUFFIX}") if _stem(one) == name and one.stat().st_size]
    page = path.with_name(name + PAGE)
    return tell("begun-only") if others or says_unbegun(page) else tell("page-alone", name=page.name)


def _stem(path: Path) -> str:
    return path.name.removesuffix(SUFFIX).rpartition(".")[0]
