"""Commands about a project: init and policy."""

import json
import shutil
from pathlib import Path
from typing import Final, get_args

import click

from byodkim import policy as iam
from byodkim import settings as table
from byodkim.errors import InputError
from byodkim.templates import TEMPLATES
from byodkim.words import _

EXAMPLE: Final = Path(__file__).parents[1] / "byodkim.example.toml"


@click.command()
def init() -> None:
    """Make a project here: byodkim.toml to fill in, notebooks/, outputs/.

    Nothing is overwritten.
    """
    profile, notebooks, outputs = Path("byodkim.toml"), Path("notebooks"), Path("outputs")
    if profile.exists():
        raise InputError(
            _("byodkim.toml is here already, so nothing was made."),
            todo=_("Change into an empty folder to make another project."),
        )
    notebooks.mkdir(exist_ok=True)
    outputs.mkdir(exist_ok=True)
    for template in sorted(TEMPLATES.glob("*.ipynb")):
        if not (notebooks / template.name).exists():
            shutil.copyfile(template, notebooks / template.name)
    attributes = outputs / ".gitattributes"
    if not attributes.exists():
        attributes.write_text(
            "* -text\n", "utf-8"
        )  # signatures are over bytes: git must not change line ends
    ignored = Path(".gitignore")
    if not ignored.exists():
        ignored.write_text(".byodkim-*\n", "utf-8")  # locks
    shutil.copyfile(EXAMPLE, profile)
    click.echo(str(_("Made byodkim.toml, notebooks/ and outputs/. Fill in byodkim.toml.")))


@click.command("policy")
@click.argument("procedure", type=click.Choice(sorted(iam.PERMISSIONS)), default="rotate")
@click.option("--mode", type=click.Choice(get_args(iam.Mode)), default="plan", show_default=True)
@click.option("--profile", default="default", help="Section of byodkim.toml.")
@click.option("--kms-key", default="", help="ARN of your own key that encrypts secret or objects.")
def print_policy(procedure: str, mode: iam.Mode, profile: str, kms_key: str) -> None:
    """Print the IAM policy that a run needs, for the identity of the profile."""
    given = {} if profile == "default" else {"profile": profile}
    settings = table.read(given, given)
    names = ("account", "region", "domain", "secret_id", "key_bucket")
    needed = [name for name in names if name != "domain" or procedure != "fleet"]
    missing = [name for name in needed if not settings.text(name)]
    if missing:
        raise InputError(
            _("The policy needs {names} in byodkim.toml.", names=missing),
            todo=_("Write them into byodkim.toml; `byodkim init` makes one."),
        )
    writer = settings.text("dns_writer")
    document = iam.policy(
        procedure,
        mode,
        **{name: settings.text(name) for name in names},
        store_region=settings.text("store_region"),
        kms_key=kms_key,
        hosted_zone_id=settings.text("hosted_zone_id") if writer == "route53" else "",
        tsig_secret_id=settings.text("tsig_secret_id") if writer == "rfc2136" else "",
        deletes=settings.text("retire_key") == "delete",
    )
    click.echo(json.dumps(document, indent=2))


COMMANDS: Final = (init, print_policy)
