"""Mail as SES sends it: headers of its own, the domain's signature if it has one, and a second one of amazonses.com."""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import Any, Final

import dkim

from second_edition.ses_sandbox.dkim_state import SigningKey
from second_edition.ses_sandbox.keys import KeyPair, make_key_pair
from second_edition.ses_sandbox.ses_shapes import ServiceError, bad_request, not_implemented, one_of

AMAZON: Final = "amazonses.com"
AMAZON_SELECTOR: Final = "zh4gjftm6etwoq6afzugpky45synznly"
# As in https://aws.amazon.com/blogs/ses/dkim-troubleshooting-series-where-is-my-signature/
SIGNED: Final = (
    "from",
    "to",
    "subject",
    "mime-version",
    "content-type",
    "content-transfer-encoding",
    "date",
    "message-id",
    "feedback-id",
)
CANONICALIZATION: Final = (b"relaxed", b"simple")
# https://docs.aws.amazon.com/ses/latest/dg/header-fields.html: SES puts its own in their place.
OWN_HEADERS: Final = ("date", "message-id", "feedback-id", "return-path", "bcc")


@dataclass(frozen=True)
class Letter:
    """A message before SES adds to it: head lines without the blank one, and body, both with CRLF."""

    head: bytes
    body: bytes
    sender: str

    @property
    def sender_domain(self) -> str:
        """Return the domain in From, in lower case."""
        return self.sender.rpartition("@")[2].lower()


@cache
def _own_pair() -> KeyPair:
    """Make SES's own key, one for all accounts and Regions: 1024 bits, as its real one was for long."""
    return make_key_pair(1024)


class Postman:
    """Reads SendEmail's content, signs and hands mail on.

    Args:
        region: of the endpoint, part of Message-ID.
        now: the time for Date.
        deliver: takes message id and the message as it goes out.
        publish: puts a TXT value at a name of SES's own zone.
    """

    def __init__(
        self,
        region: str,
        now: Callable[[], datetime],
        deliver: Callable[[str, bytes], None],
        publish: Callable[[str, str], None],
    ) -> None:
        self.region = region
        self._now, self._deliver = now, deliver
        self._own = _own_pair()
        publish(f"{AMAZON_SELECTOR}._domainkey.{AMAZON}", self._own.dns_value)

    def read(self, members: dict[str, Any]) -> Letter:
        """Return the message in a SendEmail request.

        Raises:
            ServiceError: it has none that can be read, or one that the sandbox does not know (a template).
        """
        content = one_of(members, "Content", dict, default={})
        if "Raw" in content:
            data = _raw(one_of(content["Raw"], "Data", str, default=""))
        elif "Simple" in content:
            data = _simple(members, content["Simple"])
        elif content:
            raise not_implemented("The sandbox's SendEmail takes Raw and Simple content only.")
        else:
            raise bad_request("Content is needed.")
        return _letter(data, one_of(members, "FromEmailAddress", str, default=""))

    def send(self, letter: Letter, domain: str, key: SigningKey | None) -> str:
        """Sign with ``key`` (None: the domain's signature is left out) and with SES's own, deliver, and say the id."""
        message_id = f"0106{int(self._now().timestamp() * 1000):012x}-{uuid.uuid4()}-000000"
        own = f"Message-ID: <{message_id}@{self.region}.{AMAZON}>\r\n"
        own += f"Date: {format_datetime(self._now())}\r\n"
        own += f"Feedback-ID: ::1.{self.region}.sandbox:AmazonSES\r\n"
        message = letter.head + own.encode() + b"\r\n" + letter.body
        signatures = _signature(message, AMAZON_SELECTOR, AMAZON, self._own)
        if key is not None and key.pair is not None:
            signatures = _signature(message, key.selectors[0], domain, key.pair) + signatures
        self._deliver(message_id, signatures + message)
        return message_id


def _signature(message: bytes, selector: str, domain: str, pair: KeyPair) -> bytes:
    headers = [name.encode() for name in SIGNED if re.search(rb"(?im)^" + name.encode() + rb":", message)]
    signed = dkim.sign(
        message,
        selector.encode(),
        domain.encode(),
        pair.pkcs1_pem(),
        canonicalize=CANONICALIZATION,
        include_headers=headers,
    )
    return bytes(signed)


def _raw(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        raise ServiceError("SerializationException", 400, "Content.Raw.Data is not base64.") from None


def _simple(members: dict[str, Any], simple: dict[str, Any]) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = one_of(members, "FromEmailAddress", str, default="")
    destination = one_of(members, "Destination", dict, default={})
    for header, member in (("To", "ToAddresses"), ("Cc", "CcAddresses")):
        if destination.get(member):
            message[header] = ", ".join(destination[member])
    if members.get("ReplyToAddresses"):
        message["Reply-To"] = ", ".join(members["ReplyToAddresses"])
    message["Subject"] = simple.get("Subject", {}).get("Data", "")
    for extra in simple.get("Headers", []):
        message[extra["Name"]] = extra["Value"]
    body = simple.get("Body", {})
    message.set_content(body.get("Text", {}).get("Data", "") or "\n")
    if "Html" in body:
        message.add_alternative(body["Html"].get("Data", ""), subtype="html")
    return message.as_bytes()


def _letter(data: bytes, given: str) -> Letter:
    data = re.sub(rb"\r?\n", b"\r\n", data)
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        raise ServiceError("MessageRejected", 400, "The message has no blank line between its head and its body.")
    kept = b""
    for field in re.split(rb"\r\n(?![ \t])", head):
        if field and field.partition(b":")[0].strip().lower().decode("latin-1") not in OWN_HEADERS:
            kept += field + b"\r\n"
    header = BytesHeaderParser(policy=SMTP).parsebytes(kept + b"\r\n")["From"]
    address = header.addresses[0].addr_spec if isinstance(header, AddressHeader) and header.addresses else ""
    sender = parseaddr(given)[1] or address
    if "@" not in sender:
        raise ServiceError("MessageRejected", 400, "The message has no From address.")
    return Letter(kept, body, sender)
