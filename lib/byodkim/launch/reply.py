"""``byodkim reply``: the message to the DNS team about what they published."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from byodkim.display.blocks import visible
from byodkim.dns.delegation import find_servers
from byodkim.dns.lookup import ask
from byodkim.dns.request_lint import DEFAULT_TTL
from byodkim.dns.request_reply import compare, names_to_ask, reply_text
from byodkim.dns.request_sheet import Request, addressed, marked, write_exclusively
from byodkim.dns.server_names import parse_nameservers
from byodkim.errors import ParameterError
from byodkim.evidence.archived import open_record
from byodkim.intent.profile_file import contacts_here, language_here
from byodkim.launch.request import add_options, incomplete, read_expected
from byodkim.messages import LANGUAGES, Language, ambient, say

AS_ASKED: Final = 0
DIFFERS: Final = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments, and set what runs it."""
    parser.add_argument("record", type=Path, nargs="?", metavar="RECORD.ipynb", help="the run that made the request")
    add_options(parser)
    parser.add_argument(
        "--nameservers",
        default="",
        help="name servers to ask in place of those in DNS: 192.0.2.53,[2001:db8::1]",
    )
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="(standard output)")
    parser.add_argument("--language", choices=LANGUAGES, help="(the profile's, else the record's)")


def run(arguments: argparse.Namespace) -> int:
    """Ask every authoritative server, write the message, and return 0 if all is published as asked.

    Raises:
        ParameterError: an option is wrong, or does not say which record is meant.
        AccessError: a file cannot be read or written, or the name servers cannot be found.
        RecordError: the record proves no key pair.
    """
    archived = open_record(arguments.record) if arguments.record and arguments.record.is_file() else None
    begin = archived.events[0] if archived and archived.events else {}
    language: Language = arguments.language or language_here() or (archived.language if archived else ambient())
    meant = read_expected(arguments.record, arguments, language)
    if not (meant.selector and meant.domain and meant.public_key):
        raise incomplete(language)
    request = Request(meant.domain, meant.selector, meant.public_key, meant.ttl or DEFAULT_TTL)
    named = arguments.nameservers or (_nameservers_of(begin, arguments.record, language) if begin else "")
    found = parse_nameservers(named, language) if named else find_servers(request.name, language=language).servers
    names = names_to_ask(request, probe=f"probe-{secrets.token_hex(8)}")
    compared = compare(request, ask(found, list(names)), names)
    text = visible(
        addressed(reply_text(request, compared, language), begin.get("contacts") or contacts_here(), language)
    )
    if meant.rehearsal:
        text = marked("txt", text.encode(), language).decode()
    if arguments.output:
        write_exclusively(arguments.output, text.encode(), language)
        print(say("request_lint", "reply", language, path=arguments.output))
    else:
        print(text, end="")
    return AS_ASKED if compared.matches else DIFFERS


def _nameservers_of(begin: Mapping[str, Any], record: Path, language: Language) -> str:
    """Return the name servers that the run was given, or "".

    Raises:
        ParameterError: it was a rehearsal, whose zone no public DNS knows: it names the sandbox.
    """
    if begin["target"] == "aws":
        return str(begin["parameters"].get("nameservers", {}).get("value", ""))
    values = {name: begin["parameters"].get(name, {}).get("value", "") for name in ("endpoint_url", "nameservers")}
    key = "rehearsal.todo" if values["nameservers"] else "rehearsal.gone.todo"
    raise ParameterError(
        say("request_lint", "rehearsal", language, path=record, endpoint=values["endpoint_url"] or "-"),
        say("request", "unwritten", language),
        say("request_lint", key, language, nameservers=values["nameservers"]),
    )
