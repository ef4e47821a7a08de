"""The custodian's process: a request is a line on standard input, a reply one on standard output.

It keeps no file and no log. It tells typed public facts, signatures, and AWS's error codes.
"""

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from byodkim.aws.errors import code_of, unread
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
from byodkim.aws.session import Clients, load_models, read_caller
from byodkim.checks.facts import KeyObject, KeyVersions, Unread
from byodkim.custody import settings as op
from byodkim.custody.leak_guard import LeakGuard
from byodkim.custody.private_key import PrivateKey, make
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

    def __init__(self, settings: op.AwsSettings, *, may_write: bool) -> None:
        self.clients = Clients(settings)
        self.guard = LeakGuard()
        self._keys: dict[str, PrivateKey] = {}
        self._lock = threading.Lock()
        # Without may_write a write is no operation at all.
        may_ask = op.Read | op.MakeKey | op.Write if may_write else op.Read
        self._operations = msgspec.json.Decoder(may_ask)

    def answer(self, request: msgspec.Raw) -> op.Answer:
        """Return the answer to an operation. Of an unforeseen error only its type is told."""
        operation: op.Read | op.MakeKey | op.Write | None = None
        try:
            operation = self._operations.decode(request)
            if isinstance(operation, op.Write):
                return self._write(operation)
            return self._read(operation)
        except Exception as error:  # noqa: BLE001 - its text may hold anything
            if isinstance(operation, op.Write):  # what fails after the sending is told by ``write``
                is_unsent = isinstance(error, op.Refused | BotoCoreError | ClientError)
                return op.PutAnswer("rejected" if is_unsent else "unclear", code_of(error))
            return unread(error)

    def _read(self, operation: op.Read | op.MakeKey) -> op.Answer:
        clients = self.clients
        match operation:
            case op.GetCaller():
                return read_caller(clients)
            case op.GetIdentity(domain):
                return read_identity(clients, domain)
            case op.ListIdentities(token):
                return read_identity_page(clients, token)
            case op.GetDkimStates(names):
                return read_dkim_states(clients, names)
            case op.GetSecret(secret_id, layout, domain):
                return read_secret(clients, secret_id, layout, domain)
            case op.GetStore(secret_id, domain, selector, place):
                return read_store(clients, secret_id, domain, selector, place)
            case op.GetRecord(writer, name):
                return open_zone(clients, writer).read(name)
            case op.GetRecordChange(writer, change):
                return op.Message(open_zone(clients, writer).state(change))
            case _:
                return self._use_keys(operation)

    def _use_keys(
        self, operation: op.GetKey | op.GetKeyDate | op.GetKeyVersions | op.SignMessage | op.MakeKey
    ) -> op.Answer:
        match operation:
            case op.GetKey(place):
                return self._fetch(place)
            case op.GetKeyDate(place):
                return read_key_date(self.clients, place)
            case op.GetKeyVersions(place):
                return self._versions(place)
            case op.SignMessage(domain, selector, key_sha256):
                return op.Message(_sign(self._key(key_sha256), domain, selector))
            case op.MakeKey():
                key = make()
                self._keep(key)
                return KeyObject("", "", "", None, key.form, key.bits, key.public_key, key.sha256)

    def _write(self, operation: op.Write) -> op.PutAnswer:
        clients = self.clients
        match operation:
            case op.PutSigningKey(domain, selector, key_sha256):
                key = self._key(key_sha256)
                return put_signing_key(clients, domain, selector, key.for_ses())
            case op.StoreKey(place, key_sha256, kms_key):
                return store_key(clients, place, self._key(key_sha256).pkcs8(), kms_key)
            case op.EnterSelector(secret_id, base, domain, selector, place, key_sha256):
                record = format_key_record(self._key(key_sha256).public_key)
                entry = NewEntry(domain, selector, record, place)
                return enter(clients, secret_id, base, key_sha256, entry)
            case op.PromoteSecret(secret_id, base, selector, key_sha256):
                version = op.version_for(base, selector, key_sha256)
                return promote(clients, secret_id, base, version)
            case op.DeleteKeyVersion(place, key_sha256):
                return self._delete(place, key_sha256)
            case op.ChangeRecord(writer, name, remove, add, ttl):
                return open_zone(clients, writer).change(name, remove, add, ttl)

    def _key(self, key_sha256: str) -> PrivateKey:
        """Return a key that is held.

        Raises:
            Refused: it is not.
        """
        key = self._keys.get(key_sha256)
        if key is None:
            raise op.Refused("KeyNotHeld")
        return key

    def _fetch(self, place: op.KeyPlace) -> KeyObject | Unread:
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

    def _versions(self, place: op.KeyPlace) -> KeyVersions | Unread:
        versions = [self._fetch(each) for each in list_versions(self.clients, place)]
        for version in versions:
            if isinstance(version, Unread) and version.code != "NoSuchVersion":
                return version
        return KeyVersions(tuple(each for each in versions if isinstance(each, KeyObject)))

    def _delete(self, place: op.KeyPlace, key_sha256: str) -> op.PutAnswer:
        """Delete a version of an object once it was seen again to hold this key."""
        version = self._fetch(place)
        if isinstance(version, Unread):
            return op.PutAnswer("rejected", version.code)
        if version.sha256 != key_sha256:
            return op.PutAnswer("rejected", "OtherKey")
        return delete_version(self.clients, place)


def _sign(key: PrivateKey, domain: str, selector: str) -> str:
    import dkim  # here, as it would delay the start

    message = TEST_MESSAGE % (domain.encode(), domain.encode())
    signature = dkim.sign(
        message, selector.encode(), domain.encode(), key.pem(),
        canonicalize=(b"relaxed", b"relaxed"), include_headers=[b"from", b"to", b"subject"],
    )  # fmt: skip
    return str((signature + message).decode())


def _load_the_rest(custodian: Custodian) -> None:
    """Load what the first answers need, while nothing is asked yet."""
    custodian.clients.make_ready()
    import dkim  # noqa: F401


def serve(*, may_write: bool) -> None:
    """Answer what is asked on standard input; end when that ends, whatever is under way."""
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing that a library prints reaches the replies
    source = sys.stdin.buffer
    load_models()
    settings = msgspec.json.decode(source.readline(), type=op.AwsSettings)
    custodian = Custodian(settings, may_write=may_write)
    lock = threading.Lock()

    def reply_to(request: op.Request) -> None:
        custodian.clients.calls.drain()  # begins a list of its own
        answer = custodian.answer(request.operation)
        with lock:
            reply = op.Reply(request.id, answer, custodian.clients.calls.drain())
            line = msgspec.json.encode(reply)
            if custodian.guard.finds(line):
                os._exit(op.LEAKED)
            sink.write(line + b"\n")
            sink.flush()

    requests = msgspec.json.Decoder(op.Request)
    with ThreadPoolExecutor(THREADS) as pool:
        pool.submit(_load_the_rest, custodian)
        for line in source:
            pool.submit(reply_to, requests.decode(line))
        os._exit(0)
