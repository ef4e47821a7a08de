"""One session and its clients: bounded reads that may retry, writes that never do, and a log of every call.

It is botocore's session, which boto3 wraps: boto3 itself loads S3's transfer manager, which nothing here needs, and
that is a third of the custodian's start.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from byodkim.aws import raw
from byodkim.aws.discreet import discreet
from byodkim.aws.reads import READING

READ = Config(connect_timeout=5, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 4})
# The defaults send a write again after a time-out or a reset; an unclear answer is resolved by reading back.
WRITE = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 1})


class NotARead(BotoCoreError):  # type: ignore[misc] # botocore carries no types
    """A client that only looks was asked for a call that may write."""

    fmt = "{operation} is no read, and this session only reads"


def _only_reads(model: Any, **_: object) -> None:
    """botocore's ``before-call``: nothing else than a read leaves this process."""
    if model.name not in READING:
        raise NotARead(operation=model.name)


@dataclass(frozen=True)
class Settings:
    """How to reach AWS.

    ``requests_per_second`` paces SES's control plane, 0 for no pacing; ``clock_offset_s`` is how far the run's clock is
    ahead of this machine's, in seconds (a sandbox's clock can be shifted). ``access_key``: the id with which a sandbox
    is reached, which tells it the account. Where the key store is elsewhere than the identity, ``store_region`` is its
    Region, and ``store_profile`` the AWS profile that signs in there.
    """

    region: str = ""
    aws_profile: str = ""
    endpoint_url: str = ""
    sandbox: bool = False
    requests_per_second: float = 1.0
    clock_offset_s: float = 0.0
    access_key: str = "sandbox"
    store_region: str = ""
    store_profile: str = ""


#: What is called where the identity is; all else is called where the key store is.
OF_IDENTITY = frozenset({"ses", "sesv2", "sts"})


class Pace:
    """Keeps calls at least ``1 / per_second`` seconds apart: SES's control plane allows 1 a second.

    Source: Service quotas in Amazon SES, "Amazon SES API".
    """

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._clock, self._sleep, self._free, self._lock = clock, sleep, 0.0, threading.Lock()

    def wait(self) -> None:
        """Returns when the next call may be made."""
        with self._lock:
            now = self._clock()
            due = max(self._free, now)
            self._free = due + self._interval
        if due > now:
            self._sleep(due - now)


class CallLog:
    """Every AWS call: service, operation, request id, HTTP status, milliseconds, and what of its answer is kept raw."""

    def __init__(self, clock_offset_s: float = 0.0) -> None:
        self._offset = timedelta(seconds=clock_offset_s)
        self._calls: list[dict[str, Any]] = []
        self._raw = raw.Keeper()
        self._lock = threading.Lock()
        self.skew_s: float | None = None

    def before(self, model: Any, context: dict[str, Any], **_: object) -> None:
        """botocore's ``before-call``."""
        context["byodkim_call"] = (model, time.monotonic(), self.now())

    def after_unkept(self, http_response: Any, parsed: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        """The same as ``after``, and nothing of the answer is kept raw: an inbox is other people's too."""
        metadata = parsed.get("ResponseMetadata", {})
        request_id = discreet(metadata.get("RequestId", ""))
        self._add(context, request_id, http_response.status_code, metadata.get("RetryAttempts", 0))

    def after(self, http_response: Any, parsed: dict[str, Any], context: dict[str, Any], **_: object) -> None:
        """botocore's ``after-call``: an answer came, good or bad."""
        metadata = parsed.get("ResponseMetadata", {})
        headers, request_id = metadata.get("HTTPHeaders", {}), discreet(metadata.get("RequestId", ""))
        if "date" in headers:
            self.skew_s = (self.now() - parsedate_to_datetime(headers["date"])).total_seconds()
        self._add(
            context,
            request_id,
            http_response.status_code,
            metadata.get("RetryAttempts", 0),
            **self._raw.keep(context["byodkim_call"][0].name, http_response, request_id),
        )

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

    def now(self) -> datetime:
        """The run's time: this machine's, shifted as a sandbox's clock is."""
        return datetime.now(UTC) + self._offset

    def drain(self) -> list[dict[str, Any]]:
        """The calls since the last drain, oldest first."""
        with self._lock:
            calls, self._calls = self._calls, []
        return sorted(calls, key=lambda call: str(call["at"]))


def _session(profile: str, access_key: str) -> botocore.session.Session:
    """``access_key``: the id that a sandbox is reached with; "" for credentials by boto3's own chain."""
    session = botocore.session.Session(profile=profile or None)
    if access_key:
        session.set_credentials(access_key, "sandbox")
    return session


class Clients:
    """The clients of one run, made from one session (client creation is not thread-safe, use is).

    ``read_only``: none of them makes a call that is not in ``READING``.
    """

    def __init__(self, settings: Settings, *, read_only: bool = False) -> None:
        self._read_only = read_only
        session = _session(settings.aws_profile, settings.access_key if settings.sandbox else "")
        self._session, self._endpoint = session, settings.endpoint_url or None
        self._store = session
        if settings.store_region:
            self._store = _session(settings.store_profile, "sandbox" if settings.sandbox else "")
        self._store_region = settings.store_region
        self.log, self.pace = CallLog(settings.clock_offset_s), Pace(settings.requests_per_second)
        self.sending = Pace(settings.requests_per_second)  # messages have a rate of their own, of 1 a second at least
        self.region = settings.region or session.get_config_variable("region") or ""
        self.partition = session.get_partition_for_region(self.region) if self.region else ""
        self._made: dict[str, Any] = {}
        self._lock = threading.Lock()

    def get(self, service: str, config: Config = READ, region: str = "", *, kept: bool = True) -> Any:
        """The client of ``service`` for reads, or for writes with ``config=WRITE``; in another Region if so asked.

        ``kept``: what comes is kept raw, as far as it is public.
        """
        with self._lock:
            name = f"{service} {region} {kept}" if config is READ else f"{service} {region} {kept} write"
            if name not in self._made:
                own = self.region if service in OF_IDENTITY else self._store_region or self.region
                self._made[name] = self._make(service, config, region or own, kept)
            return self._made[name]

    def _make(self, service: str, config: Config, region: str, kept: bool) -> Any:
        session = self._session if service in OF_IDENTITY else self._store
        client = session.create_client(service, region or None, endpoint_url=self._endpoint, config=config)
        events = client.meta.events
        if self._read_only:
            events.register("before-call", _only_reads)
        events.register("before-call", self.log.before)
        if region != self.region:
            events.register("before-call", lambda context, **_: context.__setitem__("byodkim_region", region))
        events.register("after-call", self.log.after if kept else self.log.after_unkept)
        events.register("after-call-error", self.log.failed)
        return client
