"""The identities of an account and Region, each with its key's size and age, and what tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from byodkim.rotation.due import Made
from byodkim.rotation.observation import EXTERNAL, Identity

ADDRESS: Final = "EMAIL_ADDRESS"
#: Names in a page of ListEmailIdentities, and identities in a call of GetIdentityDkimAttributes, at most.
PAGE: Final = 1000
BATCH: Final = 100


@dataclass(frozen=True)
class Inspected:
    """One identity as it was looked at.

    Attributes:
        name: domain or address.
        identity: as SES shows it; ``None`` where it was not read.
        unread: AWS's code for why it could not be read; "" where it could, or nobody tried.
        bits: the key's size; 0 where nothing tells.
        bits_by: ``ses`` or ``dns``, "" where nothing tells.
        made: when its key was made; ``None`` where nothing tells.
    """

    name: str
    identity: Identity | None = None
    unread: str = ""
    bits: int = 0
    bits_by: str = ""
    made: Made | None = None


def told_bits(identity: Identity) -> int:
    """The size of the key as SES tells it, 0 where it does not: ``RSA_2048_BIT`` is 2048.

    SES tells it of its own keys only; of one that it was given it repeats a default.
    """
    if identity.signing_origin == EXTERNAL:
        return 0
    words = identity.current_signing_key_length.split("_")
    return int(words[1]) if len(words) == 3 and words[1].isdecimal() else 0
