"""The run's side of the custodian: start it, ask it, end it."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import IO, Any, TypeVar, cast

import msgspec

from byodkim.checks.world import Caller, Identity, KeyObject, Secret, Unread
from byodkim.custody import start
from byodkim.custody.settings import (
    Answer,
    AwsSettings,
    GetCaller,
    GetIdentity,
    GetKey,
    GetSecret,
    KeyPlace,
    Message,
    Operation,
    Put,
    PutAnswer,
    PutSigningKey,
    Reply,
    Request,
    SecretLayout,
    SignMessage,
)
from byodkim.errors import CustodyError
from byodkim.words import _

T = TypeVar("T")
_replies = msgspec.json.Decoder(Reply)


class Custodian:
    """A running custodian. Requests go side by side; each returns a future.

    A future raises ``CustodyError`` where the custodian died before it answered. Without ``writes`` the process has
    no operation that writes, as long as it lives.
    """

    def __init__(self, settings: AwsSettings, *, writes: bool = False) -> None:
        """Start the process. It loads its libraries while the caller goes on."""
        self._process = subprocess.Popen(
            start.command(*(["--writes"] if writes else [])),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=start.safe_environment(os.environ),
            start_new_session=True,
        )
        self._input = cast("IO[bytes]", self._process.stdin)
        self._output = cast("IO[bytes]", self._process.stdout)
        self._waiting: dict[int, Future[Answer]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._is_dead = False
        self._calls: list[dict[str, Any]] = []
        self._write(msgspec.json.encode(settings))
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        return self._process.pid

    def caller(self) -> Future[Caller | Unread]:
        """Return who signs the requests (STS GetCallerIdentity)."""
        return self._ask(GetCaller(), (Caller, Unread))

    def identity(self, domain: str) -> Future[Identity | Unread]:
        """Return the identity (SES GetEmailIdentity)."""
        return self._ask(GetIdentity(domain), (Identity, Unread))

    def secret(
        self, secret_id: str, layout: SecretLayout | None = None
    ) -> Future[Secret | Unread]:
        """Return what the secret says (Secrets Manager GetSecretValue), without anything private."""
        return self._ask(GetSecret(secret_id, layout), (Secret, Unread))

    def key(self, places: Sequence[KeyPlace]) -> Future[KeyObject | Unread]:
        """Fetch the private key that is at exactly one of these places, and return its public half."""
        return self._ask(GetKey(list(places)), (KeyObject, Unread))

    def signed_message(self, domain: str, selector: str, key_sha256: str) -> Future[str | Unread]:
        """Return a fixed test message, signed with a key that was fetched. It is never sent."""
        return self._ask(SignMessage(domain, selector, key_sha256), (str, Unread))

    def put_signing_key(
        self, domain: str, selector: str, key_sha256: str
    ) -> Future[PutAnswer]:
        """Set a selector with a key that was fetched (SES PutEmailIdentityDkimSigningAttributes), in one attempt."""
        return self._ask(PutSigningKey(domain, selector, key_sha256), (PutAnswer,))

    def drain_calls(self) -> list[dict[str, Any]]:
        """Return the AWS calls that were made since the last drain, each once."""
        with self._lock:
            calls, self._calls = self._calls, []
        return calls

    def close(self) -> None:
        """End the process, and with it the private key. May be called twice."""
        with contextlib.suppress(OSError):
            self._input.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _ask(self, operation: Operation, kinds: tuple[type, ...]) -> Future[Any]:
        """Send an operation; the future has the answer, which is of one of these kinds."""
        result: Future[Any] = Future()
        inner: Future[Answer] = Future()

        def pass_on(done: Future[Answer]) -> None:
            error = done.exception()
            if error is not None:
                result.set_exception(error)
                return
            answer = done.result()
            value = (
                answer.text if isinstance(answer, Message)
                else answer.answer if isinstance(answer, Put)
                else answer
            )  # fmt: skip
            if isinstance(value, kinds):
                result.set_result(value)
            else:
                result.set_exception(_died("WrongAnswer"))

        inner.add_done_callback(pass_on)
        with self._lock:
            number = next(self._numbers)
            alive = not self._is_dead
            if alive:
                self._waiting[number] = inner
        if not alive or not self._write(msgspec.json.encode(Request(number, operation))):
            with self._lock:
                self._waiting.pop(number, None)
            if not inner.done():
                inner.set_exception(_died())
        return result

    def _write(self, line: bytes) -> bool:
        """Return whether the custodian took a line."""
        try:
            with self._lock:
                self._input.write(line + b"\n")
                self._input.flush()
        except (OSError, ValueError):
            return False
        return True

    def _listen(self) -> None:
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            for line in self._output:
                reply = _replies.decode(line)
                with self._lock:
                    future = self._waiting.pop(reply.id, None)
                    self._calls += reply.calls
                if future is not None:
                    future.set_result(reply.answer)
        with self._lock:
            abandoned, self._waiting, self._is_dead = self._waiting, {}, True
        for future in abandoned.values():
            future.set_exception(_died())


def _died(code: str = "CustodianDied") -> CustodyError:
    return CustodyError(
        code,
        _("The custodian, the process that holds the private key, ended before it answered ({code}).",
          code=code),
        _("Give the same command again: it reads SES first."),
    )  # fmt: skip
