"""What settings ask for, as a run reads it: identity, way to AWS, approvals, clock."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from byodkim.checks.world import Secret, Unread, Wanted
from byodkim.custody.client import Custodian
from byodkim.custody.settings import AwsSettings, GetSecret, SecretLayout
from byodkim.errors import InputError
from byodkim.launch import Settings
from byodkim.words import _

if TYPE_CHECKING:
    from byodkim.sandbox.world import World

#: SES calls a second in a sandbox that has no pace of its own.
NO_PACE: Final = 100.0


@dataclass
class Reach:
    """What a run, or a look, reaches AWS and DNS with.

    Attributes:
        settings: parameters and profile.
        wanted: what was asked for, as the checks read it.
        custodian: the process with credentials and private key.
        sandbox: the sandbox; ``None`` for AWS.
    """

    settings: Settings
    wanted: Wanted
    custodian: Custodian
    sandbox: World | None

    def chosen(self, name: str) -> str:
        """Return a setting; the sandbox's own, such as its secret, unless one was passed in."""
        if self.sandbox and name not in self.settings.passed:
            return str(getattr(self.sandbox, name))
        return self.settings.text(name).replace("{domain}", self.wanted.domain)

    def servers(self, name: str) -> tuple[str, ...]:
        """Return ``nameservers`` or ``resolvers``; empty for the zone's, or the system's."""
        return tuple(getattr(self.sandbox, name)) if self.sandbox else self.settings.texts(name)

    def ask_secret(self, domain: str = "") -> Future[Secret | Unread]:
        """Ask what the secret says, by the profile's layout. ``domain``: leave out other domains;
        "" for none.
        """
        names = ("secret_selector", "secret_record", "secret_key_path")
        layout = SecretLayout(*map(self.settings.text, names))
        own = None if layout == SecretLayout() else layout
        return self.custodian.ask(GetSecret(self.chosen("secret_id"), own, domain))


def target_of(sandbox: World | None) -> str:
    """Return ``aws``, or which sandbox."""
    if sandbox is None:
        return "aws"
    return f"sandbox/{sandbox.endpoint_url.rpartition(':')[2]}-{sandbox.pid}"


def clock(sandbox: World | None) -> datetime:
    """Return the time in UTC, as the sandbox has it where there is one."""
    ahead = timedelta(seconds=sandbox.clock_offset_s) if sandbox else timedelta()
    return datetime.now(UTC) + ahead


def approval_files(settings: Settings, folder: Path | None) -> list[Path]:
    """Return the approvals that a parameter names; empty for those beside the record.

    Raises:
        InputError: one is not in the record's folder, where ``byodkim verify`` looks for it.
    """
    names = [each.strip() for each in settings.text("approved").split(",") if each.strip()]
    files = [settings.folder / name for name in names]
    for file in files:
        if folder is not None and file.resolve().parent != folder.resolve():
            raise InputError(
                _("The approval {file} is not in the record's folder.", file=str(file)),
                todo=_("Move it beside the record."),
            )
    return files


def sandbox_of(settings: Settings) -> World | None:
    """Return the sandbox that a run asks for; ``None`` for AWS."""
    target, _colon, scenario = settings.text("target").partition(":")
    if target != "sandbox":
        return None
    from byodkim.sandbox.world import attach

    return attach(scenario)


def wanted_of(settings: Settings, sandbox: World | None, waivers: dict[str, str]) -> Wanted:
    """Return what is asked for. A sandbox has an identity of its own."""

    def chosen(name: str) -> str:
        return str(getattr(sandbox, name, "")) if sandbox else settings.text(name)

    return Wanted(
        domain=settings.text("domain") if "domain" in settings.passed else chosen("domain"),
        account=chosen("account"),
        region=chosen("region"),
        mode="apply" if settings.text("mode") == "apply" else "plan",
        waivers=waivers,
        approvals=settings.number("approvals"),
        store_region=chosen("store_region"),
    )


def aws_settings(settings: Settings, sandbox: World | None, wanted: Wanted) -> AwsSettings:
    """Return how a custodian reaches AWS, or the sandbox."""
    pace = float(settings.values["ses_requests_per_second"])
    if sandbox and not sandbox.begun.throttled:
        pace = NO_PACE
    return AwsSettings(
        region=wanted.region,
        aws_profile="" if sandbox else settings.text("aws_profile"),
        endpoint_url=sandbox.endpoint_url if sandbox else settings.text("endpoint_url"),
        store_region=wanted.store_region,
        store_profile="" if sandbox else settings.text("store_profile"),
        requests_per_second=pace,
        clock_offset_s=sandbox.clock_offset_s if sandbox else 0.0,
        sandbox=sandbox is not None,
    )
