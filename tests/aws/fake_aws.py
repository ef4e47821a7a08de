"""AWS on loopback, over real HTTP: operations whose answers a test replaces, and what came in."""

import json
import ssl
import time
import uuid
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from byodkim.custody.settings import AwsSettings

PUT = "PutEmailIdentityDkimSigningAttributes"
STS = """<GetCallerIdentityResponse><GetCallerIdentityResult>
<Arn>arn:aws:sts::123456789012:assumed-role/mail-ops/sato</Arn><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>"""
IDENTITY: dict[str, Any] = {
    "IdentityType": "DOMAIN",
    "VerifiedForSendingStatus": True,
    "DkimAttributes": {
        "SigningEnabled": True,
        "Status": "SUCCESS",
        "Tokens": ["mail-1"],
        "SigningAttributesOrigin": "EXTERNAL",
    },
    "VerificationInfo": {"LastCheckedTimestamp": 1764727200.0},
}


@dataclass
class Answer:
    """One HTTP answer. ``cut``: close the connection ``before`` or ``after`` its first bytes."""

    body: bytes | str | dict[str, Any] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    cut: str = ""

    @property
    def data(self) -> bytes:
        body = json.dumps(self.body) if isinstance(self.body, dict) else self.body
        return body.encode() if isinstance(body, str) else body


def error(code: str, status: int, message: str = "") -> Answer:
    """Return an error in the form of SES and Secrets Manager."""
    return Answer({"__type": code, "message": message}, status, {"x-amzn-ErrorType": code})


def s3_error(code: str, status: int, message: str = "") -> Answer:
    """Return an error in the form of S3."""
    return Answer(f"<Error><Code>{code}</Code><Message>{message}</Message></Error>", status)


def secret(content: str | dict[str, Any]) -> Answer:
    """Return an answer to GetSecretValue."""
    text = content if isinstance(content, str) else json.dumps(content)
    arn = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:dkim"
    return Answer({"ARN": arn, "VersionId": "v1", "SecretString": text})


class FakeAws:
    """The server. ``answers``: by operation; ``GetSecretValue AWSPENDING`` is one of its own."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.answers: dict[str, list[Answer]] = {}
        self.objects: dict[str, bytes] = {}
        self.received: list[tuple[str, bytes]] = []
        self.forget()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake.respond(self)

            do_PUT = do_POST = do_GET  # noqa: N815 - http.server's

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._scheme = "https" if tls else "http"
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def settings(self, **more: Any) -> AwsSettings:
        """Return settings that lead here."""
        endpoint = f"{self._scheme}://127.0.0.1:{self.port}"
        reaching = {"endpoint_url": endpoint, "requests_per_second": 1000.0}
        return AwsSettings(**{"region": "ap-northeast-1", "sandbox": True, **reaching, **more})

    def forget(self) -> None:
        """Answer as in the beginning, and forget what was received."""
        self.answers = {
            "GetCallerIdentity": [Answer(STS)],
            "GetEmailIdentity": [Answer(IDENTITY)],
            "GetSecretValue": [secret({"selector": "mail-2", "dns_record": {"value": "p="}})],
            "GetSecretValue AWSPENDING": [error("ResourceNotFoundException", 400)],
            PUT: [Answer({"DkimStatus": "NOT_STARTED", "DkimTokens": ["mail-2"]})],
        }
        self.received.clear()
        self.objects.clear()

    def count(self, operation: str) -> int:
        """Return how often an operation was received."""
        return [name for name, _body in self.received].count(operation)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def respond(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        operation = _operation(request, body)
        self.received.append((operation, body))
        answer = self._answer(operation, request.path.partition("?")[0])
        time.sleep(answer.delay_s)
        if answer.cut == "before":
            request.connection.shutdown(2)
            return
        request.send_response_only(answer.status)
        headers = {"x-amzn-RequestId": str(uuid.uuid4()), "Date": formatdate(usegmt=True)}
        headers |= {"Content-Length": str(len(answer.data)), **answer.headers}
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(answer.data[: 5 if answer.cut else None])
        if answer.cut:
            request.connection.shutdown(2)

    def _answer(self, operation: str, path: str) -> Answer:
        """Return the next answer; the last one stays."""
        if operation == "GetObject" and operation not in self.answers:
            if path in self.objects:
                return Answer(self.objects[path], headers={"x-amz-version-id": "v7"})
            return s3_error("NoSuchKey", 404)
        answers = self.answers[operation]
        return answers.pop(0) if len(answers) > 1 else answers[0]


def _operation(request: BaseHTTPRequestHandler, body: bytes) -> str:
    if "X-Amz-Target" in request.headers:
        return "GetSecretValue AWSPENDING" if b"AWSPENDING" in body else "GetSecretValue"
    if request.path.startswith("/v2/email/identities/"):
        return PUT if request.command == "PUT" else "GetEmailIdentity"
    return "GetCallerIdentity" if request.command == "POST" else "GetObject"
