"""Words for the people who keep the zone, when a key record is to be revoked or removed."""

from __future__ import annotations

from typing import Final

_CHECK = """\
Leave every other record as it is, those under _domainkey above all: mail is being signed with one of them.

The record that stands there now holds the key with this SHA-256 (of its SubjectPublicKeyInfo):
{sha256}

We ask every authoritative server afterwards. You can see the same with:

  dig +short TXT {name} @<name server>
"""


_REVOKE = """\
Please change one DNS record: the key in it is revoked. The record itself stays.

  Name     {name}
  Type     TXT
  TTL      {ttl} seconds
  Value    {value}

The value ends with an empty p=: that is meant, and says that the key is revoked (RFC 6376 section 3.6.1).
"""


_REMOVE = """\
Please remove one DNS record.

  Name     {name}
  Type     TXT

No mail needs it any more.
"""


TEXTS: Final[dict[str, str]] = {
    "action.revoke": "change",
    "action.remove": "delete",
    "message.revoke": f"{_REVOKE}\n{_CHECK}",
    "message.remove": f"{_REMOVE}\n{_CHECK}",
}
