"""Many runs verified: each by itself, on all cores where they are many, its notebook held against its journal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from byodkim.evidence import publication, template
from byodkim.evidence.executed import Executed
from byodkim.evidence.journal import Account
from byodkim.evidence.seal import Seal
from byodkim.evidence.shown import differing, uncovered
from byodkim.evidence.verification import Files, Verified, verify_run
from byodkim.evidence.verification_finding import Finding, Speaker
from byodkim.evidence.verification_publication import verify_publication
from byodkim.intent.shipped import TEMPLATES
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


def compare(notebook: Executed, account: Account, seal: Seal | None, language: Language) -> Iterator[Finding]:
    """Yield what a notebook executed and shows, held against what its journal has the digests of."""
    tell, begin, closed = Speaker(language), account.events[0], account.last("closed")
    if begin["code"]["dirty"]:
        yield tell("template-changed")
    if not begin["template_sha256"]:
        yield tell("template-untold")
    elif begin["template_sha256"] not in TEMPLATES.values():
        yield tell("template-unknown")
    if cell := template.differing(notebook.cells, begin["template_sha256"], begin["parameters"]):
        yield tell("cells", cell=cell)
    if closed and not template.executed(notebook.sources, closed["executed"]):
        yield tell("code")
    if counts := list(template.miscounted(notebook.cells)):
        yield tell("counts", cells=", ".join(map(str, counts)))
    finished = closed is not None and not notebook.unfinished
    if cells := differing(notebook.cells, account.events, finished=finished, sealed=seal is not None):
        yield tell("outputs", cells=", ".join(cells))
    elif closed is None and (places := uncovered(notebook.cells, account.events)):
        yield tell("error-uncovered", cells=", ".join(map(str, places)))
