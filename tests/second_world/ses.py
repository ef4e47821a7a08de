"""Amazon SES as AWS documents it, in front of an emulator that answers for every other service.

An identity has one selector and one key. After the write, the answer says NOT_STARTED, the next
read PENDING; from then on each read looks for the key record. Sources: SES API v2
(GetEmailIdentity, PutEmailIdentityDkimSigningAttributes), SES Developer Guide (BYODKIM).
"""

import base64
import contextlib
import http.client
import json
import re
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import dns.message
import dns.query
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)
from dns.rdatatype import TXT

SELECTOR = r"[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9]"
PRIVATE_KEY = r"[a-zA-Z0-9+/]+={0,2}"
#: The service that a request is signed for (AWS Signature Version 4, credential scope).
SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([a-z0-9]+)/aws4_request")
IDENTITIES = "/v2/email/identities"


@dataclass
class Identity:
    """A domain that signs with a key of its owner."""

    selector: str
    public_key: str
    status: str = "SUCCESS"
    checked: float = 0.0

    def shown(self) -> dict[str, Any]:
        """Return GetEmailIdentity's answer."""
        is_verified = self.status == "SUCCESS"
        dkim = {
            "SigningEnabled": True,
            "Status": self.status,
            "Tokens": [self.selector],
            "SigningAttributesOrigin": "EXTERNAL",
        }
        return {
            "IdentityType": "DOMAIN",
            "FeedbackForwardingStatus": True,
            "VerifiedForSendingStatus": is_verified,
            "VerificationStatus": self.status,
            "DkimAttributes": dkim,
            "MailFromAttributes": {"BehaviorOnMxFailure": "USE_DEFAULT_VALUE"},
            "Policies": {},
            "Tags": [],
            "VerificationInfo": {"LastCheckedTimestamp": self.checked},
        }


@dataclass
class Ses:
    """Amazon SES and the way to the other services.

    Attributes:
        backend: address of the emulator, ``127.0.0.1:PORT``.
        resolver: port of the resolver that SES asks for key records.
        puts: selectors that were set, in order.
    """

    backend: str
    resolver: int
    identities: dict[str, Identity] = field(default_factory=dict)
    puts: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        """Return status and answer of a call."""
        domain, _slash, rest = path.removeprefix(f"{IDENTITIES}/").partition("/")
        identity = self.identities.get(domain)
        if identity is None:
            return 404, {"__type": "NotFoundException", "message": f"No identity: {path}"}
        if (method, rest) == ("GET", ""):
            self._look(domain, identity)
            return 200, identity.shown()
        if (method, rest) == ("PUT", "dkim/signing"):
            return self._put(identity, json.loads(body))
        return 400, {"__type": "BadRequestException", "message": f"{method} {path}"}

    def _put(self, identity: Identity, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        given = asked.get("SigningAttributes", {})
        selector = str(given.get("DomainSigningSelector"))
        private_key = str(given.get("DomainSigningPrivateKey"))
        is_valid = re.fullmatch(SELECTOR, selector) and re.fullmatch(PRIVATE_KEY, private_key)
        if asked["SigningAttributesOrigin"] != "EXTERNAL" or not is_valid:
            return 400, {"__type": "BadRequestException", "message": "Invalid signing attributes."}
        self.puts.append(selector)
        identity.selector, identity.status = selector, "NOT_STARTED"
        identity.public_key = public_key(base64.b64decode(private_key))
        return 200, {"DkimStatus": "NOT_STARTED", "DkimTokens": [selector]}

    def _look(self, domain: str, identity: Identity) -> None:
        if identity.status == "NOT_STARTED":
            identity.status = "PENDING"
        elif identity.status == "PENDING":
            identity.checked = time.time()
            question = dns.message.make_query(f"{identity.selector}._domainkey.{domain}", TXT)
            answer = dns.query.udp(question, "127.0.0.1", 5, self.resolver)
            texts = [b"".join(row.strings).decode() for each in answer.answer for row in each]
            if [text.partition("p=")[2] for text in texts] == [identity.public_key]:
                identity.status = "SUCCESS"


def public_key(private_key: bytes) -> str:
    """Return ``p`` of the key record that belongs to a private key in DER."""
    public = load_der_private_key(private_key, None).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


@contextlib.contextmanager
def endpoint(ses: Ses) -> Iterator[str]:
    """Serve every service at one address, which the block is given."""
    handler = type("Handler", (_Handler,), {"ses": ses})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One request: SES's own, or passed on as it came."""

    ses: Ses
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        scope = SCOPE.search(self.headers.get("Authorization", ""))
        if scope is None or scope[1] != "ses":
            return self._pass_on(body)
        with self.ses.lock:
            path = unquote(urlsplit(self.path).path)
            status, answer = self.ses.answer(self.command, path, body)
        headers = {"Content-Type": "application/json", "x-amzn-RequestId": str(uuid.uuid4())}
        headers |= {"x-amzn-ErrorType": answer["__type"]} if "__type" in answer else {}
        return self._reply(status, headers, json.dumps(answer).encode())

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _handle  # noqa: N815 - http.server's names

    def _pass_on(self, body: bytes) -> None:
        backend = http.client.HTTPConnection(self.ses.backend, timeout=120)
        with contextlib.closing(backend):
            backend.request(self.command, self.path, body, dict(self.headers))
            response = backend.getresponse()
            data = response.read()
            dropped = ("connection", "transfer-encoding", "keep-alive", "server")
            headers = {
                name: value for name, value in response.getheaders() if name.lower() not in dropped
            }
            self._reply(response.status, headers, data)

    def _reply(self, status: int, headers: dict[str, str], data: bytes) -> None:
        has_date = any(name.lower() == "date" for name in headers)
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() != "content-length" or self.command == "HEAD":
                self.send_header(name, value)
        if not has_date:
            self.send_header("Date", self.date_time_string())
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Write no log."""
