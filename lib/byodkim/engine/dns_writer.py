"""Who writes key records, as the profile has it."""

from __future__ import annotations

from byodkim.custody.settings import DnsWriter
from byodkim.dns.zone import parse_server
from byodkim.engine.run import Run
from byodkim.errors import InputError
from byodkim.settings import Settings
from byodkim.words import _


def dns_writer(run: Run) -> DnsWriter | None:
    """Return the profile's writer; ``None`` where the DNS team is asked.

    Raises:
        InputError: the profile lacks what the writer needs.
    """
    zone_id = run.settings.text("hosted_zone_id")
    if run.sandbox is not None:
        zone_id = zone_id or run.sandbox.hosted_zone_id
    return writer_of(run.settings, zone_id)


def writer_of(settings: Settings, hosted_zone_id: str) -> DnsWriter | None:
    """Return the writer of a profile; ``None`` where the DNS team is asked.

    Raises:
        InputError: the profile lacks what the writer needs.
    """
    kind = settings.text("dns_writer")
    if kind == "route53":
        _require(hosted_zone_id, kind, "hosted_zone_id")
        return DnsWriter("route53", hosted_zone_id=hosted_zone_id)
    if kind == "rfc2136":
        server, tsig = settings.text("update_server"), settings.text("tsig_secret_id")
        _require(server, kind, "update_server")
        _require(tsig, kind, "tsig_secret_id")
        return DnsWriter("rfc2136", server=parse_server(server), tsig_secret_id=tsig)
    return None


def _require(value: str, kind: str, name: str) -> None:
    if not value:
        raise InputError(
            _("dns_writer is {kind}, and byodkim.toml has no {name}.", kind=kind, name=name),
            todo=_('Write {name} into byodkim.toml, or dns_writer = "request".', name=name),
        )
