"""A look at AWS and DNS without a run: settings, and a custodian that cannot write."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec.structs import replace

from byodkim import settings as table
from byodkim.checks.world import Secret, Unread
from byodkim.custody.client import Custodian
from byodkim.engine.wanted import Reach, aws_settings, wanted_of
from byodkim.errors import InputError
from byodkim.sandbox.world import DEFAULT, World, standing, start
from byodkim.words import _, speak


class Look(Reach):
    """What a look works with."""

    def require(self, name: str) -> None:
        """Refuse a look that lacks a setting.

        Raises:
            InputError: names it.
        """
        if not self.chosen(name):
            raise InputError(
                _("This look needs {name}.", name=name),
                todo=_("Pass it, or write it into byodkim.toml (`byodkim init` makes one)."),
            )

    def secret(self) -> Secret | Unread:
        """Return what the secret says."""
        return self.ask_secret().result() if self.chosen("secret_id") else Unread("NotRead")


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
        look = Look(settings, wanted, custodian, sandbox)
        look.require("region")
        yield look


def _sandbox(target: str) -> World | None:
    """Return the standing sandbox where it fits, or this process's own; ``None`` for AWS."""
    kind, _colon, scenario = target.partition(":")
    if kind != "sandbox":
        return None
    return standing(scenario) or _own_sandbox(scenario or DEFAULT)


#: One for all looks of a notebook: each sandbox has keys of its own. It ends with this process.
_own_sandbox = functools.cache(start)
