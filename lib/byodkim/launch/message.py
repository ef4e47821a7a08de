"""``byodkim message``: a received message verified after the run, with what the authoritative servers serve now."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from byodkim.display.blocks import visible
from byodkim.display.notebook import as_text
from byodkim.display.page import words_of
from byodkim.display.words import Words
from byodkim.dkim.matrix import targets
from byodkim.dkim.names import record_name
from byodkim.dkim.published import Answer
from byodkim.dns.delegation import find_servers
from byodkim.dns.lookup import ask
from byodkim.dns.server_names import parse_nameservers
from byodkim.engine.archiving import keeper_of
from byodkim.evidence import by_message, seal
from byodkim.evidence.archived import Archived, RecordError, sound_record
from byodkim.evidence.by_message import Proved, later, proved
from byodkim.evidence.folders import near
from byodkim.evidence.journal import SUFFIX, earlier, stem_of
from byodkim.evidence.record import ROTATE, Record
from byodkim.evidence.world import World
from byodkim.intent.proving import received
from byodkim.messages import LANGUAGES, Language, ambient
from byodkim.procedures.rotate import message
from byodkim.procedures.rotate.standing import departed, stands

PROVED: Final = 0
UNPROVED: Final = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments, and set what runs it."""
    parser.add_argument("record", type=Path, metavar="RECORD.ipynb", help="the run that switched")
    parser.add_argument("message", type=Path, metavar="RECEIVED.eml", help="the message as it was received")
    parser.add_argument("--keep", action="store_true", help="write the verdict beside the record, signed")
    parser.add_argument(
        "--nameservers", default="", help="name servers to ask in place of the run's: 192.0.2.53,[2001:db8::1]"
    )
    parser.add_argument("--language", choices=LANGUAGES, help="(the record's)")


def run(arguments: argparse.Namespace) -> int:
    """Verify the message, say what came of it, and return 0 if it proves the run's switch.

    Raises:
        RecordError: the notebook is no record of a switch, its evidence contradicts itself, or a later run's switch is
            the one that the message shows.
        ParameterError: the message cannot be read or is none, or an option is wrong.
        AccessError: the name servers cannot be found.
        SealError: the verdict cannot be kept.
    """
    archived, record = _opened(arguments.record, arguments.language)
    words = words_of(archived, arguments.language)
    data = received(arguments.message, words.language).data
    records = _records(record, arguments.nameservers, words.language)
    verified = later(record, arguments.message.name, data, records, datetime.now(UTC))
    _refuse_switched_on(archived.path.parent, verified, words)
    blocks = message.proof(verified, words)
    lines = [as_text(block) for block in blocks]
    if arguments.keep:
        lines.append(words("Kept, and signed: {path}", path=_keep(archived, verified, words.language)))
    print(visible("\n\n".join(lines)))
    return PROVED if proved(verified) is Proved.PROVED else UNPROVED


def _opened(path: Path, language: Language | None) -> tuple[Archived, Record]:
    """Return the record of a run that gave SES the selector, or may have, or saw it in use."""
    archived = sound_record(path, language)
    record = archived.record
    if record and record.procedure == ROTATE and record.seen and (departed(record) or stands(record)):
        return archived, record
    raise RecordError.said("message", "no-switch", language or ambient(), path=path)


def _refuse_switched_on(folder: Path, verified: Record, words: Words) -> None:
    """Raise ``RecordError`` where the message is signed with what a later run of the archive gave SES, and since then.

    That one's record is the one to name: of the earlier switch the message says nothing.
    """
    begin, message, world = verified.begin, by_message.proof(verified), World.of(verified.begin)
    if message is None or world is None:
        return
    selectors = {one.selector for one in message.of_domain(begin.domain)} - {begin.selector}
    times = message.times(begin.domain, signed=not verified.rehearsal)
    for account in earlier(folder, world.same_identity):
        newer = begin.at < account.begin.at and account.begin.selector in selectors
        at = account.written_at if newer else None
        if at and times and times[-1] >= at.replace(microsecond=0):  # t= and Date have none
            record = near(account.path.with_name(f"{stem_of(account.path)}.ipynb"))
            values = {"selector": account.begin.selector, "at": words.time(at), "record": record}
            raise RecordError.said("message", "switched-on", words.language, **values)


def _records(record: Record, nameservers: str, language: Language) -> Mapping[str, Sequence[Answer]]:
    """Return the key records of both selectors, as every authoritative server serves them now."""
    given = nameservers or record.begin.value("nameservers")
    own = parse_nameservers(given, language) if given else ()
    found: dict[str, Sequence[Answer]] = {}
    for selector in filter(None, (record.begin.selector, record.left)):
        name = record_name(selector, record.begin.domain)
        answers = ask(own or find_servers(name, language=language).servers, [name])
        for target in targets(answers):
            answers += ask(own or find_servers(target, language=language).servers, [target])
        found[selector] = answers
    return found


def _keep(archived: Archived, record: Record, language: Language) -> Path:
    """Write the verdict beside the run's journal, signed with the key that the run's profile seals with."""
    journal = archived.path.with_name(f"{archived.path.stem}.{record.begin.run}{SUFFIX}")
    stated = by_message.statement(record, journal.name, archived.evidence.head)
    path = by_message.path_of(journal, stated["predicate"]["message"]["sha256"])
    with keeper_of(record.begin, language) as keeper:
        seal.write(path, seal.envelope(stated, keeper.sign), language)
    return path
