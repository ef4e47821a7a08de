"""Find the name servers of each of many names: once for all names of a zone, and for all zones of a provider."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import dns.resolver

from second_edition.dkim.published import Answer, Server
from second_edition.dns.delegation import find_servers
from second_edition.dns.lookup import follow
from second_edition.messages import Language

THREADS: Final = 16  # questions to the system's resolver at once, at most
REMEMBERED: Final = 2000  # answers; the least recently used is forgotten first


class ZoneServers:
    """Finds the authoritative servers of names, side by side.

    As the system's resolver tells them: a walk from the root, which rotate makes for its one name, would put thousands
    of questions to the servers of the root and of registries. What the resolver told is remembered for as long as its
    TTL says, so that identities of one zone, and zones at one provider, share it.

    Args:
        given: the servers of all names, where they are given; nothing is looked for then.
        language: of an error.
        resolver: who is asked; the system's resolver if None.
    """

    def __init__(
        self, given: Sequence[Server], language: Language, resolver: dns.resolver.Resolver | None = None
    ) -> None:
        self._given, self._language, self._resolver = tuple(given), language, resolver
        self._threads = ThreadPoolExecutor(THREADS, "zones")

    def of(self, name: str) -> Future[tuple[Server, ...]]:
        """Return the servers of a name; the future raises ``AccessError`` where they cannot be found."""
        return self._threads.submit(self._find, name)

    def follow(self, answers: Sequence[Answer]) -> Future[tuple[Answer, ...]]:
        """Return what the servers of the targets say where CNAMEs are among the answers."""
        return self._threads.submit(follow, answers, self._find)

    def _find(self, name: str) -> tuple[Server, ...]:
        return self._given or find_servers(name, self._remembering(), roots=(), language=self._language).servers

    def _remembering(self) -> dns.resolver.Resolver | None:
        if self._resolver is None:
            try:
                own = dns.resolver.Resolver()
            except dns.resolver.NoResolverConfiguration:  # which ``find_servers`` says in words
                return None
            own.cache = dns.resolver.LRUCache(REMEMBERED)
            self._resolver = own
        return self._resolver

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)
