"""What lies beside a journal held against it: its page, requests to the DNS team, messages, the list of copies."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from byodkim.evidence import seal, upload
from byodkim.evidence.folders import contents
from byodkim.evidence.journal import SUFFIX, Account
from byodkim.plain import from_plain

if TYPE_CHECKING:
    from byodkim.evidence.verification import Trust
    from byodkim.evidence.verification_finding import Finding, Speaker


PAGE: Final = ".html"
#: How the files end that a run writes for the DNS team, or ``byodkim request`` does later.
REQUESTS: Final = tuple(f".dns-request.{kind}" for kind in ("csv", "zone", "txt", "json", "octodns.yaml"))


def page(account: Account, trust: Trust, tell: Speaker) -> list[Finding]:
    """Return what is off with the page beside a journal, or that no seal covers it."""
    stem = account.path.name.removesuffix(SUFFIX)
    path, beside = account.path.with_name(stem + seal.PAGE_SUFFIX), _page_of(account.path, stem)
    if not os.path.lexists(path):
        return [tell("page-uncovered", name=beside.name)] if os.path.lexists(beside) else []
    try:
        stated = signed_statement(path, trust)
        (subject,) = stated["subject"]
        named = (stated["predicateType"], stated["predicate"]["run"], stated["predicate"]["head"])
        if named != (seal.PAGE, account.events[0]["run"], account.head):
            raise ValueError("another page's")
        sha256 = str(subject["digest"]["sha256"])
    except (OSError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
        return [tell("page-seal", name=path.name)]
    try:
        same = hashlib.sha256(contents(beside)).hexdigest() == sha256
    except FileNotFoundError:  # it can be made again
        return []
    except OSError:
        same = False
    return [] if same else [tell("page", name=beside.name)]


def requests(account: Account, tell: Speaker) -> Iterator[Finding]:
    """Yield which requests to the DNS team, beside the record, are altered, are not there, or are not the run's."""
    made = set()
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


def _page_of(journal: Path, stem: str) -> Path:
    return journal.with_name((stem.rpartition(".")[0] or stem) + PAGE)


def signed_statement(path: Path, trust: Trust) -> Any:
    """Return the statement in an envelope, if a trusted key signed it.

    Raises:
        OSError, LookupError, TypeError, ValueError: none did, or it is none, or it is spelled otherwise than written.
    """
    from byodkim.evidence.dsse import PAYLOAD, Signature, pae

    data = contents(path)
    outer = json.loads(data)
    payload = base64.b64decode(outer["payload"], validate=True)
    (signature,) = outer["signatures"]
    key, signed = trust.keys[signature["keyid"]], base64.b64decode(signature["sig"], validate=True)
    stated = json.loads(payload)
    made = seal.envelope(stated, lambda _: Signature(signed, key.der))
    if made != data or not key.verifies(signed, pae(PAYLOAD, payload)) or stated["_type"] != seal.STATEMENT:
        raise ValueError("not as it was signed")
    return stated


def uncopied(account: Account, tell: Speaker) -> list[Finding]:
    """Note a run that was to be copied and has no list of its copies beside it: it is in none of them."""
    archive = (account.events[0].get("keeping") or {}).get("archive_s3")
    if not archive or not account.last("closed") or upload.path_of(account.path).exists():
        return []
    return [tell("copies-untold", archive=archive)]


def messages(account: Account, beside: Sequence[Path], trust: Trust, tell: Speaker) -> Iterator[Finding]:
    """Yield what is off with the run's messages, and with those that were verified after it."""
    weighed = account.last("weighed")
    if weighed is None and not beside:
        return
    from byodkim.evidence import by_message  # only where there are any
    from byodkim.evidence.record import Record
    from byodkim.rotation.message import Received

    record = Record(account.events)
    message = by_message.proof(record) if weighed else None
    if weighed and message is not None and not _same(by_message.weigh(record, message), weighed["findings"]):
        yield tell("message-weighed", digest=message.sha256[:16])
    for path in beside:
        try:
            stated = signed_statement(path, trust)
            predicate, (subject,) = stated["predicate"], stated["subject"]
            again = by_message.weigh(record, from_plain(Received, predicate["message"]))
            sound = (stated["predicateType"], predicate["run"]) == (by_message.PREDICATE, record.begin["run"])
            sound = sound and subject["digest"]["sha256"] == account.head and _same(again, predicate["findings"])
            sound = sound and path == by_message.path_of(account.path, predicate["message"]["sha256"])
        except (OSError, LookupError, TypeError, ValueError, AttributeError, RecursionError):
            sound = False
        if sound:
            digest = predicate["message"]["sha256"][:16]
            yield tell("message-later", verdict=predicate["verdict"], at=predicate["at"][:19], digest=digest)
        else:
            yield tell("message-off", name=path.name)


def _same(found: Sequence[Any], written: Sequence[Mapping[str, Any]]) -> bool:
    return {one.id: str(one.verdict) for one in found} == {one["id"]: one["verdict"] for one in written}
