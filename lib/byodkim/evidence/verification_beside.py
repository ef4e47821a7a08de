"""Check what lies beside a journal: requests to the DNS team, the page, statements on messages; one check each."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from byodkim.evidence import seal as seals
from byodkim.evidence.folders import contents
from byodkim.evidence.journal import SUFFIX
from byodkim.evidence.seal import SealError
from byodkim.evidence.verification_case import Finding
from byodkim.evidence.verification_policy import unsigned
from byodkim.evidence.verification_run import Case
from byodkim.plain import from_plain

PAGE: Final = ".html"
#: How the files end that a run writes for the DNS team, or ``byodkim request`` does later.
REQUESTS: Final = tuple(f".dns-request.{kind}" for kind in ("csv", "zone", "txt", "json", "octodns.yaml"))
#: What a signed statement that is none raises as it is read.
NO_STATEMENT: Final = (SealError, LookupError, TypeError, ValueError, AttributeError, RecursionError)


def requests(case: Case) -> Iterator[Finding]:
    """Yield which requests to the DNS team, beside the record, are altered, are not there, or are not the run's."""
    account, tell, made = case.account, case.tell, set[Path]()
    for event in account.events:
        files = event.get("files", ()) if event["event"] in ("handed", "requested") else ()
        for name, sha256 in zip(files, event.get("files_sha256", ()), strict=False):
            path = account.path.with_name(Path(name).name)
            made.add(path)
            try:
                if hashlib.sha256(contents(path)).hexdigest() != sha256:
                    yield tell("request-file", name=path.name)
            except FileNotFoundError:
                yield tell("request-missing", name=path.name)
            except OSError:
                yield tell("request-file", name=path.name)

    stem = account.path.name.removesuffix(SUFFIX)
    for name in (stem, stem.rpartition(".")[0] or stem):
        beside = [account.path.with_name(name + ending) for ending in REQUESTS]
        others = [one.name for one in beside if one not in made and os.path.lexists(one)]
        yield from (tell("request-uncovered", name=one) for one in others)


def page(case: Case) -> Sequence[Finding]:
    """Return what is off with the pages beside a journal, or that no seal covers one, which a policy may forbid."""
    others = [case.tell("page-uncovered", name=one.name) for one in case.files.pages]
    found = [*_page(case), *others]
    return [*found, *unsigned(case.trust.policy, found, case.tell)]


def _page(case: Case) -> Sequence[Finding]:
    account, tell = case.account, case.tell
    stem = account.path.name.removesuffix(SUFFIX)
    path = account.path.with_name(stem + seals.PAGE_SUFFIX)
    beside = account.path.with_name((stem.rpartition(".")[0] or stem) + PAGE)
    if not os.path.lexists(path):
        return [tell("page-uncovered", name=beside.name)] if os.path.lexists(beside) else []
    try:
        stated = seals.signed_statement(path, case.trust.keys)
        (subject,) = stated["subject"]
        of = (stated["predicateType"], stated["predicate"]["run"], stated["predicate"]["head"])
        if of != (seals.PAGE, case.begin["run"], account.head):
            raise ValueError("another page's")
        sha256 = str(subject["digest"]["sha256"])
    except NO_STATEMENT:
        return [tell("page-seal", name=path.name)]
    try:
        same = hashlib.sha256(contents(beside)).hexdigest() == sha256
    except FileNotFoundError:  # it can be made again
        return []
    except OSError:
        same = False
    return [] if same else [tell("page", name=beside.name)]


def messages(case: Case) -> Iterator[Finding]:
    """Yield what is off with the run's messages, and with those that were verified after it."""
    weighed, record = case.account.last("weighed"), case.record
    if weighed is None and not case.files.messages:
        return
    from byodkim.evidence import by_message  # only where there are any

    message = by_message.proof(record) if weighed else None
    if weighed and message is not None and not _same(by_message.weigh(record, message), weighed["findings"]):
        yield case.tell("message-weighed", digest=message.sha256[:16])
    for path in case.files.messages:
        try:
            yield _of_message(case, path)
        except NO_STATEMENT:
            yield case.tell("message-off", name=path.name)


def _of_message(case: Case, path: Path) -> Finding:
    """Return what a statement says of a message that was verified after the run.

    Raises:
        SealError, LookupError, TypeError, ValueError, AttributeError, RecursionError: it is none of the run's.
    """
    from byodkim.evidence import by_message
    from byodkim.rotation.message import Received

    stated = seals.signed_statement(path, case.trust.keys)
    predicate, (subject,) = stated["predicate"], stated["subject"]
    sha256 = predicate["message"]["sha256"]
    again = by_message.weigh(case.record, from_plain(Received, predicate["message"]))
    own = by_message.path_of(case.account.path, sha256)
    named = (stated["predicateType"], predicate["run"], subject["digest"]["sha256"], path)
    if named != (by_message.PREDICATE, case.begin["run"], case.account.head, own):
        raise ValueError("another run's")
    if not _same(again, predicate["findings"]):
        raise ValueError("another verdict")
    return case.tell("message-later", verdict=predicate["verdict"], at=predicate["at"][:19], digest=sha256[:16])


def _same(found: Sequence[Any], written: Sequence[Mapping[str, Any]]) -> bool:
    return {one.id: str(one.verdict) for one in found} == {one["id"]: one["verdict"] for one in written}
