"""The sandbox's process: one world, and the control interface below ``/sandbox/``, which reads and
changes it while it is used.

``python -m byodkim.sandbox.control ORDER`` takes a ``world.Order`` in JSON. Once it
answers, it prints the ``World``, one line of JSON. It ends when its standard input closes, or,
where it is standing, when it is told to stop.

Every path takes a JSON object. A path that only reads takes none, by GET or POST.

    world, status, calls   what there is; identities as SES has them; AWS calls received
    forget                 forget the calls
    fault                  ``front.Fault``
    dns                    ``name_servers.DnsChange``
    ses                    ``SesChange``, e.g. {"advance_h": 72}
    identity               ``IdentityChange``
    stop                   end a standing sandbox
"""

import os
import sys
import threading
import time
from datetime import timedelta
from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.json import decode, encode
from msgspec.structs import replace

from byodkim.sandbox import seed
from byodkim.sandbox.front import Aws, Fault, serve
from byodkim.sandbox.name_servers import HOST, Dns, DnsChange, set_given
from byodkim.sandbox.ses import SES, advance, identities, identities_in, tick
from byodkim.sandbox.world import Order, World

TICK_S: Final = 0.05


class SesChange(Struct, forbid_unknown_fields=True):
    """Change SES. What is not given stays as it is.

    Attributes:
        advance_h: hours by which the clock goes forward.
        verify_after_s: seconds until SES looks for a record, and between such looks.
        calls_per_second: pace of the control plane in each Region; AWS has 1; 0 is no limit.
    """

    advance_h: Annotated[float, Meta(ge=0)] = 0.0
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
    """A world that answers on loopback, and its control interface."""

    def __init__(self, order: Order) -> None:
        spare_keys = seed.make_keys(2 * order.identities) if order.scenario == "fleet" else []
        self._aws, self._dns = Aws(), Dns(seed.DOMAIN, order.ports[1:])
        SES.look_up = self._dns.look_up
        self._seed = seed.build(order, self._dns, spare_keys)
        self._domains = tuple(self._seed.domains)
        served = [server.port for server in self._dns.servers.values()]
        self._begun = replace(order, ports=(serve(self._aws, self, order.ports[0]), *served))

    def world(self) -> World:
        """Return what there is now."""
        endpoint, *name_servers, resolver = [f"{HOST}:{port}" for port in self._begun.ports]
        return World(
            endpoint_url=f"http://{endpoint}",
            account=seed.ACCOUNT,
            region=seed.REGION,
            domain=self._domains[0],
            domains=self._domains,
            secret_id=seed.secret_id(seed.DOMAIN),
            key_bucket=seed.KEY_BUCKET,
            hosted_zone_id=self._seed.hosted_zone_id,
            nameservers=tuple(name_servers),
            resolvers=(resolver,),
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
        match path:
            case "world":
                return self.world()
            case "status":
                return self._status()
            case "calls":
                return list(self._aws.calls)
            case "forget":
                self._aws.calls.clear()
            case "ses":
                change = decode(body, type=SesChange)
                set_given(SES, change, "verify_after_s", "calls_per_second")
                advance(timedelta(hours=change.advance_h))
            case "fault":
                self._aws.set_fault(decode(body, type=Fault))
            case "dns":
                self._dns.change(decode(body, type=DnsChange))
            case "identity":
                with SES.lock:
                    self._change_identity(decode(body, type=IdentityChange))
            case "stop":
                threading.Timer(0.1, os._exit, (0,)).start()
            case _:
                raise KeyError(path)
        return None

    def _status(self) -> list[dict[str, Any]]:
        with SES.lock:
            return [
                {"region": region, **each.list_response_object, **each.dkim_attributes}
                for region, each in identities()
            ]

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
    world = Sandbox(decode(order, type=Order)).world()
    threading.Thread(target=_tick_for_ever, daemon=True).start()
    sys.stdout.buffer.write(encode(world) + b"\n")
    sys.stdout.flush()
    if world.begun.standing:
        threading.Event().wait()
    sys.stdin.buffer.read()
    os._exit(0)  # nothing outlives the process, and an orderly end takes longer


def _tick_for_ever() -> None:
    while True:
        tick()
        time.sleep(TICK_S)


if __name__ == "__main__":
    main(sys.argv[1])
