"""What is generated from the declarations: the documents' tables and the policies in the template."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

from second_edition.access.policy import Statement, needed, statements
from second_edition.access.resources import Values
from second_edition.messages import Language
from tests.second_edition.access.table import table
from tests.second_edition.project.tracked import ROOT

TEMPLATE: Final = "docs/second_edition/deploy/cloudformation.yaml"
BLOCK: Final = re.compile(r"(?m)^( *)# made by make permissions: (\w+) (\w+)\n(?:.*\n)*?\1# end\n")
TABLE: Final = re.compile(r"<!-- permissions -->\n(?:.*\n)*?<!-- /permissions -->\n")
TABLES: Final[dict[str, Language]] = {"docs/second_edition/en/permissions.md": "en", "docs/second_edition/ja/permissions.md": "ja"}

#: The template's own values: what CloudFormation fills in. There key objects lie in the run sheet's layout.
VALUES: Final = Values(
    account="${AWS::AccountId}",
    region="${AWS::Region}",
    partition="${AWS::Partition}",
    domain="${Domain}",
    secret_id="${SecretName}",
    key_bucket="${KeyBucket}",
    keys=("dkim-keys/${Domain}/*",),
    lock=True,
    seal_key="${SealKey.Arn}",
    archive_bucket="${ArchiveBucket}",
    retention=True,
    encryption_key="${EncryptionKey.Arn}",
    hosted_zone_id="${HostedZoneId}",
)
#: Under which condition of the template an option is asked for; what is not here always is.
CONDITIONS: Final = {
    "seal-key": "SealsWithKms", "archive": "KeepsArchive", "retention": "HoldsArchive", "route53": "Publishes",
    "erasing": "ErasesKeys", "deleting": "DeletesKeys", "expiring": "ExpiresKeys",
}  # fmt: skip
#: Options that hold wherever a role is made at all.
GIVEN: Final = {"audit": ("archive",), "publish": ("route53",)}
#: Options that the template never has: its archive is not encrypted with a key of one's own, its bucket has the one key
#: for all private keys, and it knows neither an inbox nor a TSIG key, nor another Region.
NEVER: Final = ("archive-key", "object-key", "mailbox", "rfc2136", "encrypted-tsig", "regions")


class Tagged(str):
    """Text that CloudFormation fills in."""

    __slots__ = ()


class Dumper(yaml.SafeDumper):  # type: ignore[misc]  # yaml carries no types
    """Writes ``!Sub``, ``!If`` and ``!Ref`` as people do."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - yaml's names
        super().increase_indent(flow, False)


Dumper.add_representer(Tagged, lambda dumper, text: dumper.represent_scalar("!Sub", str(text)))


def statement(made: Statement, condition: str) -> str:
    """One statement as YAML, under its condition where it has one."""
    text = yaml.dump([_tagged(made.content)], Dumper=Dumper, sort_keys=False, width=1000)
    text = re.sub(r"!Sub '([^*].*)'$", r"!Sub \1", text, flags=re.MULTILINE)  # a star begins an alias of YAML's
    if not condition:
        return text
    return f"- !If\n{_indented(f'- {condition}', 2)}\n{_indented(text, 2)}  - !Ref AWS::NoValue\n"


def _tagged(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _tagged(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_tagged(inner) for inner in value]
    if not isinstance(value, str) or "${" not in value:
        return value
    return Tagged(value.replace("amazonaws.com", "${AWS::URLSuffix}"))


def _indented(text: str, by: int) -> str:
    return re.sub(r"(?m)^(?=.)", " " * by, text)


def policy(command: str, mode: str) -> str:
    """The statements of a role."""
    conditions = {when: name for when, name in CONDITIONS.items() if when not in GIVEN.get(command, ())}
    made = statements(needed([command], mode), VALUES)
    return "".join(statement(one, conditions.get(one.when, "")) for one in made if one.when not in NEVER)


def template(text: str) -> str:
    """The template with its policies made anew."""
    return BLOCK.sub(
        lambda found: (
            f"{found[1]}# made by make permissions: {found[2]} {found[3]}\n"
            f"{_indented(policy(found[2], found[3]), len(found[1]))}{found[1]}# end\n"
        ),
        text,
    )


def readme(text: str, language: Language) -> str:
    """A document with its table made anew."""
    return TABLE.sub(lambda _: f"<!-- permissions -->\n{table(language)}<!-- /permissions -->\n", text)


def files() -> dict[Path, str]:
    """Every file that holds something generated, as it ought to be."""
    made = {ROOT / name: readme((ROOT / name).read_text("utf-8"), language) for name, language in TABLES.items()}
    return {**made, ROOT / TEMPLATE: template((ROOT / TEMPLATE).read_text("utf-8"))}
