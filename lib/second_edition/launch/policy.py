"""``byodkim policy``: the IAM policy that commands need, for the values of a profile. Nothing of AWS is asked."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from second_edition.access.needs import APPLY, PLAN
from second_edition.access.policy import COMMANDS, document, needed
from second_edition.access.resources import Values, covered, enabled, key_places, new_key_place, partition_of
from second_edition.errors import ParameterError
from second_edition.intent import profile, proving
from second_edition.intent.campaign import DOMAIN
from second_edition.intent.proving import Proving
from second_edition.messages import LANGUAGES, Language, ambient, say
from second_edition.settings import Profile

MADE: Final = 0
#: Commands that look at whatever is there: where the profile has no domain, at every one.
OF_ALL: Final = frozenset({"explore", "inventory", "archive", "audit"})
#: Commands that can be named though they need nothing.
NEED_NOTHING: Final = ("approve", "review", "site", "verify")
KEY_ARN: Final = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+")
#: Keys of the profile that are values of a policy by the same name.
_SAME: Final = (
    "account", "region", "domain", "key_bucket", "key_kms", "seal_key", "store_region", "retire_key",
)  # fmt: skip
#: Which values of the profile a resource cannot do without.
NAMED: Final = {
    "identity": ("account", "region", "domain"),
    "identity-elsewhere": ("account", "domain"),
    "every-identity": ("account", "region"),
    "secret": ("account", "region", "secret_id"),
    "keys": ("domain",),
    "new-key": ("domain", "key_bucket"),
    "hosted-zone": ("domain",),
    "tsig-secret": ("account", "region"),
    "lock": ("account", "region", "domain"),
    "archive": ("domain",),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    what = "what is to be allowed: %(known)s (rotate)"
    commands = parser.add_argument("commands", nargs="*", metavar="COMMAND", help=what)
    vars(commands)["known"] = ", ".join([*COMMANDS, *NEED_NOTHING])
    parser.add_argument("--mode", choices=(PLAN, APPLY), default=PLAN, help="of the notebook (plan)")
    parser.add_argument("--profile", default="default", metavar="NAME", help="section of byodkim.toml (default)")
    what = "key objects, in key_bucket or as s3://BUCKET/PATTERN; may be given again (known layouts and key_layout)"
    parser.add_argument("--keys", action="append", default=[], metavar="PATTERN", help=what)
    what = "ARN of your own KMS key that encrypts key bucket and secrets (none: a key of AWS's)"
    parser.add_argument("--encryption-key", default="", metavar="ARN", help=what)
    what = "ARN of your own KMS key that encrypts the bucket of archive_s3 (none: a key of AWS's)"
    parser.add_argument("--archive-key", default="", metavar="ARN", help=what)
    parser.add_argument(
        "--secret-id", default="", metavar="ID", help="secret, of a fleet with {domain} in it (the profile's)"
    )
    parser.add_argument("--language", choices=LANGUAGES, help="(the profile's)")


def run(arguments: argparse.Namespace) -> int:
    """Print the policy as JSON, or that none is needed.

    Raises:
        ParameterError: the profile is wrong or lacks a value that the policy names, or an option is wrong.
    """
    section = profile.load(arguments.profile, Path.cwd(), arguments.language or ambient())
    language: Language = arguments.language or section.language
    commands = tuple(arguments.commands) or ("rotate",)
    if unknown := [command for command in commands if command not in (*COMMANDS, *NEED_NOTHING)]:
        known = ", ".join([*COMMANDS, *NEED_NOTHING])
        raise _wrong("no-command", language, command=unknown[0][:40], known=known)
    calling = [command for command in commands if command in COMMANDS]
    values = _with_new_keys(_values(arguments, section, language), calling)
    of_all = not values.domain and OF_ALL.issuperset(calling)
    if "fleet" in calling or of_all:  # every identity, with the secret of each
        values = replace(values, domain="*")
    values = replace(values, secret_id=values.secret_id.replace(DOMAIN, values.domain or "*"))
    profiled = [] if arguments.profile == "default" else ["--profile", shlex.quote(arguments.profile)]
    for name in _lacking(calling, arguments.mode, values):
        said = {
            "profile": arguments.profile,
            "name": name,
            "commands": ", ".join(calling),
            "again": " ".join([*calling, *profiled]),
        }
        raise _wrong("no-value" if name else "no-keys", language, mode=arguments.mode, **said)
    apart = section.store_profile not in ("", section.aws_profile)
    made = document(calling, arguments.mode, values, "ses:" if apart else "")
    if made["Statement"]:
        print(json.dumps(made, indent=2))
        if not values.keys and any(need.on == "keys" for need in needed(calling, arguments.mode)):
            places = " ".join(f"s3://{one}" for one in key_places(values))
            print(say("access", "assumed", language, places=places), file=sys.stderr)
    else:
        print(say("access", "nothing", language, commands=", ".join(commands)), file=sys.stderr)  # which is no policy
    return MADE


def _values(arguments: argparse.Namespace, section: Profile, language: Language) -> Values:
    for option in ("encryption_key", "archive_key"):
        if (given := getattr(arguments, option)) and not KEY_ARN.fullmatch(given):
            raise _wrong("not-arn", language, option=f"--{option.replace('_', '-')}", given=given[:120])
    kept = profile.keeping_of(section, language)
    mailbox = proving.mailbox_of(section, section.domain, language) or Proving()
    return Values(
        **{name: getattr(section, name) for name in _SAME},
        secret_id=arguments.secret_id or section.secret_id,
        partition=partition_of(section.region),
        keys=tuple(arguments.keys),
        layout=section.key_layout,
        lock=section.lock == "s3",
        archive_bucket=kept.bucket,
        archive_prefix=kept.prefix,
        retention=kept.retention_days > 0,
        encryption_key=arguments.encryption_key,
        archive_key=arguments.archive_key,
        hosted_zone_id=section.hosted_zone_id if section.publisher == "route53" else "",
        tsig_secret_id=section.tsig_secret_id if section.publisher == "rfc2136" else "",
        proof_from=mailbox.sender,
        proof_to=mailbox.recipient,
        inbox_bucket=mailbox.bucket,
        inbox_prefix=mailbox.prefix,
        lock_places=tuple(f"{one.account}/{one.region}" for one in section.others if not one.domain),
        elsewhere=tuple(dict.fromkeys([*profile.listed(section.regions), *_reached(section)])),
    )


def _with_new_keys(values: Values, commands: Iterable[str]) -> Values:
    """Return the same, where patterns were given: what prepare stores lies among the keys that it reads back."""
    if not values.keys or "prepare" not in commands or covered(new_key_place(values), key_places(values)):
        return values
    return replace(values, keys=(*values.keys, f"s3://{new_key_place(values)}"))


def _reached(section: Profile) -> list[str]:
    """Return where the profile's own sign-in reads the identities with the same key: Region, or Region/domain."""
    own = (section.account, section.aws_profile)
    others = [one for one in section.others if (one.account, one.aws_profile) == own]
    return ["/".join(filter(None, (one.region, one.domain))) for one in others]


def _lacking(commands: Iterable[str], mode: str, values: Values) -> list[str]:
    """Return the values that the policy names and the profile does not set; "" where key objects have no bucket."""
    used = {need.on for need in needed(commands, mode) if enabled(need.when, values)}
    names = [name for resource in NAMED if resource in used for name in NAMED[resource]]
    lacking = [name for name in dict.fromkeys(names) if not getattr(values, name)]
    bucketless = "keys" in used and any(place.startswith("/") for place in key_places(values))
    return [*lacking, *(["key_bucket"] if values.lock and not values.key_bucket else []), *([""] if bucketless else [])]


def _wrong(key: str, language: Language, **values: object) -> ParameterError:
    return ParameterError.said("access", key, language, "nothing-done", **values)
