"""Hold what the custodian knows during one run: clients of AWS, private keys, the windows of every secret."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from second_edition.aws.session import WRITE, Clients
from second_edition.custody.private_key import PrivateKey
from second_edition.custody.refusal import DutyError
from second_edition.custody.windows import Windows
from second_edition.rotation.observation import KeyObject


class Held(Struct, frozen=True):
    """A private key in hand, and the object it came from."""

    described: KeyObject
    private_key: PrivateKey | None


@dataclass(repr=False)
class Session:
    """One run's work.

    Attributes:
        read_only: it has no operation that writes.
        held: keys that were fetched, by selector.
        made: keys that were made, by selector, and each in PEM.
        seen: fingerprints of the keys in an object's versions that were looked into, by bucket, key and version.
        zones: zones that may be written, by the way they are reached.
        inbox: where messages arrive.
        stopped: key material was found in a text; nothing is answered any more.
    """

    read_only: bool = False
    held: dict[str, Held] = field(default_factory=dict)
    made: dict[str, tuple[PrivateKey, bytes]] = field(default_factory=dict)
    seen: dict[tuple[str, str, str], str] = field(default_factory=dict)
    zones: dict[tuple[str, ...], Any] = field(default_factory=dict)
    inbox: Any = None
    stopped: bool = False
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(8, "duty"))
    opened: Clients | None = None
    lock: Lock = field(default_factory=Lock)
    _known: Windows = field(default_factory=Windows)

    @property
    def clients(self) -> Clients:
        """Return the clients, once ``open`` was asked for."""
        if self.opened is None:
            raise DutyError("open", "NotOpen")
        return self.opened

    def client(self, service: str) -> Any:
        """Return a client that reads."""
        return self.clients.get(service)

    def writer(self, service: str) -> Any:
        """Return a client that makes one attempt."""
        return self.clients.get(service, WRITE)

    def learn(self, windows: Windows) -> None:
        """Search texts for this secret too from now on."""
        with self.lock:
            if not self.stopped:
                self._known |= windows

    def forget(self) -> None:
        """Let go of every secret but the windows by which texts are searched.

        What was described of private keys stays, so that it can be compared.
        """
        self.zones.clear()
        self.held = {selector: replace(held, private_key=None) for selector, held in self.held.items()}
        self.made.clear()

    def search(self, texts: list[str]) -> int | None:
        """Return the index of the first text that holds key material; ``None`` where none does. A hit is the last."""
        return next((index for index, text in enumerate(texts) if self.leaks(text)), None)

    def leaks(self, text: str | bytes) -> bool:
        """Return whether a piece of a key that was ever in hand stands in ``text``. The first that does is the last."""
        with self.lock:
            if self.stopped or not self._known.found_in(text):
                return False
            self.stopped, self._known = True, Windows()
            self.forget()
            return True
