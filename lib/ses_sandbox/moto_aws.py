"""The AWS services that moto plays: S3, Secrets Manager, STS and Route 53, and calls to them from inside.

moto keeps its state in the process, so there can be one world in a process at a time.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from typing import Any, Final

# Before moto is imported: without it moto lets any web page read its answers.
os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from ses_sandbox.errors import SandboxError
from ses_sandbox.http_server import Environ

ACCOUNT: Final = "123456789012"
REGION: Final = "ap-northeast-1"


class Moto:
    """moto's WSGI application and a way to call it without a socket."""

    def __init__(self) -> None:
        self.app: Any = DomainDispatcherApplication(create_backend_app)

    def reset(self) -> None:
        """Forget all state."""
        BackendDict.reset()
        reset_model_data()

    def call(
        self, service: str, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> bytes:
        """The body of the answer to one request of our own.

        Raises:
            SandboxError: moto answered with an error.
        """
        answered: list[str] = []

        def start_response(status: str, *_: object) -> None:
            answered.append(status)

        parts: Iterable[bytes] = self.app(_environ(service, method, path, body, headers or {}), start_response)
        content = b"".join(parts)
        if not answered[0].startswith("2"):
            raise SandboxError(f"The sandbox's {service} answered {answered[0]} to {method} {path}.")
        return content


def _environ(service: str, method: str, path: str, body: bytes, headers: dict[str, str]) -> Environ:
    plain, _, query = path.partition("?")
    environ: Environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": plain,
        "QUERY_STRING": query,
        "RAW_URI": path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential=sandbox/20260101/{REGION}/{service}/aws4_request",
        "CONTENT_TYPE": headers.get("Content-Type", "application/octet-stream"),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    return environ | {name: value for name, value in named.items() if name != "HTTP_CONTENT_TYPE"}
