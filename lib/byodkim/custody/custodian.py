"""The custodian's process: a request is a line on standard input, a reply one on standard output.

It keeps no file and no log. It tells typed public facts, signatures, and AWS's error codes.
"""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from byodkim.aws.errors import MISREAD, code_of, unread
from byodkim.aws.hosted_zone import open_zone
from byodkim.aws.identity import (
    put_signing_key,
    read_dkim_states,
    read_identity,
    read_identity_page,
)
from byodkim.aws.key_object import (
    delete_version,
    list_versions,
    read_key_date,
    read_key_object,
    store_key,
)
from byodkim.aws.secret import read_secret
from byodkim.aws.secret_store import NewEntry, enter, promote, read_store
from byodkim.aws.session import Clients, read_caller
from byodkim.checks.facts import KeyObject, KeyVersions, Unread
from byodkim.custody.leak_guard import LeakGuard
from byodkim.custody.private_key import PrivateKey, make
from byodkim.custody.settings import (
    LEAKED,
    Answer,
    AwsSettings,
    ChangeRecord,
    DeleteKeyVersion,
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
    KeyPlace,
    ListIdentities,
    MakeKey,
    Message,
    Operation,
    PromoteSecret,
    PutAnswer,
    PutSigningKey,
    Read,
    Reply,
    Request,
    SignMessage,
    StoreKey,
    Write,
    version_for,
)
from byodkim.dkim.record import format_key_record

#: Keys that are held at once. A campaign uses thousands, one after another.
KEYS: Final = 100
#: Requests that are worked on at once. Most of them wait: for AWS, or for SES's pace.
THREADS: Final = 32
TEST_MESSAGE: Final = (
    b"From: postmaster@%s\r\nTo: postmaster@%s\r\nSubject: DKIM key test\r\n"
    b"Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n\r\nThis message is never sent.\r\n"
)


class Custodian:
    """What the process holds: clients of AWS, and fetched private keys by fingerprint."""

    def __init__(self, settings: AwsSettings, *, may_write: bool) -> None:
        self.clients = Clients(settings)
        self.guard = LeakGuard()
        self._keys: dict[str, PrivateKey] = {}
        self._lock = threading.Lock()
        # Without may_write a write is no operation at all.
        self._operations = msgspec.json.Decoder(Operation if may_write else Read)

    def answer(self, request: msgspec.Raw) -> Answer:
        """Return the answer to an operation. Of an unforeseen error only its type is told."""
        operation: Operation | None = None
        try:
            operation = self._operations.decode(request)
            return self._answer(operation)
        except Exception as error:  # noqa: BLE001 - its text may hold anything
            if isinstance(operation, Write):  # not sent: what was sent, raises nothing
                return PutAnswer("rejected", code_of(error))
            return unread(error)

    def _answer(self, operation: Operation) -> Answer:
        match operation:
            case GetCaller():
                return read_caller(self.clients)
            case GetIdentity(domain):
                return read_identity(self.clients, domain)
            case GetSecret(secret_id, layout, domain):
                return read_secret(self.clients, secret_id, layout, domain)
            case GetKeyDate() | ListIdentities() | GetDkimStates():
                return self._survey(operation)
            case GetKey() | GetKeyVersions() | SignMessage():
                return self._use_keys(operation)
            case GetRecord() | GetRecordChange():
                return self._read_zone(operation)
            case GetStore(secret_id, domain, selector, place):
                return read_store(self.clients, secret_id, domain, selector, place)
            case MakeKey():
                return self._hold(make())
            case _:
                return self._write(operation)

    def _use_keys(self, operation: GetKey | GetKeyVersions | SignMessage) -> Answer:
        match operation:
            case GetKey(place):
                return self._fetch(place)
            case GetKeyVersions(place):
                return self._versions(place)
            case SignMessage(domain, selector, key_sha256):
                return self._sign(domain, selector, key_sha256)

    def _read_zone(self, operation: GetRecord | GetRecordChange) -> Answer:
        zone = open_zone(self.clients, operation.writer)
        match operation:
            case GetRecord(_, name):
                return zone.read(name)
            case GetRecordChange(_, change):
                state = zone.state(change)
                return Message(state) if isinstance(state, str) else state

    def _survey(self, operation: GetKeyDate | ListIdentities | GetDkimStates) -> Answer:
        match operation:
            case GetKeyDate(place):
                return read_key_date(self.clients, place)
            case ListIdentities(token):
                return read_identity_page(self.clients, token)
            case GetDkimStates(names):
                return read_dkim_states(self.clients, names)

    def _write(self, operation: Write) -> PutAnswer:
        match operation:
            case PutSigningKey(domain, selector, key_sha256):
                return self._put(domain, selector, key_sha256)
            case StoreKey(place, key_sha256, kms_key):
                key = self._keys[key_sha256]
                return store_key(self.clients, place, key.pkcs8(), kms_key)
            case EnterSelector(secret_id, base, domain, selector, place, key_sha256):
                record = format_key_record(self._keys[key_sha256].public_key)
                entry = NewEntry(domain, selector, record, place)
                return enter(self.clients, secret_id, base, key_sha256, entry)
            case PromoteSecret(secret_id, base, selector, key_sha256):
                version = version_for(base, selector, key_sha256)
                return promote(self.clients, secret_id, base, version)
            case DeleteKeyVersion(place, key_sha256):
                return self._delete(place, key_sha256)
            case ChangeRecord(writer, name, remove, add, ttl):
                return self._change_record(writer, name, remove, add, ttl)

    def _fetch(self, place: KeyPlace) -> KeyObject | Unread:
        described, key = read_key_object(self.clients, place)
        if key is not None:
            self._keep(key)
        return described

    def _keep(self, key: PrivateKey) -> None:
        """Hold a key, and search replies for it, until ``KEYS`` newer ones are held."""
        with self._lock:
            if key.sha256 not in self._keys:
                self.guard.learn(key.numbers())
            self._keys.pop(key.sha256, None)
            self._keys[key.sha256] = key
            if len(self._keys) > KEYS:
                oldest = next(iter(self._keys))
                self.guard.forget(self._keys.pop(oldest).numbers())

    def _versions(self, place: KeyPlace) -> KeyVersions | Unread:
        try:
            places = list_versions(self.clients, place)
        except (BotoCoreError, ClientError, *MISREAD) as error:
            return unread(error)
        versions = [self._fetch(each) for each in places]
        for version in versions:
            if isinstance(version, Unread) and version.code != "NoSuchVersion":
                return version
        return KeyVersions(tuple(each for each in versions if isinstance(each, KeyObject)))

    def _delete(self, place: KeyPlace, key_sha256: str) -> PutAnswer:
        """Delete a version of an object once it was seen again to hold this key."""
        version = self._fetch(place)
        if isinstance(version, Unread):
            return PutAnswer("rejected", version.code)
        if version.sha256 != key_sha256:
            return PutAnswer("rejected", "OtherKey")
        return delete_version(self.clients, place)

    def _hold(self, key: PrivateKey) -> KeyObject:
        """Keep a new key, and return its public facts."""
        self._keep(key)
        return KeyObject("", "", "", None, key.form, key.bits, key.public_key, key.sha256)

    def _sign(self, domain: str, selector: str, key_sha256: str) -> Message | Unread:
        import dkim  # here, as it would delay the start

        key = self._keys.get(key_sha256)
        if key is None:
            return Unread("KeyNotHeld")
        message = TEST_MESSAGE % (domain.encode(), domain.encode())
        signature = dkim.sign(
            message, selector.encode(), domain.encode(), key.pem(),
            canonicalize=(b"relaxed", b"relaxed"), include_headers=[b"from", b"to", b"subject"],
        )  # fmt: skip
        return Message((signature + message).decode())

    def _put(self, domain: str, selector: str, key_sha256: str) -> PutAnswer:
        key = self._keys.get(key_sha256)
        if key is None:
            return PutAnswer("rejected", "KeyNotHeld")
        return put_signing_key(self.clients, domain, selector, key.for_ses())

    def _change_record(
        self, writer: DnsWriter, name: str, remove: str, add: str, ttl: int
    ) -> PutAnswer:
        try:
            zone = open_zone(self.clients, writer)
        except Exception as error:  # noqa: BLE001 - nothing was sent
            return PutAnswer("rejected", code_of(error))
        return zone.change(name, remove, add, ttl)


def _load_the_rest(custodian: Custodian) -> None:
    """Load what the first answers need, while nothing is asked yet."""
    custodian.clients.make_ready()
    import dkim  # noqa: F401


def serve(*, may_write: bool) -> None:
    """Answer what is asked on standard input; end when that ends, whatever is under way."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints reaches the replies
    source = sys.stdin.buffer
    settings = msgspec.json.decode(source.readline(), type=AwsSettings)
    custodian = Custodian(settings, may_write=may_write)
    lock = threading.Lock()

    def reply_to(request: Request) -> None:
        custodian.clients.calls.drain()  # begins a list of its own
        answer = custodian.answer(request.operation)
        with lock:
            reply = Reply(request.id, answer, custodian.clients.calls.drain())
            line = msgspec.json.encode(reply)
            if custodian.guard.finds(line):
                os._exit(LEAKED)
            sink.write(line + b"\n")
            sink.flush()

    requests = msgspec.json.Decoder(Request)
    with ThreadPoolExecutor(THREADS) as pool:
        pool.submit(_load_the_rest, custodian)
        for line in source:
            pool.submit(reply_to, requests.decode(line))
        os._exit(0)
