"""The sandbox's process: one world, and the control interface below ``/sandbox/``, which reads and
changes it while it is used.

``python -m byodkim.sandbox.control ORDER`` takes a ``world.Order`` in JSON. Once it
answers, it prints the ``World``, one line of JSON. It ends when its standard input closes, or,
where it is standing, when it is told to stop.

Every path takes a JSON object. A path that only reads takes none, by GET or POST.

    world, status, calls   what there is; identities as SES has them; AWS calls received
    puts                   number of PutEmailIdentityDkimSigningAttributes received, by identity
    clock                  ``ClockChange``, e.g. {"advance_h": 72}
    fault                  ``front.Fault``
    dns                    ``name_servers.DnsChange``
    ses                    ``SesChange``
    identity               ``IdentityChange``
    stop                   end a standing sandbox
"""

import os
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.json import decode, encode

from byodkim.sandbox import seed
from byodkim.sandbox.front import Aws, Fault, serve
from byodkim.sandbox.name_servers import AUTHORITATIVE, HOST, RESOLVER, Dns, DnsChange, set_given
from byodkim.sandbox.ses import SES, advance, identities, identities_in, tick
from byodkim.sandbox.world import Beginning, Order, World

TICK_S: Final = 0.05
PUT: Final = "PutEmailIdentityDkimSigningAttributes"


class ClockChange(Struct, forbid_unknown_fields=True):
    """Move the clock forward by so many hours."""

    advance_h: Annotated[float, Meta(ge=0)] = 0.0


class CallsWanted(Struct, forbid_unknown_fields=True):
    """Return the calls; ``clear`` forgets them afterwards."""

    clear: bool = False


class SesChange(Struct, forbid_unknown_fields=True):
    """Change SES. What is not given stays as it is.

    Attributes:
        verify_after_s: seconds until SES looks for a record, and between such looks.
        calls_per_second: pace of the control plane in each Region; AWS has 1; 0 is no limit.
    """

    verify_after_s: float | UnsetType = UNSET
    calls_per_second: float | UnsetType = UNSET


class IdentityChange(Struct, forbid_unknown_fields=True):
    """Change an identity, as another hand would. What is not given stays as it is.

    Attributes:
        domain, region: the identity.
        add: add it, ready to be rotated, with secret, keys and key records.
        delete: delete it.
        selector: begin to verify this selector, with its key if the sandbox made one.
        origin: ``AWS_SES`` goes over to Easy DKIM.
        status: set as if SES had come to it.
        signing_enabled: switch signing on or off.
    """

    domain: str = seed.DOMAIN
    region: str = seed.REGION
    add: bool = False
    delete: bool = False
    selector: str = ""
    origin: Literal["", "AWS_SES"] = ""
    status: Literal["", "PENDING", "SUCCESS", "FAILED", "TEMPORARY_FAILURE"] = ""
    signing_enabled: bool | UnsetType = UNSET


class Sandbox:
    """A world that answers on loopback, and its control interface.

    Ports: of the endpoint, ns1, ns2, ns3 and resolver; 0 for a free one.
    """

    def __init__(self, begun: Beginning, ports: tuple[int, ...]) -> None:
        spare_keys = seed.make_keys(2 * begun.identities) if begun.scenario == "fleet" else []
        self._begun, self._aws, self._dns = begun, Aws(), Dns(seed.DOMAIN, ports[1:])
        SES.look_up = self._dns.look_up
        self._seed = seed.build(begun, self._dns, spare_keys)
        self._domains = tuple(self._seed.domains)
        self._port = serve(self._aws, self, ports[0])

    def world(self) -> World:
        """Return what there is now."""
        return World(
            endpoint_url=f"http://{HOST}:{self._port}",
            account=seed.ACCOUNT,
            region=seed.REGION,
            domain=self._domains[0],
            domains=self._domains,
            secret_id=seed.secret_id(seed.DOMAIN),
            key_bucket=seed.KEY_BUCKET,
            hosted_zone_id=self._seed.hosted_zone_id,
            nameservers=self._dns.addresses(*AUTHORITATIVE),
            resolvers=self._dns.addresses(RESOLVER),
            clock_offset_s=SES.offset.total_seconds(),
            begun=self._begun,
            pid=os.getpid(),
        )

    def __call__(self, path: str, body: bytes) -> Any:
        """Return the answer to a request.

        Raises:
            KeyError: there is no such path, server or identity.
            msgspec.ValidationError, msgspec.DecodeError: the body is not what the path takes.
        """
        reads = {"world": self.world, "status": self._status, "puts": self._puts}
        if path in reads:
            return reads[path]()
        match path:
            case "calls":
                return self._calls(decode(body, type=CallsWanted))
            case "clock":
                advance(timedelta(hours=decode(body, type=ClockChange).advance_h))
            case "fault":
                self._aws.set_fault(decode(body, type=Fault))
            case "dns":
                self._dns.change(decode(body, type=DnsChange))
            case "ses":
                set_given(SES, decode(body, type=SesChange), "verify_after_s", "calls_per_second")
            case "identity":
                with SES.lock:
                    self._change_identity(decode(body, type=IdentityChange))
            case "stop":
                threading.Timer(0.1, os._exit, (0,)).start()
            case _:
                raise KeyError(path)
        return {"now": SES.now(), "offset_s": SES.offset.total_seconds()}

    def _calls(self, wanted: CallsWanted) -> Any:
        calls = list(self._aws.calls)
        if wanted.clear:
            self._aws.calls.clear()
        return calls

    def _puts(self) -> dict[str, int]:
        return Counter(each.identity for each in self._aws.calls if each.operation == PUT)

    def _status(self) -> dict[str, Any]:
        with SES.lock:
            rows = [
                {"region": region, **each.list_response_object, **each.dkim_attributes}
                for region, each in identities()
            ]
        return {"identities": rows}

    def _change_identity(self, change: IdentityChange) -> None:
        if change.add:
            self._seed.add(change.domain, change.region)
        there = identities_in(seed.ACCOUNT, change.region)
        identity = there[change.domain]
        if change.selector:
            self._seed.sign(change.domain, change.region, change.selector)
        if change.origin:
            identity.sign_with_easy_dkim()
        set_given(identity, change, "signing_enabled")
        if change.status:
            identity.set_status(change.status)
        if change.delete:
            del there[change.domain]


def main(order: str) -> None:
    """Serve a world until its time is over."""
    asked = decode(order, type=Order)
    world = Sandbox(asked.begun, asked.ports).world()
    threading.Thread(target=_tick_for_ever, daemon=True).start()
    sys.stdout.buffer.write(encode(world) + b"\n")
    sys.stdout.flush()
    if asked.standing:
        threading.Event().wait()
    sys.stdin.buffer.read()
    os._exit(0)  # nothing outlives the process, and an orderly end takes longer


def _tick_for_ever() -> None:
    while True:
        tick()
        time.sleep(TICK_S)


if __name__ == "__main__":
    main(sys.argv[1])
