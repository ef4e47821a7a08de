"""A read-only session with AWS, opened by the parameters of rotate and its profile."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any

from msgspec.structs import asdict, replace

from second_edition.custody.client import Custodian, Refused
from second_edition.display.words import Words
from second_edition.dkim.names import check_domain
from second_edition.engine import run_start, sign_in
from second_edition.engine.gate import Gate
from second_edition.engine.run import Clock, Observer
from second_edition.errors import AccessError, ParameterError
from second_edition.evidence.world import World, name_of
from second_edition.intent import intent as intents
from second_edition.intent import profile
from second_edition.intent.intent import Intent
from second_edition.messages import LANGUAGES, Language, say
from second_edition.rotation.observation import Caller
from second_edition.sandbox.client import Sandbox
from second_edition.settings import Parameters, Profile


@dataclass
class Exploration:
    """An open session. Nothing of it is written anywhere.

    Attributes:
        intent: the identity that the profile (or the sandbox) is about, and where its keys are; "" for what none says.
        region: where the session is.
        caller: who acts; ``None`` where STS did not say.
        folder: the archive of records.
        gate: through which every result goes.
    """

    intent: Intent
    custodian: Custodian
    pool: ThreadPoolExecutor
    sandbox: Sandbox | None
    words: Words
    folder: Path
    gate: Gate
    region: str = ""
    caller: Caller | None = None

    @property
    def language(self) -> Language:
        """Return the reader's language."""
        return self.words.language

    @property
    def clock(self) -> Clock:
        """Return the clock of the world that is explored."""
        return run_start.clock_of(self.sandbox)

    @property
    def place(self) -> str:
        """Return account and Region, or the sandbox, as the archive names the world of a run."""
        if self.sandbox:
            at = f" {self.intent.account}/{self.region}" if self.intent.asked.region else ""
            return f"{name_of(self.caller.endpoint if self.caller else '', self._id)}{at}"
        return " ".join(filter(None, (self.caller.account if self.caller else self.intent.account, self.region)))

    def look(self, domain: str, selector: str) -> Observer:
        """Return who looks at one selector of one identity, as rotate would."""
        check_domain(domain, self.language)
        intent = replace(self.intent, domain=domain, selector=selector, region=self.region)
        return Observer(intent, self.clock, self.custodian, self.pool, self.folder, self._world(domain))

    def _world(self, domain: str) -> World | None:
        """Return the world of earlier runs' journals; ``None`` for a sandbox of its own, which has no past."""
        asked = self.intent.asked.endpoint_url
        if self.sandbox and not asked:
            return None
        endpoint = asked.rstrip("/") if self.sandbox else ""
        return World(domain, endpoint, self.intent.account, self.region, self._id)

    @property
    def _id(self) -> str:
        return self.sandbox.facts.id if self.sandbox else ""

    def say(self, key: str, **values: object) -> str:
        """Return a sentence of the catalogue ``explore``."""
        return say("explore", key, self.language, **values)

    def wrong(self, key: str, todo: str = "", **values: object) -> ParameterError:
        """Return the error of something that was asked for and cannot be had: ``key`` of the catalogue ``explore``."""
        values["region"] = self.region
        return ParameterError.said("explore", key, self.language, "untouched", todo, **values)

    def ask(self, operation: str, **arguments: Any) -> Any:
        """Return what the custodian answers.

        Raises:
            AccessError: AWS could not be reached, or refused.
        """
        try:
            return self.custodian.ask(operation, **arguments).result()
        except Refused as refused:
            raise self.unread(refused) from None

    def unread(self, refused: Refused) -> AccessError:
        """Return why AWS could not be read, and what to do about it."""
        if sign_in.missing(refused) or sign_in.unread(refused.code):
            return sign_in.error(refused, self.intent.asked.aws_profile, self.language, self.say("untouched"))
        denied = "AccessDenied" in refused.code or refused.code in ("403", "UnauthorizedOperation")
        values = {"operation": refused.operation, "code": refused.code, "message": refused.message or "-"}
        todo = "unread.permission" if denied else "unread.other"
        return AccessError.said("explore", "unread", self.language, "untouched", todo, **values)

    def close(self) -> None:
        """End the custodian, and the sandbox where it is this exploration's own. May be called twice."""
        self.custodian.close()
        self.pool.shutdown(wait=False, cancel_futures=True)
        if self.sandbox is not None:
            self.sandbox.close()


def begin(given: Mapping[str, Any], start: Any = Custodian) -> Exploration:
    """Open a session.

    Args:
        given: parameters of ``explore.ipynb``, by name.
        start: makes the custodian.

    Raises:
        ParameterError: a parameter or the profile is wrong. Nothing was asked.
        AccessError: no session with AWS can be had.
        SandboxError: the sandbox can't be started or reached.
    """
    accepted = intents.accept(given, Path.cwd(), "explore")
    requested, section, language = accepted.asked, accepted.section, accepted.language
    with ExitStack() as started:
        sandbox = run_start.sandbox_of(requested, language)
        if sandbox is not None:
            started.callback(sandbox.close)
        intent = _resolved(requested, section, sandbox)
        custodian: Custodian = start(read_only=True)
        started.callback(custodian.close)
        words = words_at(language, intent.zone, run_start.clock_of(sandbox)())
        folder = profile.archive_of(section, requested.archive)
        pool = ThreadPoolExecutor(run_start.THREADS, "byodkim")
        found = Exploration(intent, custodian, pool, sandbox, words, folder, Gate(language), intent.region)
        found.region = str(found.ask("open", settings=run_start.settings_of(intent, sandbox))["region"])
        found.caller = Caller(**found.ask("caller"))
        started.pop_all()
    return found


def _resolved(requested: Parameters, section: Profile, sandbox: Sandbox | None) -> Intent:
    """Return what is explored. The profile's secret is that of the profile's identity, and of no other."""
    facts = asdict(sandbox.facts) if sandbox else None
    intent = intents.resolve(requested, section, facts, (), {}, "explore")
    own = facts["domain"] if facts else section.domain
    return intent if requested.secret_id or intent.domain == own else replace(intent, secret_id="")


def words_at(language: Language, zone: tzinfo, at: datetime) -> Words:
    """Return how the reader is spoken to: times in the zone as it stands at one moment."""
    moment = at.astimezone(zone)
    return Words(language, timezone(moment.utcoffset() or timedelta(), moment.tzname() or "UTC"))


def closed(place: str) -> AccessError:
    """Return the error of a session that is used after its end."""
    # It has ended, and with it who knew the reader's language: both are spoken.
    sentences = [say("explore", "closed", language, place=place) for language in LANGUAGES]
    return AccessError(" ".join(sentences))
