"""The heads that a verification compares with: of files, of the archive's bucket, and of the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from byodkim.custody.client import Custodian, Refused
from byodkim.errors import ParameterError
from byodkim.evidence.heads import DIGEST, FOLDER, RUN, Head, parse
from byodkim.launch.trust import Source
from byodkim.messages import Language, say
from byodkim.procedure import sign_in

GIVEN: Final = re.compile(rf"({RUN.pattern}):({DIGEST.pattern})")
BUCKET: Final = re.compile(r"s3://([^/]+)/?(.*?)/*")
#: A head's text, where it lies, when it came there, and until when it is held.
Entry = tuple[str, str, str, str]
FAULTY: Final = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True)
class Witnesses:
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
    own, heads, read, unread = [_given(text, language) for text in given], list[Head](), list[Source](), list[str]()
    named = [text for text in sources if not text.startswith("s3://")]
    for path in dict.fromkeys([*map(Path, named), *files]):
        try:
            lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            why = say("verify", "asked.heads", language, where=path, reason=getattr(error, "strerror", "") or "UTF-8")
            if str(path) in named:
                raise ParameterError(why, say("verify", "asked.todo", language)) from None
            unread.append(why)
            continue
        entries = [(line, str(path), "", "") for line in lines if line]
        heads += (found := list(_parsed(path, entries, unread, language)))
        read.append(Source("witness", say("verify", "witness.file", language, where=path, count=len(found))))
    for place in (text for text in sources if text.startswith("s3://")):
        try:
            fetched = _fetched(place, language)
        except Refused as refused:
            reason = f"{refused.operation} {refused.code}"
            unread.append(say("verify", "asked.heads", language, where=place, reason=reason))
            continue
        found = list(_parsed(place, fetched, unread, language))
        held = sorted(head.held_until for head in found if head.held_until)
        values = {"where": place, "count": len(found), "held": len(held), "until": held[0][:10] if held else "-"}
        heads += found
        read.append(Source("witness", say("verify", "witness.s3", language, **values)))
    return Witnesses(tuple(own), tuple(heads), tuple(read), tuple(unread))


def _given(text: str, language: Language) -> Head:
    match = GIVEN.fullmatch(text)
    if match is None:
        todo = say("verify", "asked.todo", language)
        raise ParameterError(say("verify", "asked.head", language, given=text[:120]), todo)
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
        why = say("verify", "asked.heads", language, where=place, reason="s3://BUCKET/PREFIX")
        raise ParameterError(why, say("verify", "asked.todo", language))
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
