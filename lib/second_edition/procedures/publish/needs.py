"""Define what publish needs of IAM."""

from __future__ import annotations

from typing import Final

from second_edition.access.needs import PUBLISHING, TRIED, WHO, Need

NEEDS: Final = (
    WHO,
    *PUBLISHING,
    # Who reads the key store may decrypt by this key already.
    Need("kms:Decrypt", "encryption-key", "decrypt-tsig", when="encrypted-tsig", only="via-secrets"),
    *TRIED,
)
