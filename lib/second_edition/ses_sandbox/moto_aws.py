"""The AWS services that moto plays: S3, Secrets Manager, STS and Route 53, and calls to them from inside.

moto keeps its state in the process, so there can be one world in a process at a time.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

# Before moto is imported: without it moto lets any web page read its answers.
os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "true")

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import NotFound
from werkzeug.test import Client

from second_edition.ses_sandbox.errors import SandboxError

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
        """Return the body of the answer to one request of our own.

        Raises:
            SandboxError: moto answered with an error.
        """
        scope = f"sandbox/20260101/{REGION}/{service}/aws4_request"
        own = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}", "Content-Type": "application/octet-stream"}
        client = Client(self.app, use_cookies=False)
        answer = client.open(path, "http://127.0.0.1", method=method, data=body, headers=own | (headers or {}))
        if answer.status_code >= 300:
            raise SandboxError(f"The sandbox's {service} answered {answer.status} to {method} {path}.")
        return bytes(answer.data)


def operation_of(service: str, head: Mapping[str, str]) -> str:
    """Return the operation that a request is for, by the head of its WSGI environment and botocore's model."""
    try:
        return str(get_service_router(service).match(Request(dict(head)))[0].name)
    except NotFound:
        return f"{head['REQUEST_METHOD']} -"
