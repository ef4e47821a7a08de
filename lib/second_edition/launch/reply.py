"""``byodkim reply``: the message to the DNS team about what they published."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from second_edition.display.blocks import visible
from second_edition.dkim.published import Server
from second_edition.dns.delegation import find_servers
from second_edition.dns.lookup import ask, follow
from second_edition.dns.request_lint import DEFAULT_TTL, Expected
from second_edition.dns.request_reply import Comparison, compare, names_to_ask, reply_text
from second_edition.dns.request_sheet import Request, addressed, marked, write_exclusively
from second_edition.dns.server_names import parse_nameservers
from second_edition.errors import AccessError, ParameterError
from second_edition.events.run import Begin
from second_edition.evidence.history import History
from second_edition.evidence.record import Record
from second_edition.evidence.request import in_use
from second_edition.intent.profile_file import contacts_here, language_here
from second_edition.launch.request import add_options, read_expected, warn_of_retired
from second_edition.messages import LANGUAGES, Language, ambient, say

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
    what = "profile whose language and contacts the message uses (the record's)"
    parser.add_argument("--profile", default="", help=what)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="(standard output)")
    parser.add_argument("--language", choices=LANGUAGES, help="(the profile's, else the record's)")


def run(arguments: argparse.Namespace) -> int:
    """Ask every authoritative server, write the message, and return 0 if all is published as asked.

    That includes the key record of the selector that SES has, as far as the records tell. For a selector that was
    retired, no server is asked, and the message asks that nobody publishes its key record again, unless the record's
    run waived that.

    Raises:
        ParameterError: an option is wrong, or does not say which record is meant.
        AccessError: a file cannot be read or written, the name servers cannot be found, or a sandbox has ended.
        RecordError: the record proves no key pair.
    """
    meant, record = read_expected(arguments.record, arguments)
    begin = record.begin if record else None
    profile = arguments.profile or (begin.profile if begin else "default")
    language: Language = arguments.language or language_here(profile) or (begin.language if begin else ambient())
    if not (meant.selector and meant.domain and meant.public_key):
        raise ParameterError.said("request", "half", language, "unwritten")
    request = Request(meant.domain, meant.selector, meant.public_key, meant.ttl or DEFAULT_TTL)
    past = warn_of_retired(arguments.record, begin, request.selector, language) if begin else History()
    retired = begin is not None and _retired(request.selector, past)
    back = begin is not None and retired and "KEY-RETIRED" in begin.waivers
    if retired and not back:
        text, code = say("request", "reply.retired", language, **request.words), DIFFERS
    else:
        used = _in_use(record, past, request) if record else None
        compared = _compare(request, used, meant, begin, arguments, language)
        text = reply_text(request, compared, language, used, back=back)
        code = AS_ASKED if compared.matches and not compared.withdrawn else DIFFERS
    contacts = (begin.contacts if begin else {}) or contacts_here(profile)
    text = visible(addressed(text, contacts, language))
    if meant.rehearsal:
        text = marked("txt", text.encode(), language).decode()
    if arguments.output:
        write_exclusively(arguments.output, text.encode(), language)
        print(say("request", "reply", language, path=arguments.output))
    else:
        print(text, end="")
    return code


def _in_use(record: Record, past: History, request: Request) -> Request | None:
    """Return the key record that signs mail, by a run's record or by what a later run wrote: ``request``, or another.

    It is ``None`` where the record does not have it.
    """
    given, seen = past.claimed or past.given, record.after.selector if record.after else ""
    selector = given.selector if given and given.run > record.begin.run else seen
    known = (one for one in (request, in_use(record)) if one and one.selector == selector)
    return None if _retired(selector, past) else next(known, None)


def _retired(selector: str, past: History) -> bool:
    """Return whether a run that a trusted key signed retired it: else no letter asks others to act on that."""
    return selector.lower() in past.retired and selector.lower() not in past.doubted


def _compare(
    request: Request,
    used: Request | None,
    meant: Expected,
    begin: Begin | None,
    arguments: argparse.Namespace,
    language: Language,
) -> Comparison:
    """Ask the servers for the record and for the one in use, and return what they serve against what was asked."""
    # A rehearsal's zone stands in its sandbox alone.
    servers = arguments.nameservers or (begin.value("nameservers") if begin else "")
    given = parse_nameservers(servers, language) if servers else ()

    def find(name: str) -> Sequence[Server]:
        return given if servers or meant.rehearsal else find_servers(name, language=language).servers

    found = find(request.name)
    names = names_to_ask(request, probe=f"probe-{secrets.token_hex(8)}")
    asked = {*names, used.name.lower()} if used else names
    answers = ask(found, list(asked))
    followed = follow([one for one in answers if names.get(one.name) == "asked"], find)
    compared = compare(request, answers, names, used, followed)
    if meant.rehearsal and not compared.answered:
        where = {"endpoint": (begin and begin.value("endpoint_url")) or "-", "servers": servers or "-"}
        raise AccessError.said("request", "sandbox", language, "unwritten", path=arguments.record, **where)
    return compared
