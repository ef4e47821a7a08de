"""A read-only session with AWS, opened by the parameters of rotate and its profile."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any, Final

import msgspec

from byodkim.custody.client import Custodian, Refused
from byodkim.display.words import Words
from byodkim.dkim.names import check_domain
from byodkim.errors import AccessError, ParameterError
from byodkim.evidence.world import World
from byodkim.intent import intent as intents
from byodkim.intent import profile
from byodkim.messages import LANGUAGES, Language, say
from byodkim.procedure import run_start, sign_in
from byodkim.procedure.gate import Gate
from byodkim.procedure.run import Clock, Observer
from byodkim.rotation.observation import Caller
from byodkim.sandbox.client import Sandbox
from byodkim.settings import Parameters, Profile

_NO_REGION: Final = ("NoRegion", "NoRegionError", "UnknownRegionError", "InvalidRegionError")


@dataclass(frozen=True)
class Home:
    """The identity that the profile (or the sandbox) is about, and where its keys are; "" for what it does not say."""

    domain: str
    secret_id: str
    key_bucket: str
    account: str
    region: str


@dataclass
class Exploration:
    """An open session. Nothing of it is written anywhere.

    Attributes:
        home: what the profile or the sandbox is about.
        region: where the session is.
        caller: who acts; ``None`` where STS did not say.
        folder: the archive of records.
        selector, record: the parameters of these names, "" where they are left open.
        gate: through which every result goes.
    """

    parameters: Parameters
    section: Profile
    home: Home
    facts: Mapping[str, Any] | None
    custodian: Custodian
    pool: ThreadPoolExecutor
    sandbox: Sandbox | None
    words: Words
    folder: Path
    selector: str
    record: str
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
        return self.sandbox.clock if self.sandbox else lambda: datetime.now(UTC)

    @property
    def per_second(self) -> float:
        """Return how many calls of SES's control plane are made a second; 0: as many as come."""
        return float(self.sandbox.facts.requests_per_second) if self.sandbox else self.section.ses_requests_per_second

    @property
    def place(self) -> str:
        """Return account and Region, or the sandbox, as the archive names the world of a run."""
        if self.sandbox:
            at = f" {self.home.account}/{self.region}" if self.parameters.region else ""
            return f"sandbox {self.caller.endpoint if self.caller else ''}{at}"
        return " ".join(filter(None, (self.caller.account if self.caller else self.home.account, self.region)))

    def look(self, domain: str, selector: str) -> Observer:
        """Return who looks at one selector of one identity, as rotate would."""
        # What only looks at DNS needs no secret, and none is asked for then.
        needed = {"domain": domain, "selector": selector, "region": self.region}
        secret = {"secret_id": self.parameters.secret_id or self.home.secret_id or "-"}
        requested = msgspec.structs.replace(self.parameters, **needed, **secret)
        intent = intents.resolve(requested, self.section, self.facts, (), {})
        return Observer(intent, self.clock, self.custodian, self.pool, self.folder, self._world(domain))

    def _world(self, domain: str) -> World | None:
        """Return the world of earlier runs' journals; ``None`` for a sandbox of its own, which has no past."""
        if self.sandbox and not self.parameters.endpoint_url:
            return None
        endpoint = self.parameters.endpoint_url.rstrip("/") if self.sandbox else ""
        return World(domain, endpoint, self.home.account, self.region)

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
    if requested.domain:
        check_domain(requested.domain, language)
    zone = intents.zone_of(section.timezone, language)
    sandbox = run_start.sandbox_of(requested, language)
    custodian: Custodian | None = None
    try:
        facts = asdict(sandbox.facts) if sandbox else None
        clock = sandbox.clock if sandbox else lambda: datetime.now(UTC)
        custodian = start(read_only=True)
        found = Exploration(
            requested, section, _home(requested, section, facts), facts, custodian,
            ThreadPoolExecutor(run_start.THREADS, "byodkim"), sandbox, words_at(language, zone, clock()),
            profile.archive_of(section, requested.archive), requested.selector, requested.record,
            Gate(language),
        )  # fmt: skip
        _open(found)
    except BaseException:
        if custodian is not None:
            custodian.close()
        if sandbox is not None:
            sandbox.close()
        raise
    return found


def words_at(language: Language, zone: tzinfo, at: datetime) -> Words:
    """Return how the reader is spoken to: times in the zone as it stands at one moment."""
    moment = at.astimezone(zone)
    return Words(language, timezone(moment.utcoffset() or timedelta(), moment.tzname() or "UTC"))


def answer(exploration: Exploration, future: Future[Any]) -> Any:
    """Return what the custodian answers.

    Raises:
        AccessError: AWS could not be reached, or refused.
    """
    try:
        return future.result()
    except Refused as refused:
        if sign_in.missing(refused):
            untouched = say("explore", "untouched", exploration.language)
            raise sign_in.error(refused, exploration.parameters.aws_profile, exploration.language, untouched) from None
        raise unread(refused, exploration.language, exploration.region) from None


def unread(refused: Refused, language: Language, region: str) -> AccessError:
    """Return why AWS could not be read, and what to do about it, in one paragraph."""
    kind = (
        "region" if refused.code in (*_NO_REGION, "EndpointConnectionError")
        else "permission" if "AccessDenied" in refused.code or refused.code in ("403", "UnauthorizedOperation")
        else "other"
    )  # fmt: skip
    values = {"operation": refused.operation, "code": refused.code, "message": refused.message or "-"}
    return AccessError(
        say("explore", "unread", language, **values),
        say("explore", "untouched", language),
        say("explore", f"unread.{kind}", language, region=region or "-", operation=refused.operation),
    )


def wrong(exploration: Exploration, key: str, todo: str | None = "", **values: object) -> ParameterError:
    """Return the error of something that was asked for and cannot be had: ``key`` of the catalogue ``explore``.

    ``todo``: what to do; "" for the key's own, ``None`` for nothing.
    """
    language = exploration.language
    what = say("explore", key, language, region=exploration.region, **values)
    advice = "" if todo is None else say("explore", todo or f"{key}.todo", language)
    return ParameterError(what, say("explore", "untouched", language), advice)


def closed(place: str) -> AccessError:
    """Return the error of a session that is used after its end."""
    # It has ended, and with it who knew the reader's language: both are spoken.
    sentences = [say("explore", "closed", language, place=place) for language in LANGUAGES]
    return AccessError(" ".join(sentences))


def _home(requested: Parameters, section: Profile, facts: Mapping[str, Any] | None) -> Home:
    base = facts if facts is not None else msgspec.structs.asdict(section)
    domain = (requested.domain or str(base["domain"])).removesuffix(".").lower()
    # The profile's secret is that of the profile's identity, and of no other.
    own = domain == str(base["domain"]).lower()
    return Home(
        domain,
        requested.secret_id or (str(base["secret_id"]) if own else ""),
        requested.key_bucket or str(base["key_bucket"]),
        str(base["account"]),
        str(base["region"]),
    )


def _open(found: Exploration) -> None:
    base = found.facts or msgspec.structs.asdict(found.section)
    region = found.parameters.region or str(base["region"])
    settings = {
        "region": region,
        "aws_profile": found.parameters.aws_profile or str(base.get("aws_profile", "")),
        "store_region": str(base.get("store_region", "")),
        "store_profile": str(base.get("store_profile", "")),
        "endpoint_url": found.parameters.endpoint_url or str(base["endpoint_url"]),
        "sandbox": found.sandbox is not None,
        "requests_per_second": found.per_second,
        "account": found.home.account,
        "clock_offset_s": found.sandbox.facts.clock_offset_s if found.sandbox else 0.0,
    }
    found.region = region
    found.region = str(answer(found, found.custodian.ask("open", settings=settings))["region"])
    found.caller = Caller(**answer(found, found.custodian.ask("caller")))
