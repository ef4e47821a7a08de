"""The operation by which many identities are read together, by who reads for a campaign."""

from __future__ import annotations

from typing import Any

from byodkim.aws import identity_batch
from byodkim.aws.session import Clients
from byodkim.custody.refusal import reading


class SharedReads:
    """A part of the custodian's duties."""

    @property
    def clients(self) -> Clients:
        """The clients, once ``open`` was asked for."""
        raise NotImplementedError

    def hundred(self, names: list[str]) -> dict[str, Any]:
        """SES GetIdentityDkimAttributes, for at most 100 identities: ``told`` by name, and ``call``."""
        ses = self.clients.get("ses")
        with self.clients.going_first(), self.clients.log.noted() as calls:
            told = reading("GetIdentityDkimAttributes", lambda: identity_batch.attributes(ses, names))
            call = {name: value for name, value in calls[-1].items() if name != "raw"}
            return {"told": told, "call": call}
