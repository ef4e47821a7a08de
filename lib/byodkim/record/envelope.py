"""Signed statements: an in-toto Statement in a DSSE envelope, with one Ed25519 signature.

Sources: in-toto attestation framework, Statement v1; secure-systems-lab/dsse, protocol v1.0.2. The
key id is the public key itself, so that a reader can tell whose key it would be.
"""

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Generic, Literal, TypeVar

import msgspec
from msgspec import Struct, field

from byodkim.errors import RecordError
from byodkim.record.files import read_file
from byodkim.record.sealing_key import SealingKey, public_key
from byodkim.words import _

# securesystemslib imports boto3 where it finds it, for signers that are not used here. ``None``
# makes Python say that there is none.
_boto3 = sys.modules.setdefault("boto3", None)  # type: ignore[arg-type]
from securesystemslib.dsse import Envelope  # noqa: E402
from securesystemslib.exceptions import VerificationError  # noqa: E402
from securesystemslib.signer import (  # type: ignore[attr-defined]  # noqa: E402
    CryptoSigner,
    Signature,
    SSlibKey,
)

if _boto3 is None:
    del sys.modules["boto3"]

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"

P = TypeVar("P")


class Digest(Struct, frozen=True, forbid_unknown_fields=True):
    """The digest of a file as it is on the disk. ``sha256``: as ``sha256sum`` prints it."""

    sha256: str


class Subject(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that the statement is about. ``name``: in the folder of the statement's own file."""

    name: str
    digest: Digest


class Statement(Struct, Generic[P], frozen=True, forbid_unknown_fields=True):
    """An in-toto Statement. ``predicate``: what is stated of the subjects, of a certain type."""

    subject: tuple[Subject, ...]
    predicate_type: str = field(name="predicateType")
    predicate: P
    type: Literal["https://in-toto.io/Statement/v1"] = field(
        default="https://in-toto.io/Statement/v1", name="_type"
    )

    @property
    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of each subject by its name."""
        return {each.name: each.digest.sha256 for each in self.subject}


class _Signature(Struct, frozen=True, forbid_unknown_fields=True):
    keyid: str
    sig: bytes


class _Envelope(Struct, frozen=True, forbid_unknown_fields=True):
    payload: bytes
    payload_type: str = field(name="payloadType")
    signatures: tuple[_Signature, ...]


class Signed(Struct, Generic[P], frozen=True):
    """A statement whose signature is valid. ``key``: whose public key signed it, trusted or not."""

    key: str
    statement: Statement[P]


_envelopes: Final = msgspec.json.Decoder(_Envelope)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, hexadecimal.

    Raises:
        RecordError: it cannot be read.
    """
    return hashlib.sha256(read_file(path)).hexdigest()


def statement(digests: Mapping[str, str], predicate_type: str, predicate: P) -> Statement[P]:
    """Return a statement about files, which are given as digests by name."""
    subjects = tuple(Subject(name, Digest(sha256)) for name, sha256 in digests.items())
    return Statement(subject=subjects, predicate_type=predicate_type, predicate=predicate)


def sign(stated: Statement[Any], key: SealingKey) -> bytes:
    """Return a statement in its envelope, signed."""
    envelope = Envelope(msgspec.json.encode(stated), PAYLOAD_TYPE, {})
    envelope.sign(signer(key))
    return msgspec.json.format(msgspec.json.encode(envelope.to_dict()), indent=1) + b"\n"


def signer(key: SealingKey) -> CryptoSigner:
    """Return what signs for ``securesystemslib``. Its key id is the public key."""
    return CryptoSigner(key.private, _verifier(key.public))


def read_signed(
    path: Path, predicate_type: str, decoder: msgspec.json.Decoder[Statement[P]]
) -> Signed[P]:
    """Return the signed statement in a file. Whether its key is trusted, the caller decides.

    Raises:
        RecordError: it cannot be read, is no statement of this type with exactly one signature, or
            the signature is not valid.
    """
    data = read_file(path)
    unfit = _("{file} is not a signed statement of the kind expected here.", file=path.name)
    try:
        envelope = _envelopes.decode(data)
        (signature,) = envelope.signatures
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        raise RecordError(unfit) from None
    _require_valid(path, envelope, signature)
    try:
        stated = decoder.decode(envelope.payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RecordError(unfit) from None
    if stated.predicate_type != predicate_type or len(stated.digests) != len(stated.subject):
        raise RecordError(unfit)
    return Signed(signature.keyid, stated)


def _require_valid(path: Path, envelope: _Envelope, signature: _Signature) -> None:
    key = _verifier(signature.keyid)
    signatures = {key.keyid: Signature(key.keyid, signature.sig.hex())}
    signed = Envelope(envelope.payload, envelope.payload_type, signatures)
    try:
        signed.verify([key], 1)
        is_valid = envelope.payload_type == PAYLOAD_TYPE
    except VerificationError:
        is_valid = False
    if not is_valid:
        raise RecordError(_("The signature of {file} is not valid.", file=path.name))


def _verifier(public: str) -> SSlibKey:
    return SSlibKey.from_crypto(public_key(public), keyid=public)
