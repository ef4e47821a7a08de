"""One botocore session and its clients: reads that may be repeated, a write that never is, and a
log of every call.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from byodkim.aws.errors import code_of, unread
from byodkim.checks.world import Caller, Unread
from byodkim.custody.settings import AwsSettings

#: A read may be sent four times.
READ: Final = Config(
    connect_timeout=5, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 4},
    ignore_configured_endpoint_urls=True,
)  # fmt: skip
#: Promise 5: one attempt. botocore's default sends a write three times after a time-out, a reset,
#: 429 or 500.
WRITE: Final = Config(
    connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 1},
    ignore_configured_endpoint_urls=True,
)  # fmt: skip
#: SES's own pace decides when a throttled read is sent again.
SES_READ: Final = READ.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
#: Seconds for which a throttled read of SES is repeated.
THROTTLED_S: Final = 30.0
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


class PlainHttp(BotoCoreError):  # type: ignore[misc] # botocore has no types
    """The endpoint has no TLS and is not this machine."""

    fmt = "The endpoint has no TLS"


class CallLog:
    """Every AWS call, without its content, since the last drain."""

    def __init__(self, ahead: timedelta) -> None:
        self._calls: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._ahead = ahead
        self.clock_ahead_s = 0.0

    def now(self) -> datetime:
        """Return the run's time in UTC."""
        return datetime.now(UTC) + self._ahead

    def drain(self) -> list[dict[str, Any]]:
        """Return the calls since the last drain, oldest first."""
        with self._lock:
            calls, self._calls = self._calls, []
        return sorted(calls, key=lambda call: str(call["at"]))

    def watch(self, client: Any) -> None:
        """Log every call of a client."""
        events = client.meta.events
        events.register("before-call", self._before)
        events.register("after-call", self._after)
        events.register("after-call-error", self._failed)

    def _before(self, model: Any, context: dict[str, Any], **_: object) -> None:
        region = context.get("client_region", "")
        context["byodkim"] = (model, region, time.monotonic(), self.now())

    def _after(self, http_response: Any, parsed: dict[str, Any], context: Any, **_: object) -> None:
        metadata = parsed.get("ResponseMetadata", {})
        date = metadata.get("HTTPHeaders", {}).get("date")
        if date:
            self.clock_ahead_s = (self.now() - parsedate_to_datetime(date)).total_seconds()
        failed = http_response.status_code >= 300
        self._add(
            context,
            status=http_response.status_code,
            code=code_of(ClientError(parsed, "")) if failed else "",
            request_id=str(metadata.get("RequestId", ""))[:64],
            retries=int(metadata.get("RetryAttempts", 0)),
        )

    def _failed(self, exception: Exception, context: Any, **_: object) -> None:
        self._add(context, status=0, code=code_of(exception), request_id="", retries=0)

    def _add(self, context: Any, **result: Any) -> None:
        model, region, started, at = context["byodkim"]
        call = {
            "at": at.isoformat(timespec="milliseconds"),
            "service": model.service_model.service_name,
            "operation": model.name,
            "region": region,
            "ms": round((time.monotonic() - started) * 1000),
            **result,
        }
        with self._lock:
            self._calls.append(call)


class Pace:
    """Let one call after another pass, no more than so many a second."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1.0 / per_second
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self, **_: object) -> None:
        """Wait until it is this call's turn."""
        with self._lock:
            turn = max(time.monotonic(), self._next)
            self._next = turn + self._gap
        time.sleep(max(0.0, turn - time.monotonic()))


class Clients:
    """The clients of one run. A client is made when it is first asked for."""

    def __init__(self, settings: AwsSettings) -> None:
        if settings.sandbox:
            _leave_configuration()
        self.settings = settings
        self.calls = CallLog(timedelta(seconds=settings.clock_offset_s))
        self._pace = Pace(settings.requests_per_second)
        self._made: dict[tuple[str, bool], Any] = {}
        self._sessions: dict[str, botocore.session.Session] = {}
        self._lock = threading.RLock()

    def get(self, service: str, *, writes: bool = False) -> Any:
        """Return the client of a service.

        Raises:
            BotoCoreError: the profile is not known, there are no credentials, or the endpoint has
                no TLS.
        """
        with self._lock:
            if (service, writes) not in self._made:
                self._made[service, writes] = self._make(service, writes)
            return self._made[service, writes]

    def _make(self, service: str, writes: bool) -> Any:
        settings = self.settings
        is_store = service in ("s3", "secretsmanager")
        profile = (is_store and settings.store_profile) or settings.aws_profile
        region = (is_store and settings.store_region) or settings.region
        config = WRITE if writes else SES_READ if service == "sesv2" else READ
        if settings.endpoint_url and urlsplit(settings.endpoint_url).hostname in LOOPBACK:
            config = config.merge(Config(proxies={}, s3={"addressing_style": "path"}))
        client = self._session(profile).create_client(
            service, region or None, endpoint_url=settings.endpoint_url or None, config=config
        )
        endpoint = urlsplit(client.meta.endpoint_url)
        if endpoint.scheme != "https" and endpoint.hostname not in LOOPBACK:
            raise PlainHttp
        if service == "sesv2":
            client.meta.events.register("before-call", self._pace.wait)
        self.calls.watch(client)
        return client

    def _session(self, profile: str) -> botocore.session.Session:
        if profile not in self._sessions:
            session = botocore.session.Session(profile=profile or None)
            if self.settings.sandbox:
                session.set_credentials("sandbox", "sandbox")
            else:
                session.get_scoped_config()  # raises ProfileNotFound here, not at the first call
            self._sessions[profile] = session
        return self._sessions[profile]


def read_caller(clients: Clients) -> Caller | Unread:
    """Return who signs the requests (STS GetCallerIdentity), and how far this clock is ahead of
    AWS's.
    """
    try:
        answer = clients.get("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        return unread(error)
    return Caller(answer["Account"], answer["Arn"], round(clients.calls.clock_ahead_s, 3))


def at_pace(read: Callable[[], Any]) -> Any:
    """Return what a read of SES returns; a throttled one is repeated at SES's pace for half a
    minute.

    Raises:
        BotoCoreError, ClientError: as the read does.
    """
    ends, pause = time.monotonic() + THROTTLED_S, 1.0
    while True:
        try:
            return read()
        except (BotoCoreError, ClientError) as error:
            throttled = code_of(error) in ("TooManyRequestsException", "ThrottlingException")
            failed = isinstance(error, BotoCoreError) or code_of(error).startswith("Internal")
            if not (throttled or failed) or time.monotonic() + pause > ends:
                raise
            if failed and pause > 4.0:  # three attempts for what is no throttling
                raise
        time.sleep(pause)
        pause = min(pause * 2, 8.0)


def _leave_configuration() -> None:
    """Keep a sandbox's run away from the machine's AWS configuration."""
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
