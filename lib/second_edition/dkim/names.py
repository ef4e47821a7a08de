"""Names in DNS: selectors, domains, and where the key record of both stands."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from typing import Final

from second_edition.errors import ParameterError
from second_edition.messages import Language

SELECTOR_PATTERN: Final = r"^(([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9]))$"
"""SES's own words for a selector (SESv2 API reference, DkimSigningAttributes.DomainSigningSelector)."""

LONGEST_LABEL: Final = 63  # RFC 1035 section 2.3.4, and SES
LONGEST_NAME: Final = 253  # characters of a name without its closing dot: 255 octets on the wire

_SELECTOR = re.compile(SELECTOR_PATTERN.removesuffix("$") + r"\Z")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z", re.IGNORECASE)


def check_selector(selector: str, language: Language = "en") -> str:
    """Return the selector, if SES takes it: 1 to 63 letters, digits and inner hyphens.

    Raises:
        ParameterError: it does not.
    """
    if len(selector) > LONGEST_LABEL or not _SELECTOR.match(selector):
        text = repr(selector[: LONGEST_LABEL + 1])
        raise ParameterError.said("key_record", "name.selector", language, "parameters/untouched", selector=text)
    return selector


def check_domain(domain: str, language: Language = "en") -> str:
    """Return the domain in lower case without a closing dot, if it is a host name of at least two labels (RFC 1123).

    A name in Japanese becomes its A-labels (``xn--...``).

    Raises:
        ParameterError: it is not.
    """
    bare = bare_name(domain)
    labels = bare.split(".")
    if len(bare) > LONGEST_NAME or len(labels) < 2 or not all(_LABEL.match(label) for label in labels):
        raise ParameterError.said(
            "key_record", "name.domain", language, "parameters/untouched", domain=repr(domain[:LONGEST_NAME])
        )
    return bare


def bare_name(domain: str) -> str:
    """Return a name in lower case without a closing dot, its U-labels as A-labels (RFC 5891) where it has such."""
    if not domain.isascii():
        import idna  # only where it is needed: its tables are large

        with suppress(UnicodeError):
            domain = idna.encode(domain, uts46=True).decode()
    return domain.removesuffix(".").lower()


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine: no proxy stands before it, whatever ``HTTP_PROXY`` says."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def record_name(selector: str, domain: str) -> str:
    """Return the key record's name: ``<selector>._domainkey.<domain>``, no closing dot (RFC 6376 section 3.6.2.1).

    Raises:
        ParameterError: the selector or the domain is none, or the name as a whole is too long for DNS.
    """
    name = f"{check_selector(selector)}._domainkey.{check_domain(domain)}"
    if len(name) > LONGEST_NAME:
        values = {"length": len(name), "most": LONGEST_NAME}
        raise ParameterError.said(
            "key_record", "name.long", "en", "parameters/untouched", "name.selector.todo", **values
        )
    return name
