"""moto's SES v2 over HTTP. moto has no PutEmailIdentityDkimSigningAttributes: it is added here, on moto's own identity.

What SES does after that call has no time here: DKIM is verified at once if DNS serves the public key, else PENDING.
"""

from __future__ import annotations

import base64
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

import dns.message
import dns.query
import dns.rdatatype
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.ses.models import EmailIdentity, ses_backends
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

PUT = re.compile(r"/v2/email/identities/(?P<domain>[^/]+)/dkim/signing")


class MotoSes:
    """The application. ``puts``: the selectors that were written. ``port``: of the name server that it asks."""

    def __init__(self) -> None:
        self.moto: Any = DomainDispatcherApplication(create_backend_app)
        self.puts: list[str] = []
        self.port = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Answer the one call that moto lacks; everything else is moto's."""
        request = Request(environ)
        found = PUT.fullmatch(unquote(request.path))
        if found is None or request.method != "PUT":
            return self.moto(environ, start_response)
        self.sign(found["domain"], **json.loads(request.get_data())["SigningAttributes"])
        attributes = self.identity(found["domain"]).dkim_attributes
        self.puts.append(attributes["Tokens"][0])
        answer = {"DkimStatus": attributes["Status"], "DkimTokens": attributes["Tokens"]}
        named = {"x-amzn-requestid": str(uuid.uuid4())}  # as moto's other answers have
        return Response(json.dumps(answer), headers=named, mimetype="application/json")(environ, start_response)

    def identity(self, domain: str) -> EmailIdentity:
        """Return moto's identity, in the one Region that has one."""
        backends = ses_backends[DEFAULT_ACCOUNT_ID].values()
        return next(one.email_identities[domain] for one in backends if domain in one.email_identities)

    def sign(self, domain: str, DomainSigningSelector: str, DomainSigningPrivateKey: str) -> None:  # noqa: N803
        """Set what an identity signs with."""
        key = load_der_private_key(base64.b64decode(DomainSigningPrivateKey), None).public_key()
        wanted = base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
        there = wanted in self._served(f"{DomainSigningSelector}._domainkey.{domain}")
        identity = self.identity(domain)
        identity.verified_for_sending_status = True
        identity.dkim_attributes |= {
            "SigningAttributesOrigin": "EXTERNAL", "SigningEnabled": True, "Tokens": [DomainSigningSelector],
            "Status": "SUCCESS" if there else "PENDING",
        }  # fmt: skip

    def _served(self, name: str) -> str:
        answer = dns.query.tcp(dns.message.make_query(name, "TXT"), "127.0.0.1", port=self.port, timeout=5)
        texts = (one.strings for found in answer.answer if found.rdtype == dns.rdatatype.TXT for one in found)
        return "".join(part.decode() for strings in texts for part in strings)


@contextmanager
def served() -> Iterator[tuple[MotoSes, str]]:
    """A running moto, and its address."""
    app = MotoSes()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield app, f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
