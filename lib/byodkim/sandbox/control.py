"""The control interface below ``/sandbox/``: read and change the world while it is used.

Every path takes a JSON object. A path that only reads takes none, by GET or POST.

    world, status, calls   what there is; identities, servers and time; AWS calls received
    puts                   number of PutEmailIdentityDkimSigningAttributes received, by identity
    clock                  ``ClockChange``, e.g. {"advance_h": 72}
    fault                  ``front.Fault``
    dns                    ``name_servers.DnsChange``
    ses                    ``SesChange``
    identity               ``IdentityChange``
    stop                   end a standing sandbox
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from byodkim.sandbox import seed
from byodkim.sandbox.front import Aws, Fault
from byodkim.sandbox.name_servers import Dns, DnsChange, set_given
from byodkim.sandbox.ses import SES, advance, identities, identities_in
from byodkim.sandbox.world import World

T = TypeVar("T")
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


class Control:
    """Answer the control interface. ``world`` returns what there is now."""

    def __init__(self, world: Callable[[], World], aws: Aws, dns: Dns, planted: seed.Seed) -> None:
        self._world, self._aws, self._dns, self._seed = world, aws, dns, planted

    def __call__(self, path: str, body: bytes) -> Any:
        """Return the answer.

        Raises:
            KeyError: there is no such path, server or identity.
            msgspec.ValidationError, msgspec.DecodeError: the body is not what the path takes.
        """
        reads = {"world": self._world, "status": self._status, "puts": self._puts}
        if path in reads:
            return reads[path]()
        match path:
            case "calls":
                return self._calls(_read(body, CallsWanted))
            case "clock":
                advance(timedelta(hours=_read(body, ClockChange).advance_h))
            case "fault":
                self._aws.set_fault(_read(body, Fault))
            case "dns":
                self._dns.change(_read(body, DnsChange))
            case "ses":
                set_given(SES, _read(body, SesChange), "verify_after_s", "calls_per_second")
            case "identity":
                with SES.lock:
                    self._change_identity(_read(body, IdentityChange))
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
        servers = [
            {"name": each.name, "port": each.port, "serial": each.serial, "fault": each.fault}
            for each in self._dns.servers.values()
        ]
        calls = len(self._aws.calls)
        return {"now": SES.now(), "identities": rows, "servers": servers, "calls": calls}

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


def _read(body: bytes, kind: type[T]) -> T:
    return msgspec.json.decode(body, type=kind)
