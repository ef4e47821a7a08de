"""An approver's own key: Ed25519, one file that only its owner reads, outside of any repository."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from byodkim.errors import ByodkimError
from byodkim.evidence import exclusive
from byodkim.messages import Language


class ApproverKeyError(ByodkimError):
    """The approver's key cannot be made, read or trusted. Nothing was signed."""


def default_path(environment: Mapping[str, str]) -> Path:
    """Return where an approver's key lies unless told otherwise: in the user's own configuration folder."""
    configured = environment.get("XDG_CONFIG_HOME", "")
    folder = Path(configured) if Path(configured).is_absolute() else Path.home() / ".config"
    return folder / "byodkim" / "approver.pem"


def make(path: Path, passphrase: str, language: Language) -> Ed25519PrivateKey:
    """Make a new key and write it to ``path`` (PKCS#8 PEM, mode 0600), encrypted where there is a passphrase.

    Raises:
        ApproverKeyError: the file exists, or the disk does not take it.
    """
    key = Ed25519PrivateKey.generate()
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        exclusive.write(path, pem, 0o600)
    except OSError as error:
        raise _error("key.unwritable", language, path=path, reason=error.strerror or error) from error
    return key


def load(path: Path, ask: Callable[[], str], language: Language) -> Ed25519PrivateKey:
    """Return the key at ``path``; ``ask`` gives its passphrase, and is called only where it has one.

    Raises:
        ApproverKeyError: others can read the file, it is no Ed25519 key, or the passphrase is wrong.
    """
    try:
        with path.open("rb") as file:
            open_to_others = os.fstat(file.fileno()).st_mode & 0o077
            pem = file.read(64 * 1024)
    except OSError as error:
        raise _error("key.unreadable", language, path=path, reason=error.strerror or error) from error
    if open_to_others:
        raise _error("key.open", language, path=path)
    passphrase = ask().encode() if b"ENCRYPTED PRIVATE KEY" in pem else None
    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # its text may quote what it was given
        raise _error("key.passphrase" if passphrase is not None else "key.unusable", language, path=path) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise _error("key.unusable", language, path=path)
    return key


def public_text(key: Ed25519PrivateKey) -> str:
    """Return the public key as a profile lists it: base64 of its 32 bytes."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _error(key: str, language: Language, **values: object) -> ApproverKeyError:
    return ApproverKeyError.said("approve", key, language, "unsigned", **values)
