"""A look at AWS and DNS without a run: settings, and a custodian that cannot write."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from msgspec.structs import replace

from byodkim import settings as table
from byodkim.checks.world import Entry, Secret, Unread, Wanted
from byodkim.custody.client import Custodian
from byodkim.custody.settings import GetSecret, KeyPlace
from byodkim.engine.wanted import aws_settings, layout_of, wanted_of
from byodkim.errors import InputError
from byodkim.sandbox.world import DEFAULT, World, standing, start
from byodkim.settings import Settings
from byodkim.words import _, speak


class Look(NamedTuple):
    """What a look works with."""

    settings: Settings
    sandbox: World | None
    wanted: Wanted
    custodian: Custodian

    @property
    def resolvers(self) -> tuple[str, ...]:
        """Return the recursive resolvers to ask; empty for the system's."""
        return self.sandbox.resolvers if self.sandbox else self.settings.texts("resolvers")

    @property
    def name_servers(self) -> tuple[str, ...]:
        """Return the servers to ask instead of those of the delegation; empty for none."""
        return self.sandbox.nameservers if self.sandbox else self.settings.texts("nameservers")

    def text(self, name: str) -> str:
        """Return a setting that the sandbox has its own of."""
        if self.sandbox and name not in self.settings.passed:
            return str(getattr(self.sandbox, name))
        return self.settings.text(name).replace("{domain}", self.wanted.domain)

    def require(self, name: str) -> None:
        """Refuse a look that lacks a setting.

        Raises:
            InputError: names it.
        """
        if not self.text(name):
            raise InputError(
                _("This look needs {name}.", name=name),
                todo=_("Pass it, or write it into byodkim.toml (`byodkim init` makes one)."),
            )

    def secret(self) -> Secret | Unread:
        """Return what the secret says."""
        if not self.text("secret_id"):
            return Unread("NotRead")
        return self.custodian.ask(
            GetSecret(self.text("secret_id"), layout_of(self.settings))
        ).result()

    def key_place(self, entry: Entry | None, selector: str) -> KeyPlace | None:
        """Return where a private key is, by secret or layout; ``None`` if neither says."""
        bucket = (entry and entry.bucket) or self.text("key_bucket")
        domain = (entry and entry.domain) or self.wanted.domain
        path = self.settings.text("key_layout").format(domain=domain, selector=selector)
        return KeyPlace(bucket, (entry and entry.path) or path) if bucket else None


@contextmanager
def looking(profile: str, target: str, **given: str) -> Iterator[Look]:
    """Yield what a look works with, and end its custodian.

    Raises:
        InputError: the profile or a parameter is wrong, or names no Region.
    """
    given |= {"target": target, "profile": "" if profile == "default" else profile}
    passed = {name: value for name, value in given.items() if value}
    settings = table.read(passed, passed)
    speak(settings.language)
    sandbox = _sandbox(target)
    wanted = wanted_of(settings, sandbox, {})
    if "region" in passed:
        wanted = replace(wanted, region=passed["region"])
    with Custodian(aws_settings(settings, sandbox, wanted)) as custodian:
        look = Look(settings, sandbox, wanted, custodian)
        look.require("region")
        yield look


def _sandbox(target: str) -> World | None:
    """Return the standing sandbox where it fits, or this process's own; ``None`` for AWS."""
    kind, _colon, scenario = target.partition(":")
    if kind != "sandbox":
        return None
    world = standing()
    if world is not None and scenario in ("", world.scenario):
        return world
    return _own_sandbox(scenario or DEFAULT)


#: One for all looks of a notebook: each sandbox has keys of its own. It ends with this process.
_own_sandbox = functools.cache(start)
