"""What settings ask for, as a run reads it: identity, way to AWS, approvals, clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from byodkim.checks.world import Wanted
from byodkim.custody.settings import AwsSettings, SecretLayout
from byodkim.errors import InputError
from byodkim.launch import Settings
from byodkim.words import _

if TYPE_CHECKING:
    from byodkim.sandbox.world import World

#: SES calls a second in a sandbox that has no pace of its own.
NO_PACE: Final = 100.0


def target_of(sandbox: World | None) -> str:
    """Return ``aws``, or which sandbox."""
    if sandbox is None:
        return "aws"
    return f"sandbox/{sandbox.endpoint_url.rpartition(':')[2]}-{sandbox.pid}"


def clock(sandbox: World | None) -> datetime:
    """Return the time in UTC, as the sandbox has it where there is one."""
    ahead = timedelta(seconds=sandbox.clock_offset_s) if sandbox else timedelta()
    return datetime.now(UTC) + ahead


def layout_of(settings: Settings) -> SecretLayout | None:
    """Return the dotted paths of the profile; ``None`` where it has none, for the documented
    layouts.
    """
    paths = [
        settings.text(name) for name in ("secret_selector", "secret_record", "secret_key_path")
    ]
    return SecretLayout(*paths) if any(paths) else None


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

    def chosen(name: str, sandboxed: str) -> str:
        return sandboxed if sandbox else settings.text(name)

    domain = chosen("domain", sandbox.domain if sandbox else "")
    if sandbox and "domain" in settings.passed:
        domain = settings.text("domain")
    return Wanted(
        domain=domain,
        account=chosen("account", sandbox.account if sandbox else ""),
        region=chosen("region", sandbox.region if sandbox else ""),
        mode="apply" if settings.text("mode") == "apply" else "plan",
        waivers=waivers,
        approvals=settings.number("approvals"),
        store_region=chosen("store_region", ""),
    )


def aws_settings(settings: Settings, sandbox: World | None, wanted: Wanted) -> AwsSettings:
    """Return how a custodian reaches AWS, or the sandbox."""
    pace = float(settings.values["ses_requests_per_second"])
    if sandbox and not sandbox.begun.is_throttled:
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
