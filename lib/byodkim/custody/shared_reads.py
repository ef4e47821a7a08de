"""The operations by which many identities are read together: by who reads for a campaign, and by each of its runs."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from byodkim.aws import identity_batch
from byodkim.aws.session import Clients
from byodkim.custody import reader_client
from byodkim.custody.refusal import DutyError, reading
from byodkim.rotation.observation import Identity
from byodkim.rotation.reading import Reading, reading_from_plain


class SharedReads:
    """A part of the custodian's duties."""

    @property
    def clients(self) -> Clients:
        """The clients, once ``open`` was asked for."""
        raise NotImplementedError

    def identity(self, name: str) -> dict[str, Any] | None:
        """SES GetEmailIdentity, as plain ``Identity``; ``None`` where SES knows no such identity."""
        raise NotImplementedError

    def full(self, name: str) -> dict[str, Any]:
        """SES GetEmailIdentity, with the call itself: ``identity`` (``None``: SES knows none) and ``call``."""
        with self.clients.going_first(), self.clients.log.noted() as calls:
            return {"identity": self.identity(name), "call": calls[-1]}

    def hundred(self, names: list[str]) -> dict[str, Any]:
        """SES GetIdentityDkimAttributes, for at most 100 identities: ``told`` by name, and ``call``."""
        ses = self.clients.get("ses")
        with self.clients.going_first(), self.clients.log.noted() as calls:
            told = reading("GetIdentityDkimAttributes", lambda: identity_batch.attributes(ses, names))
            call = {name: value for name, value in calls[-1].items() if name != "raw"}
            return {"told": told, "call": call}

    def lately(
        self, name: str, age_s: float, wait_s: float, wrote: str = "", patient: bool = False, alone: bool = True
    ) -> dict[str, Any]:
        """Return how an identity stands, by the campaign's reader where there is one, else by GetEmailIdentity.

        Args:
            name: domain.
            age_s: how old, in seconds, the answer may be.
            wait_s: how long to wait for one, in seconds.
            wrote: the selector that SES was given by the asker; "" where it was given none.
            patient: whether the reader may take its time to ask SES.
            alone: whether to read by itself where the reader is there and knows nothing so new in that time.

        Returns:
            ``identity`` as ``identity`` answers, ``reading`` (a plain ``Reading``, ``None`` where it is no other's),
            and ``late``: the reader had nothing so new, and nothing else was asked.
        """
        # What is asked for is as old as it is now, and no older when it is answered.
        since = self.clients.log.now() - timedelta(seconds=age_s)
        question = {"name": name, "age_s": age_s, "wait_s": wait_s, "wrote": wrote, "patient": patient}
        found = self._shared(question, wait_s)
        if found == "late" and not alone:
            return {"identity": None, "reading": None, "late": True}
        seen = self._relied(found, name, since, wrote) if isinstance(found, Reading) else None
        if seen is not None and isinstance(found, Reading):
            return {"identity": asdict(seen), "reading": found.plain(), "late": False}
        return {"identity": self.identity(name), "reading": None, "late": False}

    def _shared(self, question: dict[str, Any], wait_s: float) -> Reading | str | None:
        """What the reader says, if it is one of this account, Region and endpoint: a reading, or that it has none."""
        if not (address := os.environ.get(reader_client.VARIABLE, "")):
            return None
        answer = reader_client.ask(address, question, wait_s)
        if answer is None:
            return None
        try:
            place = (answer["account"], answer["region"], answer["endpoint"])
            own = (reading("GetCallerIdentity", self.clients.signed_in), self.clients.region, self._endpoint)
            if place != own:
                return None
            return "late" if answer["reading"] is None else reading_from_plain(answer["reading"])
        except (LookupError, TypeError, DutyError):
            return None

    @property
    def _endpoint(self) -> str:
        return str(self.clients.get("sesv2").meta.endpoint_url)

    def _relied(self, found: Reading, name: str, since: datetime, wrote: str) -> Identity | None:
        """What a reading comes to, if it answers what was asked, by this process's clock as well as the reader's."""
        try:
            timely = since <= datetime.fromisoformat(found.at) <= self.clients.log.now()
            sound = timely and found.full["name"] == name and found.wrote == wrote
            return found.identity if sound else None
        except (LookupError, TypeError, ValueError, AttributeError):
            return None
