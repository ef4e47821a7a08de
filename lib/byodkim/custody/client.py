"""The run's side of the custodian: start it, ask it, end it."""

from __future__ import annotations

import collections
import contextlib
import copy
import itertools
import os
import subprocess
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import IO, Any, Final, Self, TypeAlias, cast

import msgspec

from byodkim.checks.facts import Caller, Identity, KeyObject, KeyVersions, Secret, Store, Unread
from byodkim.custody import start
from byodkim.custody.settings import (
    LEAKED,
    AwsSettings,
    ChangeRecord,
    DeleteKeyVersion,
    DkimStates,
    DnsWriter,
    EnterSelector,
    GetCaller,
    GetDkimStates,
    GetIdentity,
    GetKey,
    GetKeyDate,
    GetKeyVersions,
    GetRecord,
    GetRecordChange,
    GetSecret,
    GetStore,
    IdentityPage,
    KeyPlace,
    ListIdentities,
    MakeKey,
    Message,
    Operation,
    PromoteSecret,
    PutAnswer,
    PutSigningKey,
    Reply,
    Request,
    SecretLayout,
    SignMessage,
    StoreKey,
    Write,
    ZoneRecord,
)
from byodkim.errors import CustodyError
from byodkim.words import _

#: Seconds within which it ends.
END_S: Final = 5.0

#: AWS calls, as ``record.events.Called`` has them.
Calls: TypeAlias = "collections.deque[dict[str, Any]]"

_replies = msgspec.json.Decoder(Reply)


class Connection:
    """A custodian's process, and who waits for which of its answers.

    Attributes:
        writes: whether the process has operations that write.
    """

    def __init__(self, settings: AwsSettings, *, writes: bool) -> None:
        self._process = subprocess.Popen(
            start.command(*(["--writes"] if writes else [])),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=start.safe_environment(os.environ),
            start_new_session=True,  # a terminal's signals are not meant for it
        )
        self._input = cast("IO[bytes]", self._process.stdin)
        self._output = cast("IO[bytes]", self._process.stdout)
        self.writes = writes
        self._waiting: dict[int, tuple[Future[Any], Calls]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._is_dead = False
        self._send(settings)
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        return self._process.pid

    def ask(self, operation: Operation, calls: Calls) -> Future[Any]:
        """Send an operation and return the future of its answer.

        ``calls``: takes the AWS calls that were made for it, before the future has its result.
        """
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()  # what was asked cannot be taken back
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = (future, calls)
        raw = msgspec.Raw(msgspec.json.encode(operation))
        if not self._send(Request(number, raw)) or self._is_dead:
            self._abandon()
        return future

    def close(self) -> None:
        """End the process, and with it the private key. May be called twice."""
        with contextlib.suppress(OSError):
            self._input.close()
        try:
            self._process.wait(timeout=END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, line: msgspec.Struct) -> bool:
        """Return whether the custodian took a line."""
        try:
            with self._lock:
                self._input.write(msgspec.json.encode(line) + b"\n")
                self._input.flush()
        except (OSError, ValueError):
            return False
        return True

    def _listen(self) -> None:
        with self._output as lines, contextlib.suppress(OSError, msgspec.MsgspecError):
            for line in lines:
                reply = _replies.decode(line)
                with self._lock:
                    future, calls = self._waiting.pop(reply.id)
                calls.extend(reply.calls)
                answer = reply.answer
                future.set_result(answer.text if isinstance(answer, Message) else answer)
        self._is_dead = True
        self._process.kill()  # one that is no longer listened to has nothing more to do
        self._abandon()

    def _abandon(self) -> None:
        """Tell everybody who waits that the custodian died."""
        with self._lock:
            abandoned, self._waiting = self._waiting, {}
        if not abandoned:
            return
        has_leaked = self._process.wait() == LEAKED
        for future, _calls in abandoned.values():
            future.set_exception(_leaked() if has_leaked else _died())


class Custodian:
    """A running custodian. Requests go side by side; each returns a future.

    A future raises ``CustodyError`` where the custodian died before it answered. Without ``writes``
    the process has no operation that writes, as long as it lives.
    """

    def __init__(self, settings: AwsSettings, *, writes: bool = False) -> None:
        """Start the process. It loads its libraries while the caller goes on."""
        self._connection = Connection(settings, writes=writes)
        self._calls: Calls = collections.deque()

    def shared(self) -> Custodian:
        """Return the same custodian with a list of calls of its own, for one row of a campaign."""
        shared = copy.copy(self)
        shared._calls = collections.deque()
        return shared

    def __enter__(self) -> Self:
        """Return the custodian."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.close()

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        return self._connection.pid

    def caller(self) -> Future[Caller | Unread]:
        """Return who signs the requests (STS GetCallerIdentity)."""
        return self._ask(GetCaller())

    def identity(self, domain: str) -> Future[Identity | Unread]:
        """Return the identity (SES GetEmailIdentity)."""
        return self._ask(GetIdentity(domain))

    def secret(
        self, secret_id: str, layout: SecretLayout | None = None, domain: str = ""
    ) -> Future[Secret | Unread]:
        """Return what the secret says (Secrets Manager GetSecretValue), without anything private.

        ``layout``: dotted paths; ``None`` for the three documented layouts. ``domain``: leave out
        entries of other domains.
        """
        return self._ask(GetSecret(secret_id, layout, domain))

    def key(self, place: KeyPlace) -> Future[KeyObject | Unread]:
        """Fetch the private key at a place, and return its public half."""
        return self._ask(GetKey(place))

    def key_date(self, place: KeyPlace) -> Future[KeyObject | Unread]:
        """Return since when a key object is there (S3 HeadObject). The key is not fetched."""
        return self._ask(GetKeyDate(place))

    def identities(self, token: str = "") -> Future[IdentityPage | Unread]:
        """Return up to 1,000 identities of the Region (SES ListEmailIdentities)."""
        return self._ask(ListIdentities(token))

    def dkim_states(self, names: Sequence[str]) -> Future[DkimStates | Unread]:
        """Return the DKIM states of up to 100 identities (SES v1 GetIdentityDkimAttributes)."""
        return self._ask(GetDkimStates(list(names)))

    def key_versions(self, place: KeyPlace) -> Future[KeyVersions | Unread]:
        """Return every version of a private key's object, with the public half of each key."""
        return self._ask(GetKeyVersions(place))

    def delete_key_version(self, place: KeyPlace, key_sha256: str) -> Future[PutAnswer]:
        """Delete a version of an object for good, in one attempt, if it holds this key.

        ``OtherKey``: it holds another one. ``NoSuchVersion``: it is gone already.
        """
        return self._write(DeleteKeyVersion(place, key_sha256))

    def signed_message(self, domain: str, selector: str, key_sha256: str) -> Future[str | Unread]:
        """Return a fixed test message, signed with a key that was fetched. It is never sent."""
        return self._ask(SignMessage(domain, selector, key_sha256))

    def put_signing_key(self, domain: str, selector: str, key_sha256: str) -> Future[PutAnswer]:
        """Set a selector and a key that was fetched in SES, in one attempt."""
        return self._write(PutSigningKey(domain, selector, key_sha256))

    def store(
        self, secret_id: str, domain: str, selector: str, place: KeyPlace
    ) -> Future[Store | Unread]:
        """Return what a new selector meets in the key store: bucket and secret."""
        return self._ask(GetStore(secret_id, domain, selector, place))

    def make_key(self) -> Future[KeyObject | Unread]:
        """Make a key pair of RSA-2048 and return its public half. It is not stored yet."""
        return self._ask(MakeKey())

    def store_key(self, place: KeyPlace, key_sha256: str, kms_key: str) -> Future[PutAnswer]:
        """Store a private key where no object is, in one attempt."""
        return self._write(StoreKey(place, key_sha256, kms_key))

    def enter_selector(
        self, secret_id: str, base: str, domain: str, selector: str, place: KeyPlace, sha256: str
    ) -> Future[PutAnswer]:
        """Store a pending version of the secret with a selector's entry, in one attempt."""
        return self._write(EnterSelector(secret_id, base, domain, selector, place, sha256))

    def promote_secret(
        self, secret_id: str, base: str, selector: str, key_sha256: str
    ) -> Future[PutAnswer]:
        """Make a selector's pending version current in the place of ``base``, in one attempt."""
        return self._write(PromoteSecret(secret_id, base, selector, key_sha256))

    def record(self, writer: DnsWriter, name: str) -> Future[ZoneRecord | Unread]:
        """Return what stands at a name, as the zone's master has it."""
        return self._ask(GetRecord(writer, name))

    def add_record(self, writer: DnsWriter, name: str, value: str, ttl: int) -> Future[PutAnswer]:
        """Add a TXT record where nothing stands, in one attempt.

        An accepted answer of Route 53 has ``Id`` and ``Status``: ask ``record_change`` until it is
        INSYNC. ``NotAsExpected``: something stands there.
        """
        return self._write(ChangeRecord(writer, name, "", value, ttl))

    def remove_record(self, writer: DnsWriter, name: str, value: str) -> Future[PutAnswer]:
        """Remove the TXT record with this value, which must stand there alone, in one attempt."""
        return self._write(ChangeRecord(writer, name, value, "", 0))

    def replace_record(
        self, writer: DnsWriter, name: str, old: str, new: str, ttl: int
    ) -> Future[PutAnswer]:
        """Put a TXT record in the place of one that must stand there alone, in one attempt."""
        return self._write(ChangeRecord(writer, name, old, new, ttl))

    def record_change(self, writer: DnsWriter, change: str) -> Future[str | Unread]:
        """Return PENDING, or INSYNC once every server of the writer has a change."""
        return self._ask(GetRecordChange(writer, change))

    def drain_calls(self) -> list[dict[str, Any]]:
        """Return the AWS calls since the last drain, as ``record.events.Called`` has them."""
        return [self._calls.popleft() for _n in range(len(self._calls))]

    def close(self) -> None:
        """End the process, and with it the private key. May be called twice."""
        self._connection.close()

    def _write(self, operation: Write) -> Future[Any]:
        """Send an operation that writes; without ``writes`` it is refused here."""
        if self._connection.writes:
            return self._ask(operation)
        refused: Future[PutAnswer] = Future()
        refused.set_result(PutAnswer("rejected", "ReadOnlyCustodian"))
        return refused

    def _ask(self, operation: Operation) -> Future[Any]:
        return self._connection.ask(operation, self._calls)


def _died() -> CustodyError:
    return CustodyError(
        "CustodianDied",
        _("The custodian, the process that holds the private key, ended before it answered."),
        _("Give the same command again: it reads SES first."),
    )


def _leaked() -> CustodyError:
    return CustodyError(
        "LeakStopped",
        _("The custodian ended because part of the private key stood in an answer of AWS."),
        _("Find out what answers at this endpoint, and replace the key: something quotes it."),
    )
