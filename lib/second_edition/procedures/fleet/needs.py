"""Define what fleet needs of IAM: of each identity what its own run needs; and all of them read by the hundred."""

from __future__ import annotations

from typing import Final

from second_edition.access.needs import APPLY, Need
from second_edition.procedures.rotate.needs import NEEDS as ROTATE

NEEDS: Final = (*ROTATE, Need("ses:GetIdentityDkimAttributes", "identities", "read-together", (APPLY,)))
