"""Define what rotate needs of IAM."""

from __future__ import annotations

from typing import Final

from second_edition.access.needs import APPLY, LOCK, LOCK_ENCRYPTION, LOOK, MAILBOX, READING, TRIED, WHO, Need

NEEDS: Final = (
    WHO,
    LOOK,
    Need("ses:PutEmailIdentityDkimSigningAttributes", "identity", "write", (APPLY,)),
    *READING,
    *LOCK,
    LOCK_ENCRYPTION,
    *MAILBOX,
    *TRIED,
)
