"""botocore's clients: reads that may be repeated, a write that never is, a log of every call."""

import os
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final, TypeVar

import botocore.session
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
)
from botocore.loaders import Loader
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from byodkim.aws.errors import THROTTLED, code_of, request_id_of, status_of
from byodkim.checks.facts import Caller
from byodkim.custody.settings import AwsSettings, PutAnswer, Refused

T = TypeVar("T")

#: A read may be sent four times.
READ: Final = Config(
    connect_timeout=5, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 4}
)
#: Promise 5: one attempt. botocore's default repeats a write after a time-out, a reset, 429 or 500.
WRITE: Final = Config(
    connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 1}
)
#: Both versions of SES's API, which share its pace.
SES: Final = ("sesv2", "ses")
#: What every run asks.
SERVICES: Final = ("sts", "sesv2", "secretsmanager", "s3")
#: ``read_ses`` repeats these reads, at SES's pace.
READ_SES: Final = READ.merge(Config(retries={"mode": "standard", "total_max_attempts": 1}))
ATTEMPTS: Final = 4
#: Seconds for which a throttled read of SES is repeated, and between two attempts.
THROTTLED_S: Final = 30.0
PAUSE_S: Final = 1.0
#: Errors of a connection that never came about.
NOT_CONNECTED: Final = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


#: Calls of the request that is being answered.
_calls: ContextVar[list[dict[str, Any]]] = ContextVar("calls")


class CallLog:
    """Every AWS call of one request to the custodian, without its content."""

    def __init__(self, ahead: timedelta) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        """Return the run's time in UTC."""
        return datetime.now(UTC) + self._ahead

    def drain(self) -> list[dict[str, Any]]:
        """Return the calls since the last drain, by this context and copies of it."""
        calls = _calls.get([])
        _calls.set([])
        return calls

    def watch(self, client: Any) -> None:
        """Log every call of a client."""
        events = client.meta.events
        events.register("before-call", self._before)
        events.register("after-call", self._after)
        events.register("after-call-error", self._failed)

    def _before(self, model: Any, context: dict[str, Any], **_: object) -> None:
        context["byodkim"] = (model, time.monotonic(), self.now())

    def _after(self, http_response: Any, parsed: dict[str, Any], context: Any, **_: object) -> None:
        status = http_response.status_code
        code = code_of(ClientError(parsed, "")) if status >= 300 else ""
        retries = int(parsed.get("ResponseMetadata", {}).get("RetryAttempts", 0))
        self._add(context, status, code, request_id_of(parsed), retries)

    def _failed(self, exception: Exception, context: Any, **_: object) -> None:
        self._add(context, 0, code_of(exception), "", 0)

    def _add(self, context: Any, status: int, code: str, request_id: str, retries: int) -> None:
        model, started, at = context["byodkim"]
        call = {
            "at": at.isoformat(timespec="milliseconds"),
            "service": model.service_model.service_name,
            "operation": model.name,
            "region": context.get("client_region", ""),
            "status": status,
            "code": code,
            "request_id": request_id,
            "ms": round((time.monotonic() - started) * 1000),
            "retries": retries,
        }
        _calls.get([]).append(call)


#: So much longer than needed is the gap between two calls: they are not equally long on their way.
JITTER: Final = 1.03


class Pace:
    """Let one call after another pass, no more than so many a second."""

    def __init__(self, per_second: float) -> None:
        self._gap = JITTER / per_second
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self, **_: object) -> None:
        """Wait until it is this call's turn (a handler of botocore's ``before-call``)."""
        with self._lock:
            turn = max(time.monotonic(), self._next)
            self._next = turn + self._gap
        time.sleep(max(0.0, turn - time.monotonic()))


class OwnModels(Loader):  # type: ignore[misc] # botocore has no types
    """botocore's own service models. They say where a call goes, so no other ones count."""

    def __init__(self) -> None:
        super().__init__([self.BUILTIN_DATA_PATH], include_default_search_paths=False)

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 - botocore's
        """Return all services, without a look into each one's folder, which would take 20 ms."""
        return sorted(folder.name for folder in Path(self.BUILTIN_DATA_PATH).iterdir())


#: Each is read once. A process has one custodian.
_MODELS: Final = OwnModels()


def load_models() -> None:
    """Load what the clients of every run are made from, while no settings are known yet."""
    for name in ("endpoints", "partitions", "_retry"):
        _MODELS.load_data(name)
    for service in SERVICES:
        for part in ("service-2", "endpoint-rule-set-1"):
            _MODELS.load_service_model(service, part)


class Clients:
    """The clients of one run. A client is made when it is first asked for."""

    def __init__(self, settings: AwsSettings) -> None:
        if settings.sandbox:
            _leave_configuration()
        self.calls = CallLog(timedelta(seconds=settings.clock_offset_s))
        self._settings = settings
        self._pace = Pace(settings.requests_per_second)
        self._made: dict[str, Any] = {}
        self._sessions: dict[str, botocore.session.Session] = {}
        self._lock = threading.RLock()  # botocore makes no two clients at once

    def reader(self, service: str) -> Any:
        """Return the client of a service for reads.

        Raises:
            BotoCoreError: profile or credentials cannot be read.
            Refused: the endpoint is no safe one.
        """
        with self._lock:
            if service not in self._made:
                config = READ_SES if service in SES else READ
                self._made[service] = self._make(service, config)
            return self._made[service]

    def writer(self, service: str) -> Any:
        """Return a client for one write: it has one attempt, and a connection of its own.

        Raises:
            BotoCoreError, Refused: as ``reader``.
        """
        with self._lock:
            return self._make(service, WRITE)

    def make_ready(self) -> None:
        """Make the clients that every run needs, while nothing is asked yet."""
        for service in SERVICES:
            self.reader(service)

    def _make(self, service: str, config: Config) -> Any:
        settings = self._settings
        is_store = service in ("s3", "secretsmanager")
        profile = (is_store and settings.store_profile) or settings.aws_profile
        region = (is_store and settings.store_region) or settings.region
        session = self._session(profile)
        if settings.endpoint_url and _is_loopback(settings.endpoint_url):
            config = config.merge(Config(proxies={}, s3={"addressing_style": "path"}))
        endpoint = settings.endpoint_url or None
        client = session.create_client(
            service, region or None, endpoint_url=endpoint, config=config
        )
        made_for = client.meta.endpoint_url
        if not made_for.startswith("https://") and not _is_loopback(made_for):
            raise Refused("PlainHttp", service)
        if service in SES:
            client.meta.events.register("before-call", self._pace.wait)
        self.calls.watch(client)
        return client

    def _session(self, profile: str) -> botocore.session.Session:
        if profile not in self._sessions:
            session = botocore.session.Session(profile=profile or None)
            session.register_component("data_loader", _MODELS)
            session.set_config_variable("ca_bundle", True)  # certifi's
            configuration = session.get_scoped_config()  # raises ProfileNotFound
            if self._settings.sandbox:
                session.set_credentials("sandbox", "sandbox")
            elif not self._settings.endpoint_url:
                _refuse_hidden_endpoints(configuration)
            # No endpoint counts but that of the settings, not even for calls that sign in.
            session.set_config_variable("ignore_configured_endpoint_urls", True)
            self._sessions[profile] = session
        return self._sessions[profile]


def read_caller(clients: Clients) -> Caller:
    """Return who signs the requests (STS GetCallerIdentity), and how far this clock is ahead."""
    answer = clients.reader("sts").get_caller_identity()
    date = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    ahead = (clients.calls.now() - date).total_seconds()
    return Caller(answer["Account"], answer["Arn"], round(ahead, 3))


def read_ses(read: Callable[[], T]) -> T:
    """Return what a read of SES returns. It is made up to four times; throttled, for half a minute.

    Raises:
        BotoCoreError, ClientError: as the last attempt.
    """
    attempts, ends = 0, time.monotonic() + THROTTLED_S
    while True:
        attempts += 1
        try:
            return read()
        except (HTTPClientError, ClientError) as error:
            if code_of(error) in THROTTLED:
                may_repeat = time.monotonic() < ends
            else:
                may_pass = isinstance(error, HTTPClientError) or status_of(error) >= 500
                may_repeat = may_pass and attempts < ATTEMPTS
            if not may_repeat:
                raise
        time.sleep(PAUSE_S)


def write(
    clients: Clients,
    service: str,
    send: Callable[[Any], dict[str, Any]],
    tell: Callable[[dict[str, Any]], dict[str, str]] = lambda _answer: {},
) -> PutAnswer:
    """Make one write, in one attempt, and return what became of it.

    ``rejected``: nothing was sent, or AWS answered with a status from 400 to 499. Status 408 is
    ``unclear``, like everything else: who gave up waiting for the request may have passed it on.

    Args:
        clients: of the run.
        service: e.g. ``sesv2``.
        send: makes the call with this service's client.
        tell: returns what is told of AWS's answer.

    Raises:
        BotoCoreError, Refused: there is no client. Nothing was sent.
    """
    client, is_leaving = clients.writer(service), threading.Event()
    client.meta.events.register_last("before-send", lambda **_: is_leaving.set())
    try:
        answer = send(client)
        return PutAnswer("accepted", "", tell(answer), request_id_of(answer))
    except ClientError as error:
        is_refused = 400 <= status_of(error) < 500 and status_of(error) != 408
        request_id = request_id_of(error.response)
        return PutAnswer("rejected" if is_refused else "unclear", code_of(error), {}, request_id)
    except NOT_CONNECTED as error:
        return PutAnswer("rejected", code_of(error))
    except Exception as error:  # noqa: BLE001 - before or after the call left
        return PutAnswer("unclear" if is_leaving.is_set() else "rejected", code_of(error))


def _is_loopback(endpoint: str) -> bool:
    """Return whether an endpoint is on this machine, as the library that connects reads it."""
    try:
        return (parse_url(endpoint).host or "").strip("[]") in LOOPBACK
    except LocationParseError:
        return False


def _refuse_hidden_endpoints(configuration: dict[str, Any]) -> None:
    """Refuse an endpoint that byodkim.toml does not name: a private key would go there unseen.

    Raises:
        Refused: a variable of the environment, or the AWS profile, names one.
    """
    names = [name for name in sorted(os.environ) if name.startswith("AWS_ENDPOINT_URL")]
    names += [name for name in ("endpoint_url", "services") if name in configuration]
    if names:
        raise Refused("EndpointInEnvironment", names[0])


def _leave_configuration() -> None:
    """Keep a sandbox's run away from the machine's AWS configuration."""
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
