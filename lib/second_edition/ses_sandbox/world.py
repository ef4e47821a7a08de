"""The world: AWS and DNS on loopback, put together, seeded by a scenario, changed while it stands."""

from __future__ import annotations

import secrets
import threading
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from second_edition.ses_sandbox import crowd, resolver, scenarios, seed
from second_edition.ses_sandbox.call_log import Call
from second_edition.ses_sandbox.clock import SandboxClock
from second_edition.ses_sandbox.control import Control
from second_edition.ses_sandbox.described import Described
from second_edition.ses_sandbox.description import Description
from second_edition.ses_sandbox.dkim_state import Look
from second_edition.ses_sandbox.dns_records import DnsRecords
from second_edition.ses_sandbox.dns_server import HOST, NameServer
from second_edition.ses_sandbox.errors import LAST_PORT, TAKEN, SandboxError
from second_edition.ses_sandbox.front import Endpoint, Front
from second_edition.ses_sandbox.hosted_zone import HostedZone
from second_edition.ses_sandbox.keys import KeyPair, make_key_pair
from second_edition.ses_sandbox.knobs import Knobs
from second_edition.ses_sandbox.mail import Postman
from second_edition.ses_sandbox.moto_aws import ACCOUNT, REGION, Moto
from second_edition.ses_sandbox.places import HOME, Place, Places, facts_of, shown
from second_edition.ses_sandbox.ses import Ses

_one_at_a_time = threading.Lock()


class World:
    """AWS and DNS on loopback. Use it as a context manager, or ``start`` and ``stop`` it.

    Args:
        scenario: the name of the world to begin with.
        names: domain and selectors.
        port: the AWS endpoint's port, 0 for any.
        dns_port: the first name server's port, the second has the next one; 0 for any two.
        knobs: the settings to begin with.
        resolvers: address and port of each server that SES asks, in order; None for the world's own name servers.
        description: a world in the scenario's place; its names, keys and servers are then those in force.

    Raises:
        SandboxError: a port is taken, there is no such scenario, or this process has a world already.
    """

    def __init__(
        self,
        scenario: str = "ready",
        *,
        names: scenarios.Names | None = None,
        port: int = 0,
        dns_port: int = 0,
        knobs: Knobs | None = None,
        resolvers: tuple[tuple[str, int], ...] | None = None,
        description: Description | None = None,
    ) -> None:
        self.names, self.scenario, self._given = names or scenarios.Names(), scenarios.scenario(scenario), description
        if description is not None:
            self.names = scenarios.Names(description.domain, description.current_selector, description.next_selector)
            self.scenario = scenarios.DESCRIBED
            knobs = replace(knobs or Knobs(), check_interval=description.verification_seconds)
        self.clock, self.knobs, self._first_knobs = SandboxClock(), knobs or Knobs(), knobs or Knobs()
        self.id, self._servers = secrets.token_hex(8), list[NameServer]()
        self.description = self._described()
        self._ports, self._resolvers = (port, dns_port), resolvers
        self._pairs: dict[str, KeyPair] = {}
        self._lock = threading.RLock()
        self._log: list[Call] = []

    def __enter__(self) -> World:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Bind the ports, seed the scenario and begin to answer."""
        if not _one_at_a_time.acquire(blocking=False):
            raise SandboxError("This process has a sandbox already.", "Stop that one, or start a process.")
        self._servers = []
        try:
            self._start()
        except BaseException:
            for server in self._servers:
                server.stop()
            _one_at_a_time.release()
            raise

    def _start(self) -> None:
        port, dns_port = self._ports
        if dns_port + len(self.description.servers) > LAST_PORT + 1:
            raise SandboxError(
                "There are no {number} DNS ports from {port} on.",
                TAKEN,
                number=len(self.description.servers),
                port=dns_port,
            )
        for number, one in enumerate(self.description.servers):
            at = dns_port + number if dns_port else 0
            server = NameServer(one.name, at, lambda: self.knobs.dns_latency_ms / 1000)
            server.fault, server.latency_s = one.fault, one.latency_ms / 1000
            self._servers.append(server)
        self.dns = DnsRecords(self._servers, self.names.domain)
        self.dns.clear(self.clock.now())
        self._moto = Moto()
        self._moto.reset()
        seconds = lambda: self.knobs.route53_seconds  # noqa: E731
        self.zone = HostedZone(self.names.domain, self._serve, seconds, self.clock.now)
        self.dns.on_change = self.zone.mirror
        self._places = Places(self._ses)
        self._seed()
        front = Front(self._places, self._moto, Control(self), self._log, self.clock, lambda: self.knobs)
        self._http = Endpoint(port, front.respond)

    def _ses(self, place: Place) -> Ses:
        postman = Postman(place.region, self.clock.now, self._deliver, self.dns.publish_own)
        return Ses(
            self.clock, lambda: self.knobs, self._look_up, self.dns.publish_own, postman,
            blind=lambda: self.knobs.blind_in == str(place),
        )  # fmt: skip

    @property
    def ses(self) -> Ses:
        """Return the SES of the sandbox's own account and Region."""
        return self._places.at(HOME)

    def stop(self) -> None:
        """Stop answering and free the ports."""
        self._http.stop()
        for server in self._servers:
            server.stop()
        self._moto.reset()
        _one_at_a_time.release()

    @property
    def endpoint_url(self) -> str:
        """Return the address of the AWS endpoint."""
        return self._http.url

    @property
    def nameservers(self) -> str:
        """Return the name servers, as the parameter ``nameservers`` takes them."""
        return ",".join(server.address for server in self._servers)

    def facts(self) -> dict[str, Any]:
        """Return all that a client needs to work with the world, as plain data."""
        return {
            "endpoint_url": self.endpoint_url,
            "nameservers": self.nameservers,
            "region": REGION,
            "account": ACCOUNT,
            "domain": self.names.domain,
            "secret_id": self.description.secret_id,
            "key_bucket": self.description.key_bucket,
            "inbox_bucket": seed.INBOX_BUCKET,
            "hosted_zone_id": self.zone.id,
            "current_selector": self.names.current_selector,
            "next_selector": self.names.next_selector,
            "scenario": self.scenario.name,
            "switched_at": self.description.switched_at,
            "places": facts_of(self.scenario.further),
            "requests_per_second": self.knobs.requests_per_second,
            "clock_offset_s": self.clock.offset.total_seconds(),
            "about": self.description.about,
            "id": self.id,
        }

    def state(self) -> dict[str, Any]:
        """Return facts, settings, time, the identities' states and the name servers' key records, as plain data.

        ``identities`` are those of the sandbox's own account and Region; ``places`` has all, by place.
        """
        with self._lock:
            self._places.observe()
            return {
                "facts": self.facts(),
                "knobs": asdict(self.knobs),
                "now": self.clock.now().isoformat(timespec="milliseconds"),
                "identities": shown(self.ses),
                "places": {str(at): shown(one) for at, one in self._places.made.items() if one.identities},
                "name_servers": self.dns.shown(),
            }

    def calls(self) -> list[dict[str, object]]:
        """Return the AWS calls that were answered since the start or the last reset."""
        return [call.as_dict() for call in list(self._log)]

    def reset(self, scenario: str = "") -> None:
        """Start anew with the same key pairs and another id: real time, first settings, no calls, no mail, no past.

        Args:
            scenario: its name; empty for the one that is.
        """
        with self._lock:
            if scenario and scenario != self.scenario.name:
                self.scenario, self._given = scenarios.scenario(scenario), None
            self.id, self.clock.offset, self.knobs = secrets.token_hex(8), timedelta(), self._first_knobs
            self.description = self._described()
            self._moto.reset()
            self.dns.clear(self.clock.now())
            self._places.clear()
            self._seed()
            self._log.clear()

    def advance(self, by: timedelta) -> None:
        """Move the clock forward; SES looks at DNS before and after, as it would have all along.

        Raises:
            SandboxError: ``by`` is negative, or more than ten years.
        """
        if not timedelta() <= by <= timedelta(days=3653):
            raise SandboxError("The sandbox's clock goes forward only, by ten years at most.")
        with self._lock:
            self._places.observe(at_once=True)
            self.clock.advance(by)
            self._places.observe()

    def publish(self, selector: str = "", server: str = "", identity: str = "") -> None:
        """Publish the key record that pairs with the private key of a selector.

        Args:
            selector: one of the world's two, or one whose key was stored since; empty for the next one.
            server: a name server's first label or name, e.g. ``ns2``; empty for all.
            identity: another one than the world's own, which has a stored key of that selector.

        Raises:
            SandboxError: there is no such selector or name server.
        """
        name, wanted = self._owner(selector, identity), selector or self.names.next_selector
        own = identity in ("", self.names.domain)
        pair = self._pairs[wanted] if own and wanted in self.description.keys else None
        pair = pair or seed.stored_pair(self._moto, identity or self.names.domain, wanted)
        if pair is None:
            if not own:
                raise SandboxError("The sandbox has no key pair for {name!r}.", name=name)
            raise SandboxError(
                "The sandbox has no key pair for {name!r}.",
                "It has {known}. What prepare made there: `byodkim publish RECORD.ipynb -p mode apply`.",
                name=name,
                known=", ".join(sorted(self.description.keys)),
            )
        self.set_record(name, "TXT", [pair.dns_value], server=server)

    def unpublish(self, selector: str = "", server: str = "", identity: str = "") -> None:
        """Take the key record of a selector away; arguments as for ``publish``."""
        self.set_record(self._owner(selector, identity), "TXT", [], server=server)

    def set_record(self, name: str, kind: str, values: list[Any], *, ttl: int = 3600, server: str = "") -> None:
        """Set all records of one type at one name.

        Args:
            name: the owner name, inside the signing domain.
            kind: A, AAAA, CNAME, NS or TXT.
            values: one for each record: text, or for TXT a list of character-strings; empty takes the records away.
            ttl: seconds.
            server: a name server's first label or name; empty for all.

        Raises:
            SandboxError: what is asked for cannot be served.
        """
        with self._lock:
            self._places.observe()
            self.dns.set_record(name, kind, values, ttl=ttl, server=server)

    def _serve(self, name: str, kind: str, ttl: int, values: list[Any]) -> None:
        """Serve at every name server what Route 53 was given."""
        with self._lock:
            self._places.observe()
            self.dns.set_record(name, kind, values, ttl=ttl, tell=False)

    def set_knobs(self, values: dict[str, object]) -> None:
        """Change settings by name.

        Raises:
            SandboxError: there is no such setting, or it does not take that value.
        """
        with self._lock:
            self._places.observe()
            self.knobs = self.knobs.changed(values)
            if "identities" in values and self._given is None:
                self._settle()

    def _owner(self, selector: str, identity: str) -> str:
        if identity and identity not in self.ses.identities:
            raise SandboxError("The sandbox has no identity {identity!r}.", identity=identity)
        return f"{selector or self.names.next_selector}._domainkey.{identity or self.names.domain}"

    def _pair(self, name: str) -> KeyPair:
        if name not in self._pairs:
            self._pairs[name] = make_key_pair()
        return self._pairs[name]

    def _look_up(self, domain: str, owner: str) -> Look:
        servers = self._resolvers or tuple((HOST, one.port) for one in sorted(self._servers, key=lambda one: one.fault))
        return resolver.look_up(servers, domain, owner)

    def _deliver(self, message_id: str, message: bytes) -> None:
        if self.knobs.delivery == "lost":
            return
        if self.knobs.delivery == "changed":  # as a mailing list does
            message += b"-- \r\nA line that was added on the way.\r\n"
        seed.put_object(self._moto, seed.INBOX_BUCKET, f"inbox/{message_id}", message)

    def _described(self) -> Description:
        return self._given or self.scenario.described(self.names, self.clock.now(), len(self._servers) or 2)

    def _seed(self) -> None:
        described = Described(self.description, self._pairs)
        described.store(self._moto)
        self.zone.make()
        seed.call_sts(self._moto)
        described.serve(self._servers, self.dns)
        interval = timedelta(seconds=self.knobs.check_interval)
        for place in (HOME, *(Place(*one) for one in self.scenario.further)):
            described.verify(self._places.at(place), self.dns, self.clock.now(), interval)
        if self._given is None:
            self._settle()

    def _settle(self) -> None:
        selectors, own = (self.names.current_selector, self.names.next_selector), self.scenario.crowd
        found = crowd.Crowd(self.names.domain, selectors, tuple(map(self._pair, selectors)), self.clock.now())
        count = self.knobs.identities or own
        found.settle(count, self.ses.identities, self._moto, self.dns, whole=bool(own))
