"""Many runs verified: each by itself, on all cores where they are many, its notebook held against its journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import Any, Final

from byodkim.display.retold import differing
from byodkim.evidence import publication, template
from byodkim.evidence.executed import Executed
from byodkim.evidence.journal import Account
from byodkim.evidence.seal import Seal
from byodkim.evidence.verification import Files, Verified, verify_run
from byodkim.evidence.verification_finding import Finding, Speaker
from byodkim.evidence.verification_publication import verify_publication
from byodkim.launch.cores import shared
from byodkim.launch.trusted import Trusted
from byodkim.messages import Language

#: Fewer runs than this are verified sooner than another process is up.
FEW: Final = 64
#: Runs that are verified before there are other processes: what they load and remember, those have from the start.
FIRST: Final = 2


def verify_all(files: Sequence[Files], trusted: Trusted, language: Language) -> list[Verified]:
    """Verifies each run by itself, in the order given."""
    verify = _verifier(trusted, language)
    here = files if len(files) < FEW else files[:FIRST]
    found = [verify(one) for one in here]
    if not (rest := files[len(here) :]):
        return found
    return found + shared(verify, rest)


def _verifier(trusted: Trusted, language: Language) -> Callable[[Files], Verified]:
    run = partial(verify_run, trust=trusted.of, language=language, compare=partial(compare, language=language))
    account = partial(verify_publication, trust=trusted.of, language=language)
    return partial(_fitting, run=run, account=account)


def _fitting(files: Files, run: Callable[[Files], Verified], account: Callable[[Files], Verified]) -> Verified:
    """Verifies by what the files are of."""
    published = files.journal is not None and files.journal.name.endswith(publication.SUFFIX)
    return account(files) if published else run(files)


def compare(
    notebook: Executed, account: Account, seal: Seal | None, stamped: datetime | None, language: Language
) -> Iterator[Finding]:
    """Yield what a notebook executed and shows, held against its code version's template and its journal."""
    tell, begin, closed = Speaker(language), account.events[0], account.last("closed")
    yield from _cells(notebook, begin, tell)
    if closed and "executed" in closed and not template.executed(notebook.sources, closed["executed"]):
        yield tell("code")
    if counts := list(template.miscounted(notebook.cells)):
        yield tell("counts", cells=", ".join(map(str, counts)))
    if closed and notebook.unfinished:  # it shows the run as it stood before its end
        account = replace(account, events=account.events[:-1])
    if cells := ", ".join(differing(notebook.cells, account, seal, stamped, whole=closed is not None)):
        ran = version(begin["code"]["version"], begin["code"]["commit"])
        if ran == here():
            yield tell("outputs", cells=cells)
        else:
            yield tell("outputs-version", cells=cells, ran=ran, here=here())


def _cells(notebook: Executed, begin: Mapping[str, Any], tell: Speaker) -> Iterator[Finding]:
    code = begin["code"]
    how, cells = template.find(begin["template"], "" if code["dirty"] else code["commit"], begin["template_sha256"])
    if code["dirty"]:
        yield tell("template-changed")
    if how == "other":
        yield tell("template-other", commit=code["commit"])
    elif how == "absent":
        yield tell("template-unknown")
    if cells and (cell := template.differing(notebook.cells, cells, begin["parameters"])):
        yield tell("cells", cell=cell)


@cache
def here() -> str:
    """The code version that verifies."""
    from byodkim.intent import code_version  # asks git: only where something differs

    found = code_version.find()
    return version(found.version, found.commit)


def version(number: str, commit: str) -> str:
    """A code version in words."""
    return f"{number} {commit}".strip()
