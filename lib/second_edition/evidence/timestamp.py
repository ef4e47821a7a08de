"""A timestamp over a seal: an authority's word that the seal was there by then, whatever clock the run had.

The response lies beside the seal as it came (``<name>.<run id>.seal.tsr``), so that ``openssl ts -verify`` reads it.
Its imprint is the SHA-256 of the seal's signature.
Source: RFC 3161 sections 2.4 (request, response) and 3.4 (over HTTP).

The client's library and X.509 are loaded where they are used: most runs have no timestamp, and would load them for
10 ms (``tests.second_edition.bench.command``).
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from second_edition.dkim.names import is_loopback
from second_edition.evidence.folders import whole
from second_edition.evidence.seal import SUFFIX as SEAL_SUFFIX
from second_edition.evidence.seal import SealError
from second_edition.messages import Language

if TYPE_CHECKING:
    from rfc3161_client import VerifierBuilder

SUFFIX: Final = ".seal.tsr"
LARGEST: Final = 64 * 1024  # bytes of a response
TIMEOUT_S: Final = 10.0


def path_of(seal_path: Path) -> Path:
    """Return where the timestamp over a seal lies."""
    return seal_path.with_name(seal_path.name.removesuffix(SEAL_SUFFIX) + SUFFIX)


def fetch(url: str, signature: bytes, roots: Path, language: Language = "en") -> bytes:
    """Ask the authority at ``url`` for a timestamp over ``signature``; it has been verified when this returns.

    Args:
        url: ``http://`` or ``https://``.
        signature: the seal's, raw.
        roots: file with the certificates to trust, PEM.
        language: of the error.

    Raises:
        SealError: ``stamp.unreachable``, ``stamp.refused`` or ``stamp.roots``.
    """
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerifierBuilder

    trusted = _load(roots, language)
    builder = TimestampRequestBuilder().data(signature).hash_algorithm(HashAlgorithm.SHA256)
    query = builder.cert_request(cert_request=True).build()
    response = _post(url, query.as_bytes(), language)
    try:
        _verified(response, signature, trusted, VerifierBuilder.from_request(query))
    except _refusals() as error:
        raise SealError("stamp.refused", language, where=url, reason=_first_line(error)) from None
    return response


def check(response: bytes, signature: bytes, roots: Path, name: str = "", language: Language = "en") -> datetime:
    """Return when the authority saw a seal with this signature.

    Args:
        response: the timestamp's file.
        signature: the seal's, raw.
        roots: file with the certificates to trust, PEM.
        name: of the file, for the error.
        language: of the error.

    Raises:
        SealError: ``timestamp.false`` where it is none, or not of this signature, or no trusted authority's;
            ``stamp.roots``.
    """
    from rfc3161_client import VerifierBuilder

    trusted = _load(roots, language)
    try:
        return _verified(response, signature, trusted, VerifierBuilder())
    except _refusals() as error:
        raise SealError("timestamp.false", language, where=name, reason=_first_line(error)) from None


def _verified(response: bytes, signature: bytes, roots: list[Any], builder: VerifierBuilder) -> datetime:
    from rfc3161_client import decode_timestamp_response

    read = decode_timestamp_response(response)
    if read.as_bytes() != response:
        raise ValueError("bytes that say nothing")
    for root in roots:
        builder = builder.add_root_certificate(root)
    builder.build().verify_message(read, signature)
    return read.tst_info.gen_time.astimezone(UTC)


def _refusals() -> tuple[type[Exception], ...]:
    from rfc3161_client import VerificationError

    # What is no response at all makes the decoder raise ValueError; odd ones made it raise others.
    return (VerificationError, ValueError, TypeError, LookupError, OverflowError)


def _post(url: str, query: bytes, language: Language) -> bytes:
    headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
    request = urllib.request.Request(url, data=query, headers=headers, method="POST")  # noqa: S310 - the profile's pattern
    try:
        with _opener(request.host).open(request, timeout=TIMEOUT_S) as answer:
            data: bytes = answer.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise SealError("stamp.unreachable", language, where=url, reason=f"HTTP {error.code}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        raise SealError("stamp.unreachable", language, where=url, reason=reason) from None
    if len(data) > LARGEST:
        raise SealError("stamp.unreachable", language, where=url, reason="too long")
    return data


def _opener(host: str) -> urllib.request.OpenerDirector:
    """Return what opens a URL: past any proxy where the authority is on this machine, as AWS is reached there."""
    own = is_loopback(urlsplit(f"//{host}").hostname or "")
    return urllib.request.build_opener(*([urllib.request.ProxyHandler({})] if own else []))


def _load(roots: Path, language: Language) -> list[Any]:
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(whole(roots))
    except OSError as error:
        raise SealError("stamp.roots", language, where=roots, reason=error.strerror or error) from None
    except ValueError:
        raise SealError("stamp.roots", language, where=roots, reason="PEM") from None


def _first_line(error: Exception) -> str:
    # OpenSSL's own list of errors follows after a bracket: it is for developers.
    return (str(error).splitlines() or [type(error).__name__])[0].partition("[")[0].rstrip(": ")[:200]
