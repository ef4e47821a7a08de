"""The command ``byodkim``: make a project, print its IAM policy, run a procedure by papermill, and
look at, approve and verify records.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Final, get_args

import click

from byodkim import policy as iam, settings as table
from byodkim.cli import archive, rotate, sandbox
from byodkim.errors import ByodkimError, InputError
from byodkim.words import _, speak

SHIPPED: Final = Path(__file__).parents[1]


class Commands(click.Group):
    """A group whose errors are one paragraph without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; an error that a person can act on ends it with exit code 2."""
        try:
            return super().invoke(ctx)
        except ByodkimError as error:
            click.echo(str(error), err=True)
            sys.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="byodkim")
def main() -> None:
    """Rotate the BYODKIM selector of Amazon SES identities, with a signed record of each run."""
    try:
        speak(table.read({}, ()).language)
    except ByodkimError:  # the command says it
        speak("en")


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
    for template in sorted((SHIPPED / "notebooks").glob("*.ipynb")):
        if not (notebooks / template.name).exists():
            shutil.copyfile(template, notebooks / template.name)
    # Signatures are over bytes, so git must not change line ends; and it ignores locks.
    files = {outputs / ".gitattributes": "* -text\n", Path(".gitignore"): ".byodkim-*\n"}
    for file, text in files.items():
        if not file.exists():
            file.write_text(text, "utf-8")
    shutil.copyfile(SHIPPED / "byodkim.example.toml", profile)
    click.echo(str(_("Made byodkim.toml, notebooks/ and outputs/. Fill in byodkim.toml.")))


@click.command("policy")
@click.argument("procedure", type=click.Choice(sorted(iam.PERMISSIONS)), default="rotate")
@click.option("--mode", type=click.Choice(get_args(iam.Mode)), default="plan", show_default=True)
@click.option("--profile", default="default", help="Section of byodkim.toml.")
@click.option("--kms-key", default="", help="ARN of your own key that encrypts secret or objects.")
def print_policy(procedure: str, mode: iam.Mode, profile: str, kms_key: str) -> None:
    """Print the IAM policy that a run needs, for the identity of the profile."""
    settings = table.of_profile(profile)
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


for command in (*rotate.COMMANDS, *archive.COMMANDS, init, print_policy, *sandbox.COMMANDS):
    main.add_command(command)
