"""Tell the DNS team in words what to do: paragraphs to forward, a letter, and zone text."""

from collections.abc import Iterable, Sequence

from byodkim.checks.facts import Server
from byodkim.dkim.record import character_strings
from byodkim.dkim.verdict import Verdict
from byodkim.words import Sentence, _


def removal_paragraph(name: str, value: str) -> Sentence:
    """Return a paragraph to forward to the DNS team, which asks to remove a record."""
    return _(
        "Please remove one TXT record. Name: {name}. Its value is: {value}", name=name, value=value
    )


def zone_text(name: str, value: str, ttl: int, zone_name: str = "") -> str:
    """Return a line of a master file (RFC 1035 section 5.1), its owner absolute.

    Args:
        name: of the record, absolute, without a final dot.
        value: in one piece.
        ttl: in seconds.
        zone_name: of the zone that holds it; a comment then names the owner within the zone.
    """
    strings = " ".join(f'"{_escaped(string)}"' for string in character_strings(value))
    line = f"{name}. {ttl} IN TXT {strings}\n"
    owner = name.removesuffix(f".{zone_name}")
    is_within = bool(zone_name) and owner != name
    return f"; {owner} in zone {zone_name}\n{line}" if is_within else line


def forwardable(
    domain: str,
    selector: str,
    value: str,
    ttl: int,
    verdicts: Sequence[tuple[Server, Verdict]],
) -> list[Sentence]:
    """Return a paragraph to forward to the DNS team: the record, and per server what is wrong.

    Args:
        domain: the signing domain.
        selector: whose key record is asked for.
        value: of the record.
        ttl: in seconds.
        verdicts: on what each server publishes.
    """
    wrong = [(server, verdict) for server, verdict in verdicts if not verdict.is_published]
    if verdicts and not wrong:
        return [
            _("The DNS team has nothing to do: every authoritative server publishes this record.")
        ]
    sentences = []
    if not verdicts or any(not verdict.is_unknown for _server, verdict in wrong):
        sentences.append(
            _(
                "Please publish one TXT record. Name: {name}. TTL: {ttl}. Value: {value}",
                name=f"{selector}._domainkey.{domain}",
                ttl=ttl,
                value=value,
            )
        )
    for servers, verdict in _grouped(wrong):
        sentences += [_("{servers}:", servers=servers), verdict.what]
        if verdict.todo:
            sentences.append(verdict.todo)
    return sentences


def letter(name: str, value: str, ttl: int, ticket: str, requested_by: str) -> list[Sentence]:
    """Return a letter to the DNS team, a sentence a line.

    Args:
        name: of the record to publish.
        value: in one piece.
        ttl: in seconds.
        ticket: of the change; "" for none.
        requested_by: who asks; "" where that is not known.
    """
    sentences = [
        _("To the DNS team: please publish one TXT record for signing mail (DKIM)."),
        _("Name: {name}", name=name),
        _("Type: TXT, TTL: {ttl}", ttl=ttl),
        _("Value, in one piece: {value}", value=value),
        _("It is longer than 255 characters, so a zone file holds it as several quoted strings, as "
          "at the end of this letter. Nothing may be changed in it, not even a space or a letter's "
          "case."),
        _("Please change no other record, and write back when every name server serves it."),
    ]  # fmt: skip
    if ticket:
        sentences.append(_("Ticket: {ticket}", ticket=ticket))
    if requested_by:
        sentences.append(_("Requested by: {name}", name=requested_by))
    return sentences


def _grouped(verdicts: Iterable[tuple[Server, Verdict]]) -> list[tuple[list[str], Verdict]]:
    """Return verdicts that read the same once, with their servers."""
    groups: dict[str, tuple[list[str], Verdict]] = {}
    for server, verdict in verdicts:
        groups.setdefault(str(verdict.what), ([], verdict))[0].append(str(server))
    return list(groups.values())


def _escaped(string: str) -> str:
    return string.replace("\\", "\\\\").replace('"', '\\"')
