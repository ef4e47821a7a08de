"""Runs verified: each by itself, on all cores where they are many; then in their order, and against witnesses.

The heads that they are compared with are those of files, of the archive's bucket, and of the command line.
"""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from msgspec import Struct

from second_edition.custody.client import Custodian, Refused
from second_edition.engine import sign_in
from second_edition.evidence import folders, heads
from second_edition.evidence.archive import CHANGED, Listed, Standing, weighed
from second_edition.evidence.heads import DIGEST, FOLDER, Head, parse
from second_edition.evidence.verification import verify_chain, verify_run
from second_edition.evidence.verification_case import Files, Speaker, Verified
from second_edition.evidence.verification_chain import aged
from second_edition.evidence.verification_files import collect
from second_edition.intent.trust import Source, Trusted, trusted, wrong
from second_edition.messages import Language, say

Item = TypeVar("Item")
Came = TypeVar("Came")

#: Fewer runs than this are verified sooner than another process is up.
FEW: Final = 64
#: Runs that are verified before there are other processes: what they load and remember, those have from the start.
FIRST: Final = 2
CHUNK: Final = 8  # items that a process takes at once
_given: list[Callable[[Any], Any]] = []  # what another process does, in it
#: Elsewhere processes are spawned, which begin with the working folder on their path: it may be the archive's.
FORKS: Final = sys.platform == "linux"


def verify_archive(files: Sequence[Files], given: Trusted, said: Witnesses, language: Language) -> Sequence[Verified]:
    """Verify runs: each by itself, then in their order, against witnesses, as campaigns, and by the policy."""
    tell = Speaker(language)
    runs = verify_chain(verify_all(files, given, language), language)
    witness = bool(given.policy and given.policy.witness)
    runs = heads.compare(runs, (*said.heads, *said.given), tell, required=witness)
    return aged(runs, given.policy, datetime.now(UTC), tell)


def verified(listed: Sequence[Listed], folder: Path, language: Language) -> tuple[Listed, ...]:
    """Return the runs of ``folder`` with what ``byodkim verify`` finds of them, in the words of ``language``.

    Whose seals and approvals count: those that the nearest ``byodkim.toml`` names, else this user's own.

    Raises:
        ByodkimError: a key of ``byodkim.toml`` is none.
    """
    files = collect([folder], language)
    if not files:
        return tuple(listed)
    given = trusted((), (), None, language)
    runs = verify_archive(files, given, witnesses((), (), given.heads_files, language), language)
    standings = {one.path: _standing(one) for one in runs}
    # A notebook that JupyterLab executed is judged with its journal, and counts with that.
    return weighed([one for one in listed if one.journal or one.path in standings], standings)


def _standing(one: Verified) -> Standing:
    faults = [finding for finding in one.findings if finding.fault]
    key = CHANGED if {fault.code for fault in faults} == {"changed-between"} else one.verdict
    return Standing({"no-run": "unbegun"}.get(key, key), one.sound, tuple(fault.text for fault in faults))


def verify_all(files: Sequence[Files], trusted: Trusted, language: Language) -> list[Verified]:
    """Verify each run by itself, in the order given."""
    verify = partial(verify_run, trust=trusted.of, language=language)
    here = files[:FIRST] if FORKS and len(files) >= FEW else files
    found = [verify(one) for one in here]
    return found + (on_all_cores(verify, files[len(here) :]) if len(here) < len(files) else [])


def many(act: Callable[[Item], Came], items: Sequence[Item]) -> Iterable[Came]:
    """Return what ``act`` makes of each item, on all cores where there are many."""
    return on_all_cores(act, items) if FORKS and len(items) >= FEW else map(act, items)


def on_all_cores(act: Callable[[Item], Came], items: Sequence[Item]) -> list[Came]:
    """Return what ``act`` makes of each item, in their order; here, where another process was killed."""
    pool = ProcessPoolExecutor(os.cpu_count() or 1, multiprocessing.get_context("fork"), _help, (act,))
    try:
        return list(pool.map(_act, items, chunksize=CHUNK))
    except BrokenProcessPool:
        return [act(item) for item in items]
    finally:
        pool.shutdown(cancel_futures=True)


def _help(act: Callable[[Any], Any]) -> None:
    """Begin another process, which ends without a word when it is interrupted, or who began it is gone.

    ``act`` is given once, not with each item: it may hold all runs of an archive.
    """
    _given.append(act)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _act(item: Any) -> Any:
    return _given[-1](item)


def _end_with_parent() -> None:
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


GIVEN: Final = re.compile(rf"({folders.RUN_ID.pattern}):({DIGEST.pattern})")
BUCKET: Final = re.compile(r"s3://([^/]+)/?(.*?)/*")
#: A head's text, where it lies, when it came there, and until when it is held.
Entry = tuple[str, str, str, str]
FAULTY: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


class Witnesses(Struct, frozen=True):
    """Hold what witnesses say.

    Attributes:
        given: heads of the command line; ``heads``: those of witnesses, which name each run.
        read: the witnesses, with how many heads each has.
        unread: what keeps one from being relied on, in the reader's words.
    """

    given: tuple[Head, ...] = ()
    heads: tuple[Head, ...] = ()
    read: tuple[Source, ...] = ()
    unread: tuple[str, ...] = ()


def witnesses(given: Sequence[str], sources: Sequence[str], files: Iterable[Path], language: Language) -> Witnesses:
    """Return what witnesses say.

    Args:
        given: heads, as ``RUN:SHA256``.
        sources: files, and archives in S3 as ``s3://BUCKET/PREFIX``.
        files: those that profiles name; one that is not at hand keeps nothing else from being verified.
        language: of what is said.

    Raises:
        ParameterError: something given is no head, or something asked for cannot be read.
        AccessError: no session with AWS can be made, or S3 refuses.
    """
    heads, read, unread = list[Head](), list[Source](), list[str]()
    for where in dict.fromkeys([*sources, *map(str, files)]):
        in_s3 = where.startswith("s3://")
        try:
            entries = _fetched(where, language) if in_s3 else _lines(Path(where))
        except (Refused, OSError, UnicodeDecodeError) as error:
            reason = f"{error.operation} {error.code}" if isinstance(error, Refused) else _reason(error)
            if where in sources and not in_s3:
                raise wrong("heads", language, where=where, reason=reason) from None
            unread.append(say("verify", "asked.heads", language, where=where, reason=reason))
            continue
        found = list(_parsed(where, entries, unread, language))
        held = sorted(head.held_until for head in found if head.held_until)
        values = {"where": where, "count": len(found), "held": len(held), "until": held[0][:10] if held else "-"}
        heads += found
        read.append(Source("witness", say("verify", f"witness.{'s3' if in_s3 else 'file'}", language, **values)))
    return Witnesses(tuple(_head(text, language) for text in given), tuple(heads), tuple(read), tuple(unread))


def _lines(path: Path) -> list[Entry]:
    return [(line, str(path), "", "") for line in folders.whole(path).decode().splitlines() if line]


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return getattr(error, "strerror", "") or "UTF-8"


def _head(text: str, language: Language) -> Head:
    match = GIVEN.fullmatch(text)
    if match is None:
        raise wrong("head", language, given=text[:120])
    return Head(match[1], match[2], where="--head")


def _parsed(witness: object, entries: Sequence[Entry], unread: list[str], language: Language) -> Iterable[Head]:
    """Yield the heads among what a witness has; what is none, such as a line that was cut off, is noted."""
    if not entries:
        unread.append(say("verify", "witness.none", language, where=witness))
    for number, (text, where, stored, held_until) in enumerate(entries, 1):
        try:
            yield parse(text, where, stored, held_until)
        except FAULTY:
            unread.append(say("verify", "witness.line", language, where=where, number=number))


def _fetched(place: str, language: Language) -> list[Entry]:
    """Return each version of each head in an archive: its text, where it lies, when it came, how long it is held.

    Raises:
        ParameterError: the place is none.
        Refused: S3 refuses, or cannot be reached.
        AccessError: no session with AWS can be made.
    """
    match = BUCKET.fullmatch(place)
    if match is None:
        raise wrong("heads", language, where=place, reason="s3://BUCKET/PREFIX")
    below = f"{match[2]}/".lstrip("/")
    prefix = below if f"/{FOLDER}" in f"/{below}" else f"{below}{FOLDER}"  # of one identity, or of all
    custodian = Custodian(read_only=True)
    try:
        custodian.ask("open", settings={"region": os.environ.get("AWS_REGION", "")}).result()
        found = custodian.ask("heads", bucket=match[1], prefix=prefix).result()
    except Refused as refused:
        if sign_in.missing(refused):
            raise sign_in.error(refused, "", language, "") from None
        raise
    finally:
        custodian.close()
    return [(one["text"], one["place"], one["stored"], one["held_until"]) for one in found]
