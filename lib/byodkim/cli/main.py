"""The command ``byodkim``: make a project, print its IAM policy, run a procedure by papermill's own
API, with names chosen for you, and look at, approve and verify records.
"""

import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, get_args

import click

from byodkim import policy as iam, settings as table
from byodkim.cli import archive, sandbox
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


def _command(procedure: str, help_text: str) -> click.Command:
    """Return the command that runs a procedure's notebook."""

    @click.command(
        procedure,
        help=f"{help_text}\n\nReads only, until -p mode apply.",
        epilog=f"All parameters: papermill --help-notebook notebooks/{procedure}.ipynb. "
        "Exit codes: 0, 1 when the run needs a person, 2 for wrong input.",
    )
    @click.option("-r", "raw", nargs=2, multiple=True, metavar="NAME VALUE", help="Text parameter.")
    @click.option("-p", "plain", nargs=2, multiple=True, metavar="NAME VALUE", help="The same.")
    @click.option("-o", "output", metavar="NAME.ipynb", help="Output notebook; chosen by default.")
    def run(
        raw: tuple[tuple[str, str], ...],
        plain: tuple[tuple[str, str], ...],
        output: str | None,
        wave: str = "",
    ) -> None:
        chosen = {"wave": wave} if wave else {}
        sys.exit(execute(procedure, dict((*raw, *plain)) | chosen, output))

    if procedure == "fleet":
        run.params.append(click.Option(["--wave"], default="", help="Apply this wave alone."))
    return run


PROCEDURES: Final = (
    _command("prepare", "Make a key pair, its entry in the secret, and the DNS request."),
    _command("rotate", "Switch to a selector (-r selector mail-20261124-1), or roll back."),
    _command("fleet", "Switch many identities by a table (-r table fleet.csv), in waves."),
    _command("retire", "Withdraw a selector's key record after the overlap (-r selector NAME)."),
)


def execute(procedure: str, parameters: dict[str, str], output: str | None) -> int:
    """Run a notebook by papermill and return the exit code.

    Raises:
        InputError: a parameter, the profile or the output is wrong. Nothing was started.
    """
    import papermill
    from papermill.exceptions import PapermillExecutionError

    from byodkim import hook

    path = output or str(_output(procedure, parameters))
    try:
        papermill.execute_notebook(
            str(hook.TEMPLATES / f"{procedure}.ipynb"),
            path.replace("{", "{{").replace("}", "}}"),
            parameters=parameters,
            progress_bar=sys.stderr.isatty(),
        )
    except hook.Refused as refused:
        click.echo(str(refused.__cause__), err=True)
        return 2
    except PapermillExecutionError:
        pass  # the record and the last lines say it
    except KeyboardInterrupt:
        hook.finish()
        return 130
    code = hook.finish()
    planned = parameters.get("mode") != "apply" and not code
    if procedure == "fleet" and planned and (plan := archive.record_of(Path(path)).plan):
        click.echo(f"waves {plan.facts['waves']}")  # for schedulers
    return code


def _output(procedure: str, parameters: dict[str, str]) -> Path:
    """Return a name that does not exist yet: ticket or selector, mode, and time."""
    folder = Path("outputs")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(
            _("The folder outputs cannot be made: {reason}", reason=error.strerror or ""),
            todo=_("Change into a folder that you can write to, or name the output with -o."),
        ) from None
    named = Path(parameters.get("table", "")).stem
    chosen = parameters.get("ticket") or parameters.get("selector") or named or "run"
    plain = "".join(each if each.isalnum() or each in "-_" else "-" for each in chosen)[:60]
    time = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    mode = parameters.get("mode", "plan")
    return folder / f"{procedure}-{plain}-{mode}-{time}.ipynb"


for command in (*PROCEDURES, *archive.COMMANDS, init, print_policy, *sandbox.COMMANDS):
    main.add_command(command)
