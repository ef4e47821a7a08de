"""Check what lies beside a run's journal: requests to the DNS team and pages; and its messages."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from glob import escape
from pathlib import Path
from typing import Final

from second_edition.events.writes import Handed, Weighed
from second_edition.evidence import seal as seals
from second_edition.evidence import verification_notebook as notebook
from second_edition.evidence.folders import differs
from second_edition.evidence.journal import SUFFIX, Account, JournalError, read
from second_edition.evidence.seal import SealError
from second_edition.evidence.sealing_key import SealingKey
from second_edition.evidence.verification_case import Files, Finding, Speaker, Trust, of_seal
from second_edition.evidence.verification_run import Case

#: How the files end that a run writes for the DNS team, or ``byodkim request`` does later.
REQUESTS: Final = tuple(f".dns-request.{kind}" for kind in ("csv", "zone", "txt", "json"))
#: What a signed statement that is none raises as it is read.
NO_STATEMENT: Final = (SealError, LookupError, TypeError, ValueError, AttributeError, RecursionError)


def requests(case: Case) -> Iterator[Finding]:
    """Yield which requests to the DNS team, beside the record, are altered, are not there, or are not the run's."""
    path, made = case.account.path, set[Path]()
    for event in (one for one in case.account.events if isinstance(one, Handed)):
        for name, sha256 in zip(event.files, event.files_sha256, strict=False):
            file = path.with_name(Path(name).name)
            made.add(file)
            if code := differs(file, sha256):
                yield case.tell(f"request-{'missing' if code == 'missing' else 'file'}", name=file.name)
    stem = path.name.removesuffix(SUFFIX)
    for name in (stem, stem.rpartition(".")[0] or stem):
        beside = [path.with_name(name + ending) for ending in REQUESTS]
        others = [one.name for one in beside if one not in made and os.path.lexists(one)]
        yield from (case.tell("request-uncovered", name=one) for one in others)


def page(case: Case) -> Iterator[Finding]:
    """Yield what is off with the pages beside a journal, or that no seal covers one, which a policy may forbid."""
    policy, stem = case.trust.policy, case.account.path.name.removesuffix(SUFFIX)
    beside = case.account.path.with_name((stem.rpartition(".")[0] or stem) + ".html")
    signed, pages = seals.page_seal_path(case.account.path), case.files.pages
    if os.path.lexists(signed):
        yield from _sealed_page(case, signed, beside)
    elif os.path.lexists(beside):
        pages = (beside, *pages)
    code = "policy-page" if policy and policy.pages else "page-uncovered"
    for one in pages:
        run = _sealed_for(case, one)
        yield case.tell("page-of-another", name=one.name, run=run) if run else case.tell(code, name=one.name)


def _sealed_page(case: Case, signed: Path, beside: Path) -> Iterator[Finding]:
    try:
        stated = seals.signed_statement(signed, case.trust.keys, case.tell.language)
        (subject,) = stated["subject"]
        of = (stated["predicateType"], stated["predicate"]["run"], stated["predicate"]["head"])
        if of != (seals.PAGE, case.account.begin.run, case.account.head):
            raise ValueError("another page's")
        if differs(beside, str(subject["digest"]["sha256"])) == "another":  # one that is missing can be made again
            yield case.tell("page", name=beside.name)
    except NO_STATEMENT as error:
        yield _unsigned(case, error, "page-seal" if isinstance(error, SealError) else "page-other", signed)


def _sealed_for(case: Case, page: Path) -> str:
    """Return the other run for which a trusted key signed that very page, and whose journal lies there too; or "".

    Two runs may have one name.
    """
    for path in page.parent.glob(f"{escape(page.stem)}.*{seals.PAGE_SUFFIX}"):
        with suppress(*NO_STATEMENT, JournalError, OSError):
            stated = seals.signed_statement(path, case.trust.keys, case.tell.language)
            (subject,), run = stated["subject"], str(stated["predicate"]["run"])
            named = (stated["predicateType"], subject["name"]) == (seals.PAGE, page.name)
            there = read(path.with_name(f"{page.stem}.{run}{SUFFIX}")).head == stated["predicate"]["head"]
            if named and there and not differs(page, str(subject["digest"]["sha256"])):
                return run
    return ""


def _unsigned(case: Case, error: Exception, code: str, path: Path) -> Finding:
    """Return what is said of a statement that no trusted key signed: where none is trusted, it cannot be judged."""
    if isinstance(error, SealError) and (found := of_seal(error, case.trust.keys)).code == "seal-untrusted":
        return found
    return case.tell(code, name=path.name)


def holds(account: Account, path: Path, keys: Mapping[str, SealingKey]) -> bool:
    """Return whether a run's notebook, its page or the page's seal is as the journal, or a key of ``keys``, has it."""
    own = path.with_name(account.begin.record)
    case = Case(Files(account.path, own), account, Trust(keys), Speaker("en"))
    try:
        found = (*notebook.copy(case), *notebook.contents(case)) if path == own else tuple(page(case))
    except NO_STATEMENT:
        return False
    of_page = path == seals.page_seal_path(account.path)  # a page that was altered says nothing against its signature
    return not any(one.fault for one in found if not (of_page and one.code == "page"))


def messages(case: Case) -> Iterator[Finding]:
    """Yield that what was found of the run's message is not what follows from it."""
    weighed = case.account.of(Weighed)
    if weighed is None:
        return
    from second_edition.evidence import by_message  # only where there is one

    message = by_message.proof(case.account)
    again = {one.id: one.verdict for one in by_message.weigh(case.account, message)}
    if again != {one.id: one.verdict for one in weighed.findings}:
        yield case.tell("message-weighed", digest=message.sha256[:16] if message else "-")
