"""The custodian's process: one request a line on standard input, one reply a line on standard output.

It keeps no file and writes no log. All that it tells are typed public facts, signatures, and AWS's error codes.
"""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec

from byodkim.aws.errors import code_of
from byodkim.aws.identity import put_signing_key, read_identity
from byodkim.aws.key_object import read_key_object
from byodkim.aws.secret import read_secret
from byodkim.aws.session import Clients, read_caller
from byodkim.checks.world import Unread
from byodkim.custody.private_key import PrivateKey
from byodkim.custody.settings import (
    Answer,
    AwsSettings,
    GetCaller,
    GetIdentity,
    GetKey,
    GetSecret,
    Message,
    Operation,
    Put,
    PutAnswer,
    PutSigningKey,
    Reply,
    Request,
    SignMessage,
)

#: Requests that are worked on at once.
THREADS: Final = 8
TEST_MESSAGE: Final = (
    b"From: postmaster@%s\r\nTo: postmaster@%s\r\nSubject: DKIM key test\r\n"
    b"Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n\r\nThis message is never sent.\r\n"
)


class Custodian:
    """What the process holds: clients of AWS, and the private keys that were fetched, by fingerprint."""

    def __init__(self, settings: AwsSettings, *, may_write: bool) -> None:
        self.clients = Clients(settings)
        self._keys: dict[str, PrivateKey] = {}
        self._may_write = may_write

    def answer(self, operation: Operation) -> Answer:
        """Return the answer to an operation. An error that nobody foresaw is told by its type alone."""
        try:
            return self._answer(operation)
        except Exception as error:  # noqa: BLE001 - its text may hold anything
            if isinstance(operation, PutSigningKey):
                return Put(PutAnswer("unclear", code_of(error)))
            return Unread(code_of(error))

    def _answer(self, operation: Operation) -> Answer:
        match operation:
            case GetCaller():
                return read_caller(self.clients)
            case GetIdentity(domain):
                return read_identity(self.clients, domain)
            case GetSecret(secret_id, layout):
                return read_secret(self.clients, secret_id, layout)
            case GetKey(places):
                described, key = read_key_object(self.clients, places)
                if key is not None:
                    self._keys[key.sha256] = key
                return described
            case SignMessage(domain, selector, key_sha256):
                return self._sign(domain, selector, key_sha256)
            case PutSigningKey(domain, selector, key_sha256):
                return Put(self._put(domain, selector, key_sha256))

    def _sign(self, domain: str, selector: str, key_sha256: str) -> Message | Unread:
        import dkim

        key = self._keys.get(key_sha256)
        if key is None:
            return Unread("KeyNotHeld")
        message = TEST_MESSAGE % (domain.encode(), domain.encode())
        field = dkim.sign(
            message, selector.encode(), domain.encode(), key.pem(),
            canonicalize=(b"relaxed", b"relaxed"), include_headers=[b"from", b"to", b"subject"],
        )  # fmt: skip
        return Message((field + message).decode())

    def _put(self, domain: str, selector: str, key_sha256: str) -> PutAnswer:
        key = self._keys.get(key_sha256)
        if not self._may_write:
            return PutAnswer("rejected", "ReadOnlyCustodian")
        if key is None:
            return PutAnswer("rejected", "KeyNotHeld")
        return put_signing_key(self.clients, domain, selector, key.for_ses())


def serve(*, may_write: bool) -> None:
    """Answer what is asked on standard input; end when that ends."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints reaches the replies
    source = sys.stdin.buffer
    custodian = Custodian(
        msgspec.json.decode(source.readline(), type=AwsSettings), may_write=may_write
    )
    lock = threading.Lock()

    def reply_to(request: Request) -> None:
        answer = custodian.answer(request.operation)
        with lock:
            reply = Reply(request.id, answer, custodian.clients.calls.drain())
            sink.write(msgspec.json.encode(reply) + b"\n")
            sink.flush()

    requests = msgspec.json.Decoder(Request)
    pool = ThreadPoolExecutor(THREADS)
    for line in source:
        pool.submit(reply_to, requests.decode(line))
    os._exit(0)  # with the input gone, nobody waits for what is still under way
