"""One session and its clients: bounded reads that may retry, writes that never do, and a log of every call.

It is botocore's session, which boto3 wraps: boto3 itself loads S3's transfer manager, which nothing here needs, and
that is a third of the custodian's start.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, CredentialRetrievalError
from msgspec import Struct

from second_edition.aws import hosts, raw
from second_edition.aws.budget import Budget, Keeper, Pace, file_of
from second_edition.aws.discreet import discreet
from second_edition.aws.hosts import Unsent
from second_edition.aws.reads import READING

READ = Config(connect_timeout=5, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 4})
# The defaults send a write again after a time-out or a reset; an unclear answer is resolved by reading back.
WRITE = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 1})
DIRECT = Config(proxies={})  # HTTP_PROXY does not count


class NotARead(BotoCoreError):  # type: ignore[misc] # botocore carries no types
    """A client that only looks was asked for a call that may write."""

    fmt = "{operation} is no read, and this session only reads"


class TooLate(Unsent):
    """A call was due to leave by a certain time, and had not left by then. It was not sent."""

    fmt = "{operation} was still waiting when its time was over"


def _only_reads(model: Any, **_: object) -> None:
    """botocore's ``before-call``: nothing else than a read leaves this process."""
    if model.name not in READING:
        raise NotARead(operation=model.name)


class Settings(Struct, frozen=True):
    """Hold how to reach AWS.

    ``requests_per_second`` paces SES's control plane, 0 for no pacing; ``clock_offset_s`` is how far the run's clock is
    ahead of this machine's, in seconds (a sandbox's clock can be shifted). ``account``: by which the budget of calls is
    known; "" where STS is to tell. ``store_region``, ``store_profile``: where the key store is, and who signs in there,
    where that is not where the identity is. In a sandbox, an AWS profile ``sandbox-<account>`` is of its other account.
    ``writes``: whether what changes mail, DNS or the key store may be asked for.
    """

    region: str = ""
    aws_profile: str = ""
    endpoint_url: str = ""
    sandbox: bool = False
    requests_per_second: float = 1.0
    clock_offset_s: float = 0.0
    account: str = ""
    store_region: str = ""
    store_profile: str = ""
    writes: bool = False


#: AWS profiles that a sandbox has by itself: of its own account, and of others.
OF_SANDBOX = re.compile(r"sandbox(-[0-9]{12})?")
#: What is called where the identity is; all else is called where the key store is.
OF_IDENTITY = frozenset({"ses", "sesv2", "sts"})


class CallLog:
    """Every AWS call: service, operation, request id, HTTP status, milliseconds, and what of its answer is kept raw."""

    def __init__(self, clock_offset_s: float = 0.0) -> None:
        self._offset = timedelta(seconds=clock_offset_s)
        self._calls: list[dict[str, Any]] = []
        self._raw = raw.Keeper()
        self._lock, self._own = threading.Lock(), threading.local()
        self.skew_s: float | None = None

    @contextmanager
    def noted(self) -> Iterator[list[dict[str, Any]]]:
        """Collect the calls that this thread makes meanwhile in a list of their own too, with their raw answers."""
        calls: list[dict[str, Any]] = []
        self._own.calls = calls
        try:
            yield calls
        finally:
            del self._own.calls

    def before(self, model: Any, context: dict[str, Any], **_: object) -> None:
        """botocore's ``before-call``."""
        context["byodkim_call"] = (model, time.monotonic(), self.now())

    def after(
        self, http_response: Any, parsed: dict[str, Any], context: dict[str, Any], *, kept: bool = True, **_: object
    ) -> None:
        """botocore's ``after-call``: an answer came, good or bad. Unless ``kept``, nothing of it is kept raw."""
        name, metadata = context["byodkim_call"][0].name, parsed.get("ResponseMetadata", {})
        if (dated := _dated(metadata.get("HTTPHeaders", {}).get("date", ""))) is not None:
            self.skew_s = (self.now() - dated).total_seconds()
        more = self._raw.keep(name, http_response) if kept else {}
        request_id, retries = discreet(metadata.get("RequestId", "")), metadata.get("RetryAttempts", 0)
        self._add(context, request_id, http_response.status_code, retries, **more)
        if kept and (own := getattr(self._own, "calls", None)) is not None:
            own[-1]["raw"] = raw.kept(name, http_response)

    def failed(self, exception: Exception, context: dict[str, Any], **_: object) -> None:
        """botocore's ``after-call-error``: no answer came, or none that could be read."""
        self._add(context, "", 0, 0, failure=type(exception).__name__)

    def _add(self, context: dict[str, Any], request_id: str, status: int, retries: int, **more: Any) -> None:
        model, started, at = context["byodkim_call"]
        call = {
            "at": at.isoformat(timespec="milliseconds"),
            "service": model.service_model.service_name,
            "operation": model.name,
            "request_id": request_id,
            "status": status,
            "ms": round((time.monotonic() - started) * 1000),
            "retries": retries,
        }
        if region := context.get("byodkim_region"):  # another one than the run's
            call["region"] = region
        with self._lock:
            self._calls.append(call | more)
        if (own := getattr(self._own, "calls", None)) is not None:
            own.append(call | more)

    def shift(self, clock_offset_s: float) -> None:
        """Shift the run's time anew."""
        self._offset = timedelta(seconds=clock_offset_s)

    def now(self) -> datetime:
        """Return the run's time: this machine's, shifted as a sandbox's clock is."""
        return datetime.now(UTC) + self._offset

    def drain(self) -> list[dict[str, Any]]:
        """Return the calls since the last drain, oldest first."""
        with self._lock:
            calls, self._calls = self._calls, []
        return sorted(calls, key=lambda call: str(call["at"]))


def _session(profile: str, *, sandbox: bool) -> botocore.session.Session:
    """Return a session with credentials by boto3's own chain; a sandbox reads the account off the access key."""
    for name in ("HTTP_PROXY", "http_proxy"):  # all that is asked without TLS is this machine, or its metadata service
        os.environ.pop(name, None)
    if not sandbox:  # whose credentials are fixed
        hosts.check_containers(os.environ)
    own = sandbox and OF_SANDBOX.fullmatch(profile)
    session = botocore.session.Session(profile=None if own else profile or None)
    session.get_scoped_config()  # raises ProfileNotFound now, and not at each call
    hosts.trust_own_models(session)
    hosts.trust_public_authorities(session)
    if sandbox:
        session.set_credentials(profile if own else "sandbox", "sandbox")
    return session


class Clients:
    """The clients of one run, made from one session (client creation is not thread-safe, use is).

    ``read_only``: none of them makes a call that is not in ``READING``. ``state``: folder in which processes share the
    budgets of SES's calls; each has a pace of its own where there is none.
    """

    def __init__(self, settings: Settings, *, read_only: bool = False, state: Path | None = None) -> None:
        self._read_only, self.settings, self._state = read_only, settings, state
        session = self._watched(settings.aws_profile)
        self._session, self._endpoint = session, settings.endpoint_url or None
        self._store = session
        if settings.store_profile not in ("", settings.aws_profile):
            self._store = self._watched(settings.store_profile)
        self._store_region = settings.store_region
        self.log = CallLog(settings.clock_offset_s)
        self.sending = Pace(settings.requests_per_second)  # messages have a rate of their own, of 1 a second at least
        self.region = settings.region or session.get_config_variable("region") or ""
        self.partition = session.get_partition_for_region(self.region) if self.region else ""
        self._made: dict[str, Any] = {}
        self._lock = threading.RLock()  # a call that is about to leave asks for another client
        self._budgets: dict[str, Budget | Pace] = {}
        self._turn = threading.local()
        self._budget_lock, self._caller_lock = threading.Lock(), threading.Lock()
        self._account, self._unclaimed = settings.account, dict[str, Any]()

    def caller(self) -> dict[str, Any]:
        """Return the answer of STS GetCallerIdentity, from a new call unless it had to be known before."""
        with self._caller_lock:
            answer, self._unclaimed = self._unclaimed, {}
            return dict(answer or self._ask_caller())

    def _ask_caller(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.get("sts").get_caller_identity()
        self._account = self._account or answer["Account"]
        return answer

    def _watched(self, profile: str) -> botocore.session.Session:
        """Return a session that signs in where it may."""
        session = _session(profile, sandbox=self.settings.sandbox)
        hosts.watch(session, partial(self.get, "sesv2"), self._usual)
        return session

    def _usual(self, service: str, region: str) -> Any:
        """Return a client of whichever endpoint botocore itself has for a Region ("" for the session's own)."""
        with self._lock:
            config = READ.merge(Config(ignore_configured_endpoint_urls=True))
            return self._session.create_client(service, region or self.region or None, config=config)

    @contextmanager
    def going_first(self) -> Iterator[None]:
        """Let this thread's calls of SES go before all that wait for the budget: many wait for their answers."""
        self._turn.first = True
        try:
            yield
        finally:
            self._turn.first = False

    def _goes_first(self) -> bool:
        return getattr(self._turn, "first", False)

    def _budget(self, region: str) -> Budget | Pace:
        """Return what SES allows in a Region, shared with all who know its place."""
        with self._budget_lock:
            if region not in self._budgets:
                rate = self.settings.requests_per_second
                shared = rate and self._state is not None
                self._budgets[region] = Budget(self._place(region), rate) if shared else Pace(rate)
            return self._budgets[region]

    def _place(self, region: str) -> Path:
        if self.settings.sandbox:  # each has the same account, and others by their AWS profiles
            where = f"{urlsplit(self._endpoint or '').netloc} {self.settings.aws_profile} {region}"
            return file_of(self._state or Path(), where)
        with self._caller_lock:
            if not self._account:
                self._unclaimed = self._ask_caller()
        return file_of(self._state or Path(), f"{self._account} {region}")

    def get(self, service: str, config: Config = READ, region: str = "", *, kept: bool = True) -> Any:
        """Return the client of ``service`` for reads, or for writes with ``config=WRITE``, in another Region if given.

        ``kept``: what comes is kept raw, as far as it is public.
        """
        with self._lock:
            name = f"{service} {region} {kept}" if config is READ else f"{service} {region} {kept} write"
            if name not in self._made:
                own = self.region if service in OF_IDENTITY else self._store_region or self.region
                self._made[name] = self._make(service, config, region or own, kept)
            return self._made[name]

    @contextmanager
    def sent_by(self, until: float) -> Iterator[None]:
        """Let this thread's writing calls leave by ``until`` (seconds since 1970), or raise ``TooLate`` unsent."""
        self._turn.until = until
        try:
            yield
        finally:
            del self._turn.until

    def _in_time(self, event_name: str, **_: object) -> None:
        """botocore's ``before-send``: signed, its turn come, and about to leave."""
        if time.time() > getattr(self._turn, "until", float("inf")):
            raise TooLate(operation=event_name.rpartition(".")[2])

    def prepare(self) -> None:
        """Make the clients for the reads of every run, before anybody asks for them."""
        for service in ("sesv2", "sts", "secretsmanager", "s3"):
            self.get(service)

    def _make(self, service: str, config: Config, region: str, kept: bool) -> Any:
        session = self._session if service in OF_IDENTITY else self._store
        make = partial(session.create_client, service, region or None, endpoint_url=self._endpoint)
        _load_credentials(session)
        try:
            client = make(config=config)
        except ValueError as error:  # botocore's word for an endpoint that is none; it repeats it in full
            if isinstance(error, BotoCoreError):
                raise
            raise hosts.NoAddress(service=service) from None
        hosts.guard(client)
        if hosts.is_here(client):  # which environment and configuration decide, too
            client = make(config=config.merge(DIRECT))
            hosts.guard(client)
        events = client.meta.events
        if self._read_only:
            events.register("before-call", _only_reads)
        if service in ("ses", "sesv2") and self.settings.requests_per_second:
            Keeper(partial(self._budget, region or self.region), self._goes_first).watch(events)
        events.register("before-call", self.log.before)  # after the wait, which is no part of a call's time
        if region != self.region:
            events.register("before-call", lambda context, **_: context.__setitem__("byodkim_region", region))
        if config is WRITE:
            events.register_last("before-send", self._in_time)
        events.register("after-call", lambda **answer: self.log.after(kept=kept, **answer))
        events.register("after-call-error", self.log.failed)
        return client


def _load_credentials(session: botocore.session.Session) -> None:
    """Load what a session signs in with, as its first client does.

    Raises:
        CredentialRetrievalError: what the AWS configuration names gives none that can be read.
    """
    try:
        session.get_credentials()
    except ValueError as error:
        if isinstance(error, BotoCoreError):
            raise
        raise CredentialRetrievalError(provider="the AWS configuration", error_msg="they cannot be read") from None


def _dated(text: str) -> datetime | None:
    """Return the first time in a Date header, which a proxy may have doubled; ``None`` for none that can be read."""
    for one in re.findall(r"[A-Za-z]{3}, [^,]+", text):
        with contextlib.suppress(ValueError, TypeError):
            found = parsedate_to_datetime(one)
            return found.replace(tzinfo=found.tzinfo or UTC)
    return None
