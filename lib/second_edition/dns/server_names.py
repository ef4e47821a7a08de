"""Servers as profiles and parameters name them: addresses with ports, and URLs of encrypted resolvers."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from second_edition.dkim.published import Server
from second_edition.errors import ParameterError
from second_edition.messages import Language, say

_PORTS: Final = {"https": 443, "tls": 853}
#: Signs as Japanese input methods type them; no address and no URL has them.
_ASCII: Final = str.maketrans("：，、", ":,,")
_URL = re.compile(r"(https://[^\s/?#]+/[^\s?#]*|tls://[^\s/?#]+)\Z")
# [IPv6]:port, or an address alone, or IPv4:port: an IPv6 address without brackets has more than one colon.
_ENTRY = re.compile(r"(?:\[([^\]]*)\]|([^\[\]:]*|[^\[\]:]*:[^\[\]]*:[^\[\]]*))(?::([^:]*))?\Z")


def parse_nameservers(text: str, language: Language = "en", *, where: str = "nameservers") -> tuple[Server, ...]:
    """Read the ``nameservers`` parameter: ``127.0.0.1:5354,[::1]:5354,192.0.2.53``; the port defaults to 53.

    ``where`` says in an error what was read: ``nameservers``, or the profile's ``resolvers``.

    Raises:
        ParameterError: an entry is empty, no IP address, has no sound port, or stands twice.
    """
    servers: list[Server] = []
    for entry in _entries(text):
        server = _parse_entry(entry)
        if isinstance(server, str) or server in servers:
            key = server if isinstance(server, str) else "twice"
            values = {"entry": repr(entry[:80]), "where": say("lookup", f"where.{where}", language)}
            todo = "todo.update_server" if where == "update_server" else "todo"
            raise ParameterError.said("lookup", key, language, "parameters/untouched", todo, **values)
        servers.append(server)
    return tuple(servers)


def _entries(text: str) -> list[str]:
    """Return the pieces between commas."""
    return [piece.strip() for piece in text.translate(_ASCII).split(",")]


def _parse_entry(entry: str) -> Server | str:
    """Return the server, or what is wrong with the entry."""
    if not entry:
        return "empty"
    found = _ENTRY.match(entry)
    if not found:
        return "address"
    try:
        address = ipaddress.IPv6Address(found[1]) if found[1] else ipaddress.ip_address(found[2])
    except ValueError:
        return "address"
    port = "53" if found[3] is None else found[3]
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535):
        return "port"
    return Server("", str(address), int(port))


def parse_encrypted(text: str, language: Language = "en") -> tuple[Server, ...]:
    """Read the profile's ``encrypted_resolvers``: ``https://192.0.2.1/dns-query, tls://192.0.2.1``.

    Returns:
        Servers named by their address as it was written, with host and port.

    Raises:
        ParameterError: an entry is neither, has no sound port, or stands twice.
    """
    servers: list[Server] = []
    for entry in filter(None, _entries(text)):
        server = _parse_url(entry)
        if server is None or server in servers:
            raise ParameterError.said("lookup", "encrypted", language, "parameters/untouched", entry=repr(entry[:80]))
        servers.append(server)
    return tuple(servers)


def _parse_url(entry: str) -> Server | None:
    try:
        url = urlsplit(entry)
        port = url.port
    except ValueError:
        return None
    if not _URL.match(entry) or not url.hostname or url.username is not None or port == 0:
        return None
    return Server(entry, url.hostname, port or _PORTS[url.scheme])
