"""The account of a publication verified: its chain, its seal, its proof, and the record that asked for it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from byodkim.evidence import journal, publication
from byodkim.evidence.ends import Named, named
from byodkim.evidence.folders import contents
from byodkim.evidence.journal import Account, JournalError
from byodkim.evidence.told_again import contradictions
from byodkim.evidence.verification import Files, Trust, Verified, seal_of, stamp_of, unread, untold, unvouched
from byodkim.evidence.verification_finding import Finding, Speaker
from byodkim.evidence.verification_link import Link
from byodkim.evidence.world import World
from byodkim.messages import Language


def verify_publication(files: Files, trust: Callable[[str], Trust], language: Language) -> Verified:
    """Verifies one account by itself. It follows the run whose record asked for it, and is none of the identity's runs.

    Args:
        files: of the account; its journal is there.
        trust: whose word counts for a profile.
        language: of the findings.
    """
    path, tell = files.journal, Speaker(language)
    assert path is not None  # noqa: S101 - by its name it is the account of a publication
    name = publication.identifier(path)
    data = b""
    try:
        data = contents(path)
        account = journal.parse(path, data)
    except (JournalError, OSError) as error:
        off = (unread(error, tell), *unvouched(path, error, data, trust("").keys, tell))
        return Verified(files, name, findings=off)
    if not account.events:
        return Verified(files, name, findings=(tell("begun-only"),))
    try:
        return _verify(files, account, data, trust(str(account.events[0]["profile"])), tell)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        found = tell("journal-foreign", type=type(error).__name__)
        return Verified(files, name, head=account.head, findings=(found,))


def _verify(files: Files, account: Account, data: bytes, trust: Trust, tell: Speaker) -> Verified:
    begin, closed = account.events[0], account.last("closed")
    sealed, found = seal_of(account, data, trust, tell)
    stamped, late = stamp_of(account, sealed, trust, tell)
    return Verified(
        files,
        run=str(begin["run"]),
        domain=str(begin["domain"]),
        outcome=str(closed["outcome"]) if closed else "",
        head=account.head,
        keyid=sealed.keyid if sealed else "",
        stamped=stamped,
        findings=(*found, *late, *untold(account, tell), *_of_account(account, tell)),
        link=_link(account, data),
    )


def _of_account(account: Account, tell: Speaker) -> list[Finding]:
    begin, closed, found = account.events[0], account.last("closed"), []
    if publication.identifier(account.path) != begin["run"]:
        found.append(tell("misnamed", run=begin["run"]))
    if account.torn:
        found.append(tell("torn-closed" if closed else "torn"))
    if closed and account.events[-1]["event"] != "closed":
        found.append(tell("after-the-end"))
    if told := [f"{number} ({what})" for number, what in contradictions(account.events)]:
        found.append(tell("raw", events=", ".join(told)))
    return found


def _link(account: Account, data: bytes) -> Link:
    begin = account.events[0]
    heads = tuple(hashlib.sha256(line + b"\n").hexdigest() for line in data.split(b"\n")[:-1])
    asked = (str(begin["of"]["run"]), str(begin["of"]["head"]))
    closed = account.last("closed")
    return Link(
        None, str(begin["at"]), str(closed["at"]) if closed else "",
        previous=asked, heads=heads, before=None, after=None,
        named=(Named(*asked), *named(begin)), published=World.of(begin),
    )  # fmt: skip
