"""``byodkim request``: from a record alone, what the DNS team needs; and which key record lint and reply mean."""

from __future__ import annotations

import argparse
import re
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from second_edition.dkim.key_record import KeyRecordInvalid, PublicKey, parse
from second_edition.dkim.names import check_domain, check_selector
from second_edition.dns.foreign_sheet import octodns_text
from second_edition.dns.request_lint import Expected
from second_edition.dns.request_sheet import LONGEST_TTL, marked, request_texts, write_exclusively
from second_edition.errors import AccessError, ParameterError, SandboxError
from second_edition.events.run import Begin
from second_edition.evidence.folders import whole as whole_file
from second_edition.evidence.history import History, look
from second_edition.evidence.record import Record
from second_edition.evidence.request import command
from second_edition.evidence.world import World
from second_edition.intent import profile
from second_edition.intent.request import signed
from second_edition.intent.trust import trusted
from second_edition.launch import whole
from second_edition.messages import LANGUAGES, Language, ambient, say
from second_edition.sandbox.client import Sandbox
from second_edition.settings import Profile

_PEM = re.compile(r"-----(?:BEGIN|END) PUBLIC KEY-----|\s")
_VALUE = re.compile(r"(?:\A|;)\s*p\s*=")
SHEET: Final = ".dns-request.csv"
YAML: Final = ("yaml", "yml")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("notebook", type=Path, metavar="RECORD.ipynb", help="the executed notebook")
    where = "in .csv, .zone, .txt, .json, or .yaml for octoDNS (beside the record, as CSV)"
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help=where)
    parser.add_argument("--language", choices=LANGUAGES, help="(the record's)")


def run(arguments: argparse.Namespace) -> int:
    """Write the DNS request of a notebook's run, in the form that the output's ending names.

    Raises:
        RecordError: the notebook is no sound record, it proved no key pair, or its signer is not trusted.
        AccessError: the output is there already, or a rehearsal's world was reset.
        ParameterError: the output has another ending.
    """
    notebook = arguments.notebook
    archived, record, request = signed(notebook, arguments.language)
    text_language: Language = arguments.language or archived.language
    check_world(record, notebook, text_language)
    path = arguments.output or notebook.with_suffix(SHEET)
    form = path.suffix.lower().removeprefix(".") or "csv"
    if form in YAML:
        sheet = octodns_text(request, text_language).encode()
    elif not (sheet := request_texts(request, record.begin.contacts, text_language).get(f"dns-request.{form}", b"")):
        raise ParameterError.said("request", "ending", text_language, "unwritten", path=path)
    warn_of_retired(notebook, record.begin, request.selector, text_language)
    rehearsal = record.rehearsal
    if rehearsal:
        sheet = marked(form, sheet, text_language)
    write_exclusively(path, sheet, text_language)
    print(say("launch", "request", text_language, path=path, name=request.name))
    if rehearsal:
        print(say("request", "rehearsal", text_language))
    return 0


def check_world(record: Record, notebook: Path, language: Language) -> None:
    """Refuse the record of a rehearsal in a sandbox or twin that was reset since, as far as it answers.

    Raises:
        AccessError: another one stands there now, with other keys.
    """
    world = World.of(record.begin)
    if world is None or not world.sandbox:
        return
    with suppress(SandboxError):
        if Sandbox.connect(world.sandbox, language).facts.id != world.id:
            values = {"record": notebook.name, "command": command(record)}
            raise AccessError.said("publish", "reset", language, "zone/unwritten", **values)


def warn_of_retired(notebook: Path, begin: Begin, selector: str, language: Language) -> History:
    """Return whether an earlier run retired the selector, and say so on standard error: its record is not to return.

    It is looked for in the record's folder, and in the archive of the record's profile as it stands here.
    """
    world = World.of(begin)
    if world is None:
        return History()
    keys, section = trusted((), (), None, language).keys, Profile()
    with suppress(ParameterError):  # a profile of another byodkim.toml
        section = profile.load(begin.profile, Path.cwd(), language)
    past = look(notebook.resolve().parent, world, archive=profile.archive_of(section), trusted=keys)
    name = selector.lower()
    at = past.retired.get(name)
    if at:
        told = f"{datetime.fromisoformat(at).astimezone(UTC):%Y-%m-%d %H:%M}"
        print(say("request", "retired", language, selector=selector, at=told), file=sys.stderr)
    if run := past.unsigned.get(name):
        print(say("request", "retired.unsigned", language, run=run), file=sys.stderr)
    return past


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that name a key record, in place of a run's record."""
    parser.add_argument("--domain", default="", help="the signing domain")
    parser.add_argument("--selector", default="", help="the selector")
    parser.add_argument(
        "--public-key", type=Path, metavar="FILE", help="the true key: PEM, base64 or the record's value"
    )
    what = "the time to live that was asked for"
    parser.add_argument("--ttl", type=whole(0, LONGEST_TTL), metavar="SECONDS", help=what)


def read_expected(record: Path | None, arguments: argparse.Namespace) -> tuple[Expected, Record | None]:
    """Return what a run's record or the options say of the key record, and the record.

    Raises:
        ParameterError: both were given, or one of the options is wrong.
        AccessError: the file of the public key cannot be read, or a rehearsal's world was reset.
        RecordError: the record is no sound one, it proved no key pair, or its signer is not trusted.
    """
    language: Language = arguments.language or ambient()
    if record is not None:
        if arguments.domain or arguments.selector or arguments.public_key:
            raise ParameterError.said("request", "both", language, "unwritten")
        archived, proved, found = signed(record, arguments.language)
        check_world(proved, record, arguments.language or archived.language)
        ttl = arguments.ttl or found.ttl
        return Expected(found.selector, found.domain, found.public_key, ttl, proved.rehearsal), proved
    expected = Expected(
        check_selector(arguments.selector, language) if arguments.selector else "",
        check_domain(arguments.domain, language) if arguments.domain else "",
        read_public_key(arguments.public_key, language) if arguments.public_key else None,
        arguments.ttl,
    )
    return expected, None


def read_public_key(path: Path, language: Language) -> PublicKey:
    """Return the public key in a file: PEM (SubjectPublicKeyInfo), its base64 alone, or the value of a key record.

    Raises:
        ParameterError: none of them, or a key that SES or a receiver refuses. What the file holds is not repeated.
        AccessError: it cannot be read.
    """
    text = read_file(path, language).decode("utf-8", errors="replace").strip("\ufeff \r\n\t")
    value = text if _VALUE.search(text) else "v=DKIM1; k=rsa; p=" + _PEM.sub("", text)
    try:
        return parse((value.encode(),)).public_key
    except KeyRecordInvalid as invalid:
        why = invalid.explain(language)
        raise ParameterError.said("request", "public-key", language, "unwritten", path=path, why=why) from None


def read_file(path: Path, language: Language) -> bytes:
    """Return the bytes of a file.

    Raises:
        AccessError: it cannot be read.
    """
    try:
        return whole_file(path)
    except OSError as error:
        values = {"path": path, "reason": error.strerror or error}
        raise AccessError.said("request", "unread", language, "unwritten", **values) from error
