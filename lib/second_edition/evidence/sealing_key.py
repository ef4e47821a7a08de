"""Keys that seal runs: their public halves wherever they come from, and the local one, made on first use.

A public key is known by the SHA-256 of its DER SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), so that any tool can
name it: ``openssl pkey -pubin -outform DER | sha256sum``.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from second_edition.evidence.exclusive import create
from second_edition.evidence.folders import opened

# What a DER SubjectPublicKeyInfo of each kind begins with (RFC 8410 section 4, RFC 5480 section 2.1.1), and its length.
KINDS: Final[Mapping[str, tuple[bytes, int]]] = {
    "ed25519": (bytes.fromhex("302a300506032b6570032100"), 44),
    "p256": (bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"), 91),
}
LARGEST: Final = 64 * 1024  # bytes of a key's file
P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class KeyDefect(Exception):
    """A sealing key cannot be used. ``code`` is a key of the catalogue ``seal``, ``reason`` names what is wrong."""

    def __init__(self, code: str, where: object = "", reason: object = "") -> None:
        self.code, self.where, self.reason = code, str(where), str(reason)
        super().__init__(code)


@dataclass(frozen=True)
class SealingKey:
    """A public key. ``der`` is its SubjectPublicKeyInfo."""

    der: bytes

    def __reduce__(self) -> tuple[type[SealingKey], tuple[bytes]]:
        return SealingKey, (self.der,)  # what was loaded for verifying goes into no other process

    @cached_property
    def keyid(self) -> str:
        """Return the SHA-256 of the SubjectPublicKeyInfo, in hex."""
        return hashlib.sha256(self.der).hexdigest()

    @cached_property
    def kind(self) -> str:
        """Return ``ed25519`` or ``p256``; "" for what cannot seal a run."""
        fits = (kind for kind, (head, size) in KINDS.items() if self.der.startswith(head) and len(self.der) == size)
        return next(fits, "")

    @property
    def text(self) -> str:
        """Return the key as a profile lists it: its kind, a colon, and the SubjectPublicKeyInfo in base64."""
        return f"{self.kind}:{base64.b64encode(self.der).decode()}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Return whether the key's owner signed ``message``: Ed25519, or ECDSA with SHA-256 (DER) as stored (low s)."""
        try:
            if self.kind == "p256":
                self._loaded.verify(signature, message, ECDSA(SHA256()))
                return low_s(signature) == signature
            self._loaded.verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    @cached_property
    def _loaded(self) -> Any:
        if not self.kind:
            raise ValueError("not a sealing key")
        return load_der_public_key(self.der)


def low_s(signature: bytes) -> bytes:
    """Return an ECDSA P-256 signature in the one of its two forms whose s is at most half the group's order.

    With (r, s), (r, n - s) verifies too; one form only keeps a seal's bytes from being changed unseen.
    Source: SEC 1 version 2.0, section 4.1.3; the order n: FIPS 186-5 and SP 800-186, section 3.2.1.3.

    Raises:
        ValueError: these are no bytes of an ECDSA signature.
    """
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, P256_ORDER - s))


def parse(text: str, folder: Path) -> SealingKey:
    """Return the key that a profile or ``--key`` names: ``ed25519:<base64>``, ``p256:<base64>``, or a file with PEM.

    Args:
        text: what is written there.
        folder: whence a file's name leads.

    Raises:
        KeyDefect: it is none.
    """
    kind, colon, encoded = text.partition(":")
    if not colon or kind not in KINDS:
        return read_public(folder / text)
    try:
        key = SealingKey(base64.b64decode(encoded, validate=True))
    except ValueError:
        raise KeyDefect("public.text", text[:100]) from None
    if key.kind != kind:
        raise KeyDefect("public.text", text[:100])
    return key


def read_public(path: Path) -> SealingKey:
    """Return the public key in a PEM file (``BEGIN PUBLIC KEY``).

    Raises:
        KeyDefect: the file cannot be read, or holds no public key that can seal a run.
    """
    try:
        with opened(path) as file:
            loaded = serialization.load_pem_public_key(file.read(LARGEST))
        der = loaded.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except OSError as error:
        raise KeyDefect("public.unreadable", path, error.strerror or error) from None
    except (ValueError, UnsupportedAlgorithm):
        raise KeyDefect("public.unusable", path) from None
    if not SealingKey(der).kind:
        raise KeyDefect("public.unusable", path)
    return SealingKey(der)


def user_folder(environment: Mapping[str, str], variable: str, usual: str) -> Path:
    """Return this program's folder among a user's own (XDG base directory specification, 0.8)."""
    configured = Path(environment.get(variable, ""))
    return (configured if configured.is_absolute() else Path.home() / usual) / "byodkim"


def default_path(environment: Mapping[str, str]) -> Path:
    """Return where the local key lies: in the folder of the user's state."""
    return user_folder(environment, "XDG_STATE_HOME", ".local/state") / "sealing-key.pem"


def public_path(path: Path) -> Path:
    """Return where the public half of the local key at ``path`` lies, for everyone to read."""
    return path.with_suffix(".pub.pem")


def local(path: Path) -> Ed25519PrivateKey:
    """Return the local key at ``path``, made if there is none. Processes that come at the same time get the same one.

    Raises:
        KeyDefect: it cannot be made, read or trusted, would lie in a repository, or has another key's public half.
    """
    try:
        if not path.exists():
            _make(path)
        key = load_private(path)
    except OSError as error:
        raise KeyDefect("key.unreadable", path, error.strerror or error) from None
    public = public_path(path)
    if public.exists() and read_public(public) != public_half(key):
        raise KeyDefect("key.half", public)
    return key


def out_of_reach(path: Path) -> str:
    """Return why the local key at ``path`` can be neither read nor made, by the file system; "" where it can."""
    nearest = next(one for one in (path, *path.parents) if os.path.lexists(one))
    if nearest != path and not nearest.is_dir():
        return os.strerror(errno.ENOTDIR)
    if os.access(nearest, os.R_OK if nearest == path else os.W_OK | os.X_OK):
        return ""
    return os.strerror(errno.EROFS if os.statvfs(nearest).f_flag & os.ST_RDONLY else errno.EACCES)


def public_half(key: Ed25519PrivateKey) -> SealingKey:
    """Return the public half of the local key."""
    return SealingKey(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def _make(path: Path) -> None:
    # What lies in a repository is soon shared with everyone who has it.
    if any((folder / ".git").exists() for folder in path.parents):
        raise KeyDefect("key.repository", path)
    key = Ed25519PrivateKey.generate()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if create(path, private_pem(key), 0o600):
        create(public_path(path), key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def private_pem(key: Ed25519PrivateKey, passphrase: str = "") -> bytes:
    """Return a private key's file: PKCS#8 PEM, encrypted where there is a passphrase."""
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    return key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


def load_private(path: Path, ask: Callable[[], str] | None = None) -> Ed25519PrivateKey:
    """Return the private key at ``path``; ``ask`` gives its passphrase, and is called only where it has one.

    Raises:
        KeyDefect: others can read the file, it is no Ed25519 key, or the passphrase is wrong.
    """
    try:
        with opened(path) as file:
            open_to_others = os.fstat(file.fileno()).st_mode & 0o077
            pem = file.read(LARGEST)
    except OSError as error:
        raise KeyDefect("key.unreadable", path, error.strerror or error) from None
    if open_to_others:
        raise KeyDefect("key.open", path)
    passphrase = ask().encode() if ask and b"ENCRYPTED PRIVATE KEY" in pem else None
    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # its text may quote what it was given
        raise KeyDefect("key.passphrase" if passphrase is not None else "key.unusable", path) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyDefect("key.unusable", path)
    return key


def trusted(named: Iterable[str], folder: Path) -> dict[str, SealingKey]:
    """Return the keys whose seals count, by their ``keyid``: those of a profile, and this user's own.

    Args:
        named: as ``parse`` takes them.
        folder: whence a file's name leads.

    Raises:
        KeyDefect: one is none.
    """
    return {key.keyid: key for key in (*(parse(text, folder) for text in named), own()) if key}


def own(environment: Mapping[str, str] = os.environ) -> SealingKey | None:
    """Return the public half of this user's own local key, if there is one; the private half is not looked at."""
    path = public_path(default_path(environment))
    return read_public(path) if path.exists() else None
