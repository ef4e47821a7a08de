"""Hold what can differ between a request and what was published, and the message to the DNS team about it."""

from __future__ import annotations

from typing import Final

_MESSAGE = """\
Subject: DNS record {name} is not yet as we asked

Thank you for your work on this TXT record. We asked the authoritative servers of {domain} for it: {good} of {asked}
addresses answer as asked. Here is what differs, and how it is put right.

{differences}

What should stand there
  Name     {name}
  Type     TXT, one record
  TTL      {ttl} seconds
  Value    {value}

In a zone file:

{zone_text}

Please change nothing else under _domainkey.{domain}: mail is being signed with another record there. You can see what a
server answers with

  dig +norecurse TXT {name} @<name server>

Please tell us when it is done; we will ask every server again.
"""


_GOOD = """\
Subject: DNS record {name}: thank you

The TXT record at {name} stands as we asked at all {asked} addresses of the authoritative servers of {domain}.
The key's SHA-256 (of its SubjectPublicKeyInfo) is {sha256}

Please leave it, and every other record under _domainkey.{domain}, until we write again.
"""


_MOVE = "Make the record at {wanted}, and remove the one at {name}."
_ONE_RECORD = "Make one TXT record with the value below, and nothing else at this name."
_SERVER = "Please see whether this server still holds the zone; receivers ask it as they ask the others."

TEXTS: Final[dict[str, str]] = {
    "message": _MESSAGE,
    "message.good": _GOOD,
    "difference": "{number}. {what}\n   Seen at: {servers}\n   To do: {todo}",
    "unasked": "No server could be asked from here, so nothing is known about the record.",
    # At the name itself
    "absent": "There is no TXT record at the name.",
    "absent.todo": _ONE_RECORD,
    "cut": "The value was cut off: the first {real} of its {whole} characters are published.",
    "cut.todo": "Publish the whole value, in character-strings of at most 255 bytes within the one record.",
    "several": "There are {count} TXT records at the name; with more than one, what receivers do is undefined.",
    "several.todo": _ONE_RECORD,
    "another-key": "The record holds another key (SHA-256 {found}), not the one that was asked for (SHA-256 {wanted}).",
    "another-key.todo": _ONE_RECORD,
    "other-bits": "The record holds another key than the one that was asked for, of {bits} bits.",
    "other-bits.todo": _ONE_RECORD,
    "revoked": "The p tag of the record is empty, which tells receivers that the key was revoked.",
    "revoked.todo": _ONE_RECORD,
    "cname": "A CNAME stands at the name, to {target}.",
    "cname.todo": "Remove the CNAME, and make the TXT record in its place.",
    "wildcard": "There is no record at the name: what answers is a wildcard, which answers for any name under {domain}.",
    "wildcard.todo": _ONE_RECORD,
    "wildcard.key": "The key was published as a wildcard: it answers for any selector under {domain}.",
    "wildcard.key.todo": "Make the record at its own name, and remove the wildcard.",
    "ttl": "The record is right, but its TTL is {ttl} seconds where {wanted} were asked for.",
    "ttl.todo": "Set the TTL to {wanted} seconds.",
    "t=y": "The record holds t=y (testing), which we did not ask for: receivers may ignore that a signature fails.",
    "t=y.todo": _ONE_RECORD,
    "t=s": "The record holds t=s, which we did not ask for: signatures that name a subdomain in i= fail.",
    "t=s.todo": _ONE_RECORD,
    # At another name
    "at.doubled": "The record stands at {name}: the domain was put after the name once more.",
    "at.doubled.todo": "Enter the name with a closing dot, or without .{domain} where the console adds it; remove the one at {name}.",
    "at.underscore": "The record stands at {name}, without the underscore of _domainkey.",
    "at.underscore.todo": _MOVE,
    "at.no-domainkey": "The record stands at {name}, without _domainkey.",
    "at.no-domainkey.todo": _MOVE,
    "at.no-selector": "The record stands at {name}, without the selector.",
    "at.no-selector.todo": _MOVE,
    "at.selector": "The record stands at {name}, under another selector.",
    "at.selector.todo": _MOVE,
    "at.zone": "The record stands at {name}, in the domain above.",
    "at.zone.todo": _MOVE,
    # Of the server
    "lame": "The server answers, but not as one that holds the zone.",
    "lame.todo": _SERVER,
    "servfail": "The server answers SERVFAIL.",
    "servfail.todo": _SERVER,
    "refused": "The server refuses to answer (REFUSED).",
    "refused.todo": _SERVER,
    "no-answer": "The server did not answer us ({reason}), so nothing is known about the record there.",
    "no-answer.todo": "Please see whether it can be reached from outside over UDP and TCP port 53.",
}
