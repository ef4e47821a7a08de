"""Hold what can go wrong when name servers are named or looked for."""

from __future__ import annotations

from typing import Final

_TODO = "Give addresses, each with an optional port, with commas between: 192.0.2.53,[2001:db8::53]:5354."

TEXTS: Final[dict[str, str]] = {
    "todo": _TODO,
    "todo.update_server": "Give the primary server's IP address, with an optional port: 192.0.2.53 or [2001:db8::53]:5354.",
    "where.nameservers": "the parameter nameservers",
    "where.update_server": "the profile's update_server",
    "where.resolvers": "the profile's resolvers",
    "empty": "There is an empty entry in {where}.",
    "address": "{entry} in {where} is no IP address.",
    "port": "{entry} in {where} has no port between 1 and 65535.",
    "twice": "{entry} stands twice in {where}, and would be counted as two servers.",
    "encrypted": "{entry} in the profile's encrypted_resolvers is no resolver that can be asked over HTTPS or TLS, or stands twice.",
    "encrypted.todo": "Write it as https://192.0.2.1/dns-query or tls://192.0.2.1, with commas between.",
    "no-zone": "No zone was found in DNS that holds {domain} ({reason}).",
    "no-servers": "The name servers of {domain} could not be found ({reason}).",
    "unasked.means": "Nothing is known about the key record, and nothing was written.",
    "unasked.todo": "Check the domain and this machine's DNS resolver, or name the authoritative servers in the parameter nameservers.",
}
