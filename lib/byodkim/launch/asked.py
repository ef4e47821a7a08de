"""Which key record ``lint`` and ``reply`` are about: by the record of a run, or by options."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from byodkim.dkim.key_record import KeyRecordInvalid, PublicKey, parse
from byodkim.dkim.names import check_domain, check_selector
from byodkim.dns.request_lint import Asked
from byodkim.errors import AccessError, ParameterError
from byodkim.launch.request import proved
from byodkim.messages import Language, say

_PEM = re.compile(r"-----(?:BEGIN|END) PUBLIC KEY-----|\s")
_VALUE = re.compile(r"(?:\A|;)\s*p\s*=")


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that name a key record, in place of a run's record."""
    parser.add_argument("--domain", default="", help="the signing domain")
    parser.add_argument("--selector", default="", help="the selector")
    parser.add_argument(
        "--public-key", type=Path, metavar="FILE", help="the true key: PEM, base64 or the record's value"
    )
    parser.add_argument("--ttl", type=int, metavar="SECONDS", help="the time to live that was asked for")


def asked(record: Path | None, arguments: argparse.Namespace, language: Language) -> Asked:
    """Return what a run's record or the options say of the key record.

    Raises:
        ParameterError: both were given, or one of the options is wrong.
        AccessError: the file of the public key cannot be read.
        RecordError: the record is none, or proved no key pair.
    """
    if record is not None:
        if arguments.domain or arguments.selector or arguments.public_key:
            raise _refused("both", language)
        found, _ = proved(record, language)
        return Asked(found.selector, found.domain, found.public_key, arguments.ttl or found.ttl)
    return Asked(
        check_selector(arguments.selector, language) if arguments.selector else "",
        check_domain(arguments.domain, language) if arguments.domain else "",
        read_public_key(arguments.public_key, language) if arguments.public_key else None,
        arguments.ttl,
    )


def read_public_key(path: Path, language: Language) -> PublicKey:
    """The public key in a file: PEM (SubjectPublicKeyInfo), its base64 alone, or the value of a key record.

    Raises:
        ParameterError: none of them, or a key that SES or a receiver refuses. What the file holds is not repeated.
        AccessError: it cannot be read.
    """
    text = read_file(path, language).decode("utf-8", errors="replace").strip("\ufeff \r\n\t")
    value = text if _VALUE.search(text) else "v=DKIM1; k=rsa; p=" + _PEM.sub("", text)
    try:
        return parse((value.encode(),)).public_key
    except KeyRecordInvalid as invalid:
        raise _refused("public-key", language, path=path, why=invalid.explain(language)) from None


def read_file(path: Path, language: Language) -> bytes:
    """The bytes of a file.

    Raises:
        AccessError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        what = say("request_lint", "unread", language, path=path, reason=error.strerror or error)
        todo = say("request_lint", "unread.todo", language)
        raise AccessError(what, say("request", "unwritten", language), todo) from error


def incomplete(language: Language) -> ParameterError:
    """Return what is said when domain, selector and key are not all known."""
    return _refused("half", language)


def _refused(key: str, language: Language, **values: object) -> ParameterError:
    return ParameterError(
        say("request_lint", key, language, **values),
        say("request", "unwritten", language),
        say("request_lint", f"{key}.todo", language),
    )
