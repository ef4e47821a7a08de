"""Asking resolvers over HTTPS (RFC 8484) or TLS (RFC 7858), for networks that let nothing else through.

Certificates are verified against the machine's trust store; SSL_CERT_FILE names another, as everywhere in Python.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final
from urllib.parse import urlsplit

import dns.exception
import dns.message
import dns.query
import dns.rdatatype

from byodkim.dkim.published import Answer, Server
from byodkim.dns.exchange import UNREADABLE, Clock, Reply, query, whole
from byodkim.dns.lookup import described
from byodkim.errors import ParameterError
from byodkim.messages import Language, say

_PORTS: Final = {"https": 443, "tls": 853}
_MEDIA_TYPE: Final = "application/dns-message"
_LARGEST: Final = 65535  # bytes of a DNS message
_MOST_THREADS: Final = 16
_URL = re.compile(r"(https://[^\s/?#]+/[^\s?#]*|tls://[^\s/?#]+)\Z")


def parse_encrypted(text: str, language: Language = "en") -> tuple[Server, ...]:
    """Read the profile's ``encrypted_resolvers``: ``https://192.0.2.1/dns-query, tls://192.0.2.1``.

    Returns:
        Servers named by their address as it was written, with host and port.

    Raises:
        ParameterError: an entry is neither, has no sound port, or stands twice.
    """
    servers: list[Server] = []
    for entry in (piece.strip() for piece in text.split(",") if piece.strip()):
        server = _parse_entry(entry)
        if server is None or server in servers:
            raise ParameterError(
                say("lookup", "encrypted", language, entry=ascii(entry[:80])),
                say("lookup", "means", language),
                say("lookup", "encrypted.todo", language),
            )
        servers.append(server)
    return tuple(servers)


def _parse_entry(entry: str) -> Server | None:
    try:
        url = urlsplit(entry)
        port = url.port
    except ValueError:
        return None
    if not _URL.match(entry) or not url.hostname or url.username is not None or port == 0:
        return None
    return Server(entry, url.hostname, port or _PORTS[url.scheme])


def ask_encrypted(
    resolvers: Sequence[Server],
    names: Sequence[str],
    *,
    timeout_s: float = 5.0,
    checking_disabled: bool = False,
    context: ssl.SSLContext | None = None,
    clock: Clock = time.monotonic,
) -> tuple[Answer, ...]:
    """Ask every resolver for the TXT records at every name, all at once, each over a connection of its own.

    Args:
        resolvers: as ``parse_encrypted`` gives them.
        names: absolute names, with or without a closing dot.
        timeout_s: for each wait within one question, in seconds.
        checking_disabled: they are to answer without DNSSEC validation.
        context: whom to trust; the machine's trust store if None.
        clock: monotonic seconds.

    Returns:
        One answer for each resolver and name: the resolvers in order, and for each the names in order. They carry no
        authority. Nothing that resolvers or networks do raises.
    """
    pairs = [(resolver, name.removesuffix(".").lower()) for resolver in resolvers for name in names]
    if not pairs:
        return ()
    trusting = context or ssl.create_default_context()

    def one(resolver: Server, name: str) -> Answer:
        question = query(name + ".", dns.rdatatype.TXT, recursion=True, checking_disabled=checking_disabled)
        reply = _exchange(resolver, question, timeout_s, trusting, clock)
        return described(resolver, name, reply, reply, recursion=True)

    with ThreadPoolExecutor(min(len(pairs), _MOST_THREADS), "encrypted") as threads:
        return tuple(threads.map(one, *zip(*pairs, strict=True)))


def _exchange(
    resolver: Server, question: dns.message.Message, timeout_s: float, context: ssl.SSLContext, clock: Clock
) -> Reply:
    over_https = resolver.name.startswith("https:")
    transport = "https" if over_https else "tls"
    question.id = question.id if not over_https else 0  # so that caches of HTTP can serve (RFC 8484 section 4.1)
    began = clock()
    try:
        message = (_post if over_https else _send)(resolver, question, timeout_s, context)
    except ssl.SSLCertVerificationError:
        return Reply(None, transport, failure="untrusted")
    except (TimeoutError, dns.exception.Timeout):
        return Reply(None, transport, failure="timeout")
    except ConnectionRefusedError:
        return Reply(None, transport, failure="port-closed")
    except (OSError, EOFError, http.client.HTTPException):
        return Reply(None, transport, failure="unreachable")
    except UNREADABLE:
        return Reply(None, transport, (clock() - began) * 1000, "malformed")
    return whole(message, transport, (clock() - began) * 1000)


def _post(
    resolver: Server, question: dns.message.Message, timeout_s: float, context: ssl.SSLContext
) -> dns.message.Message:
    """Return the answer over HTTPS. dnspython's own way needs two more packages, an HTTP client and HTTP/2."""
    connection = http.client.HTTPSConnection(resolver.address, resolver.port, timeout=timeout_s, context=context)
    try:
        headers = {"Content-Type": _MEDIA_TYPE, "Accept": _MEDIA_TYPE}
        connection.request("POST", urlsplit(resolver.name).path, question.to_wire(), headers)
        response = connection.getresponse()
        body = response.read(_LARGEST + 1)
        if response.status != http.HTTPStatus.OK or response.getheader("Content-Type", "") != _MEDIA_TYPE:
            raise dns.exception.FormError
        message = dns.message.from_wire(body)
        if not question.is_response(message):
            raise dns.query.BadResponse
        return message
    finally:
        connection.close()


def _send(
    resolver: Server, question: dns.message.Message, timeout_s: float, context: ssl.SSLContext
) -> dns.message.Message:
    """Return the answer over TLS."""
    with (
        socket.create_connection((resolver.address, resolver.port), timeout_s) as stream,
        context.wrap_socket(stream, server_hostname=resolver.address) as tls,
    ):
        tls.setblocking(False)
        return dns.query.tls(question, resolver.address, timeout_s, sock=tls)
