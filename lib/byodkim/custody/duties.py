"""What the custodian does when asked: look, fetch and prove, put, forget. Answers are public values only."""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from byodkim.aws import identity, identity_batch, key_store
from byodkim.aws.session import WRITE, Clients, Settings
from byodkim.custody import private_key, rehearsal, storing
from byodkim.custody.clearing import ClearingOperations
from byodkim.custody.erasing import ErasingOperations
from byodkim.custody.mail_operations import MailOperations
from byodkim.custody.protocol import OPERATIONS, READS
from byodkim.custody.record_operations import RecordOperations
from byodkim.custody.refusal import DutyError, patiently, persistently, reading
from byodkim.custody.shared_reads import SharedReads
from byodkim.custody.store_operations import StoreOperations
from byodkim.custody.windows import Windows
from byodkim.custody.zone_operations import ZoneOperations
from byodkim.dkim.names import check_domain, check_selector
from byodkim.evidence.sealing_key import default_path
from byodkim.rotation.observation import Caller, KeyObject

STAGES = ("AWSCURRENT", "AWSPREVIOUS", "AWSPENDING")
T = TypeVar("T")
ABSENT = frozenset({"NoSuchKey", "404", "NoSuchVersion"})


@dataclass(frozen=True)
class Held:
    """A private key in hand, and the object it came from."""

    described: KeyObject
    private_key: private_key.PrivateKey | None


class Duties(
    ZoneOperations,
    MailOperations,
    StoreOperations,
    ErasingOperations,
    ClearingOperations,
    RecordOperations,
    SharedReads,
):
    """One run's work. Every public method is an operation of the protocol; ``allowed`` are those that may be asked."""

    def __init__(self, allowed: frozenset[str] = OPERATIONS) -> None:
        super().__init__()
        self.allowed = allowed
        self._pool = ThreadPoolExecutor(8, "duty")
        self._held: dict[str, Held] = {}
        self._clients: Clients | None = None
        self._known, self._lock = Windows(), Lock()
        self.stopped = False  # whether key material was found: nothing is answered any more

    @property
    def opened(self) -> bool:
        """Return whether ``open`` was asked for and went well."""
        return self._clients is not None

    @property
    def clients(self) -> Clients:
        """The clients, once ``open`` was asked for."""
        if self._clients is None:
            raise DutyError("open", "NotOpen", "the custodian was asked for something before it was opened")
        return self._clients

    def open(self, settings: dict[str, Any]) -> dict[str, Any]:
        """Makes the session. Answers Region and partition."""
        state = default_path(os.environ).parent
        self._clients = Clients(Settings(**settings), read_only=self.allowed <= READS, state=state)
        if not self._clients.region:
            raise DutyError("open", "NoRegion", "no Region is set")
        self._pool.submit(self._clients.prepare, ("sesv2", "sts", "secretsmanager", "s3"))
        return {"region": self._clients.region, "partition": self._clients.partition}

    def caller(self) -> dict[str, Any]:
        """STS GetCallerIdentity, as plain ``Caller``."""
        answer = reading("GetCallerIdentity", self.clients.caller)
        caller = Caller(
            account=answer["Account"],
            arn=answer["Arn"],
            user_id=answer["UserId"],
            partition=answer["Arn"].split(":")[1],
            region=self.clients.region,
            endpoint=self.clients.get("sesv2").meta.endpoint_url,
            clock_skew_s=self.clients.log.skew_s,
        )
        return asdict(caller)

    def identity(self, name: str) -> dict[str, Any] | None:
        """SES GetEmailIdentity, as plain ``Identity``; ``None`` where SES knows no such identity."""
        return self._identity(name, "")

    def elsewhere(self, region: str, name: str) -> dict[str, Any] | None:
        """The same in another Region, whose identities are its own."""
        return self._identity(name, region)

    def _identity(self, name: str, region: str) -> dict[str, Any] | None:
        client = self.clients.get("sesv2", region=region)
        try:
            seen = reading("GetEmailIdentity", lambda: persistently(lambda: identity.read_identity(client, name)))
        except DutyError as error:
            if error.code == "NotFoundException":
                return None
            raise
        return asdict(seen)

    def identities(self) -> list[dict[str, Any]]:
        """SES ListEmailIdentities, all pages: name, kind and whether it may send, as SES orders them."""
        ses = self.clients.get("sesv2")
        return reading("ListEmailIdentities", lambda: identity.listed(ses))

    def page(self, following: str) -> dict[str, Any]:
        """One page of SES ListEmailIdentities, 1,000 names: ``identities``, and ``following`` for the next one."""
        ses = self.clients.get("sesv2")
        return reading("ListEmailIdentities", lambda: identity_batch.page(ses, following))

    def batch(self, names: list[str]) -> dict[str, dict[str, Any]]:
        """SES GetIdentityDkimAttributes of API v1, for at most 100 identities: attributes by name."""
        ses = self.clients.get("ses")
        return reading("GetIdentityDkimAttributes", lambda: identity_batch.attributes(ses, names))

    def dated(self, selector: str, path: str, bucket: str, domain: str, named: str = "") -> dict[str, Any]:
        """When a key object was last written, by its headers: no key is fetched. Answers a plain ``KeyObject``."""
        s3 = self.clients.get("s3")
        try:
            return reading("HeadObject", lambda: asdict(key_store.dated(s3, bucket, path, domain, selector, named)))
        except DutyError as error:
            if error.code in ABSENT:
                return asdict(KeyObject(bucket, path, defect="absent"))
            raise

    def secret(self, secret_id: str, domain: str = "") -> list[dict[str, Any]]:
        """The versions of the secret by stage (AWSCURRENT first), public parts only; ``entries`` are the domain's."""
        read: list[Future[key_store.Version | None]] = [
            self._pool.submit(self._version, secret_id, stage, domain) for stage in STAGES
        ]
        self.clients.get("s3")  # the key is what comes next: made while the secret is on its way
        versions = [version for version in (future.result() for future in read) if version]
        return [asdict(version) for version in versions]

    def _version(self, secret_id: str, stage: str, domain: str) -> key_store.Version | None:
        client = self.clients.get("secretsmanager")
        try:
            return reading("GetSecretValue", lambda: key_store.read_version(client, secret_id, stage, domain))
        except DutyError as error:
            if stage != STAGES[0] and error.code == "ResourceNotFoundException":
                return None
            raise

    def key(
        self, selector: str, path: str, bucket: str, domain: str, layout: str = "", named: str = ""
    ) -> dict[str, Any]:
        """Fetches the private key of ``selector``, proves it and keeps it. Answers a plain ``KeyObject``.

        ``path`` is the secret's ``s3_key_path``; where it is "", the known layouts in ``bucket`` are tried, and
        ``layout``. ``named`` is the secret's ``s3_bucket``. An object that has not changed since it was fetched is not
        fetched again.
        """
        client = self.clients.get("s3")
        if found := key_store.contradiction(path, bucket, named):
            return asdict(found)
        bucket = named or bucket
        place = key_store.place_of(path, bucket)
        if place is None:
            listed = (
                ()
                if path or not bucket
                else reading("ListObjectsV2", lambda: key_store.candidates(client, bucket, domain, selector, layout))
            )
            if len(listed) != 1:
                defect = "ambiguous" if listed else "absent"
                names = tuple(one.key for one in listed)
                return asdict(KeyObject(bucket, path, candidates=names, defect=defect))
            place = listed[0]
        held = self._held.get(selector)
        if held is None or held.private_key is None or not self._unchanged(client, place, held.described):
            held = self._fetch(client, place)
            self._held[selector] = held
        return asdict(held.described)

    def _unchanged(self, client: key_store.S3Client, place: key_store.Place, described: KeyObject) -> bool:
        if (described.bucket, described.key) != (place.bucket, place.key) or described.defect:
            return False
        try:
            head = reading("HeadObject", lambda: client.head_object(Bucket=place.bucket, Key=place.key))
        except DutyError:
            return False
        version = head.get("VersionId", "")
        return (version, head.get("ETag", ""), _when(head), head.get("ContentLength")) == (
            described.version_id,
            described.etag,
            described.last_modified,
            described.size,
        )

    def _fetch(self, client: key_store.S3Client, place: key_store.Place) -> Held:
        described = KeyObject(place.bucket, place.key)
        try:
            answer = reading("GetObject", lambda: client.get_object(Bucket=place.bucket, Key=place.key))
        except DutyError as error:
            if error.code in ABSENT:
                return Held(replace(described, defect="absent"), None)
            raise
        size = int(answer.get("ContentLength", 0))
        described = replace(described, version_id=answer.get("VersionId", ""), etag=answer.get("ETag", ""))
        described = replace(described, last_modified=_when(answer), size=size)
        if size > key_store.MAX_OBJECT:
            return Held(replace(described, defect="too-large"), None)
        try:
            key = private_key.load(answer["Body"].read())
        except private_key.KeyDefect as defect:
            return Held(replace(described, defect=defect.code), None)
        self.learn(key.windows)
        return Held(
            replace(described, form=key.form, bits=key.bits, public_key=key.public_key, sha256=key.sha256),
            key,
        )

    def described(self, selector: str) -> KeyObject:
        """Return what is public of the key object of ``selector`` that was fetched; an empty one where none was."""
        held = self._held.get(selector)
        return held.described if held else KeyObject("", "")

    def learn(self, windows: Windows) -> None:
        """Searches texts for this secret too from now on."""
        with self._lock:
            if not self.stopped:
                self._known |= windows

    def sign(self, domain: str, selector: str) -> str:
        """A message of the custodian's own making, signed with the key of ``selector``: text that may be shown."""
        held = self._held.get(selector)
        if held is None or held.private_key is None:
            raise DutyError("sign", "NoSuchKey", "there is no such key in the custodian's hands")
        at = self.clients.log.now()
        return rehearsal.rehearse(check_domain(domain), check_selector(selector), at, held.private_key.sign)

    def put(self, name: str, selector: str, sha256: str) -> dict[str, Any]:
        """The one write: SES gets the key of ``selector``, if it is still the one with fingerprint ``sha256``.

        One attempt; further ones only where SES says that it was one call too many, and so has taken none of it.
        Answers ``{"answer": ...}`` or ``{"error": ...}``; ``unclear`` there means that the write may have been applied.
        """
        held = self._held.get(selector)
        if held is None or held.private_key is None or held.private_key.sha256 != sha256:
            raise DutyError("put", "NoSuchKey", "the key that was proved is not in the custodian's hands")
        client, value = self.clients.get("sesv2", WRITE), held.private_key.ses_value
        try:
            answer = patiently(lambda: identity.put_signing_attributes(client, name, selector, value))
        except ClientError as error:
            # SES's own text of a validation error may quote what it was given, so none of it is passed on.
            return {"error": storing.described("PutEmailIdentityDkimSigningAttributes", error)}
        except BotoCoreError as error:
            return _unclear(type(error).__name__)
        metadata = answer["ResponseMetadata"]
        said = {"request_id": metadata.get("RequestId", ""), "status": metadata["HTTPStatusCode"]}
        if not answer.get("DkimStatus"):  # a proxy's page, say: SES always tells the status
            return _unclear("UnreadableAnswer", **said)
        tokens = list(answer.get("DkimTokens", ()))
        return {"answer": {"dkim_status": answer["DkimStatus"], "dkim_tokens": tokens, **said}}

    def forget(self) -> None:
        """Lets go of every secret but the windows by which texts are searched.

        What was described of private keys stays, so that it can be compared.
        """
        self._zones = None
        self._held = {selector: replace(held, private_key=None) for selector, held in self._held.items()}
        self._made.clear()

    def search(self, texts: list[str]) -> int | None:
        """Return the index of the first text that holds key material; ``None`` where none does. A hit is the last."""
        return next((index for index, text in enumerate(texts) if self.leaks(text)), None)

    def leaks(self, text: str | bytes) -> bool:
        """Return whether a piece of a key that was ever in hand stands in ``text``. The first that does is the last."""
        with self._lock:
            if self.stopped or not self._known.found_in(text):
                return False
            self.stopped, self._known = True, Windows()
            self.forget()
            return True


def _unclear(code: str, status: int = 0, request_id: str = "") -> dict[str, Any]:
    error = {"code": code, "message": "", "status": status, "request_id": request_id, "unclear": True}
    return {"error": error}


def _when(answer: dict[str, Any]) -> str:
    value = answer.get("LastModified")
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else ""
