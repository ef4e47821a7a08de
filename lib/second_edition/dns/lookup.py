"""Look up names: the TXT records at each, and the zone's start of authority, at every server at once.

Each question is asked as ``exchange`` asks it, in a thread of its own: a notebook kernel already runs an event loop,
and twelve threads start in about a millisecond.
"""

from __future__ import annotations

import resource
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import product
from typing import Any, Final

import dns.rdatatype

from second_edition.dkim.matrix import targets
from second_edition.dkim.published import Answer, Server
from second_edition.dns.exchange import ENCRYPTED, exchange
from second_edition.dns.raw_answer import described
from second_edition.errors import AccessError

MOST_OPEN: Final = 128  # questions at once, each with a thread and a socket
_MOST_HOPS: Final = 8  # from CNAME to CNAME, each at servers of its own
TXT: Final = dns.rdatatype.TXT
SOA: Final = dns.rdatatype.SOA


def most_open() -> int:
    """Return how many questions may be open: a quarter of this process's files, of which some systems give but 256."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_OPEN if files == resource.RLIM_INFINITY else max(1, min(MOST_OPEN, files // 4))


def ask(
    servers: Sequence[Server], names: Sequence[str], *, serial: bool = True, recursion: bool = False, **how: Any
) -> tuple[Answer, ...]:
    """Ask every server for the TXT records at every name, and for the serial of the zone that holds it, all at once.

    Args:
        servers: whom to ask.
        names: absolute names, with or without a closing dot.
        serial: ask for the zone's start of authority too.
        recursion: the servers are resolvers, which are to look the answers up.
        how: what else ``exchange`` takes.

    Returns:
        One answer for each server and name: the servers in order, and for each the names in order. It takes at most
        about ``timeout_s * (attempts + 2)`` seconds (for up to 64 pairs of server and name), and nothing that servers
        or networks do raises.
    """
    pairs = list(product(servers, (name.removesuffix(".").lower() for name in names)))
    if not pairs:
        return ()
    if any(server.name.startswith(ENCRYPTED) for server in servers):
        how = {"context": ssl.create_default_context(), **how}  # which takes long to make

    kinds = (TXT, SOA) if serial else (TXT,)
    threads = ThreadPoolExecutor(min(2 * len(pairs), most_open()), "lookup")
    try:
        asked = [
            [threads.submit(exchange, server, f"{name}.", kind, recursion=recursion, **how) for kind in kinds]
            for server, name in pairs
        ]
        replies = [[future.result() for future in futures] for futures in asked]
    finally:
        threads.shutdown(wait=False, cancel_futures=True)  # who interrupts a wait does not wait for silent servers
    return tuple(
        described(server, name, found[0], found[1] if serial else None, recursion=recursion)
        for (server, name), found in zip(pairs, replies, strict=True)
    )


def follow(records: Sequence[Answer], find: Callable[[str], Sequence[Server]]) -> tuple[Answer, ...]:
    """Return what the servers of each CNAME's target say, and of that one's, until nothing new is named.

    Args:
        records: where the CNAMEs stand.
        find: returns the servers of a name; it raises AccessError where the name leads to no zone: nothing serves the
            key there.
    """
    followed: list[Answer] = []
    ends, known = targets(records), {record.name for record in records}
    for _ in range(_MOST_HOPS):
        new = [name for name in ends if name not in known]
        known.update(new)
        found: list[Answer] = []
        for name in new:
            with suppress(AccessError):
                found += ask(find(name), [name])
        followed += found
        ends = targets(found)
    return tuple(followed)
