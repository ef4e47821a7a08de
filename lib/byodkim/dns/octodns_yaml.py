r"""A key record as octoDNS takes it: an entry of a zone's file, in the format of its YamlProvider.

octoDNS cuts a value into character-strings by itself. Where ``escaped_semicolons`` is true, as it is unless a
configuration of octoDNS below 2.0 says otherwise, each semicolon of a value is written ``\;``.
Source: octoDNS documentation, YamlProvider and "Records", TXT.
"""

from __future__ import annotations

from byodkim.dns.request_sheet import Request
from byodkim.errors import ParameterError
from byodkim.messages import Language, say


def octodns_text(request: Request, zone: str = "", language: Language = "en") -> str:
    """The record as YAML, with words on how to take it over.

    Args:
        request: the record.
        zone: that holds it, without a closing dot; empty for the signing domain.
        language: of the words.

    Raises:
        ParameterError: the record is in no such zone.
    """
    apex = zone or request.domain
    owner = request.name.lower().removesuffix(f".{apex}")
    if owner == request.name.lower():
        raise ParameterError(
            say("request", "octodns.zone", language, name=request.name, zone=apex),
            say("request", "unwritten", language),
        )
    words = say("request", "octodns", language, zone=apex)
    value = request.value.replace(";", "\\;")
    entry = f"{owner}:\n  ttl: {request.ttl}\n  type: TXT\n  value: {value}\n"
    return "".join(f"# {line}\n" for line in words.splitlines()) + f"---\n{entry}"
