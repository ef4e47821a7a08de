"""``byodkim prepare``, ``rotate``, ``retire``: papermill's own API, with names chosen for you."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from byodkim.errors import InputError, RecordError
from byodkim.words import _


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


COMMANDS: Final = (
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
    if procedure == "fleet" and parameters.get("mode", "plan") == "plan":
        click.echo(str(_("Number of waves, for schedulers:")))
        click.echo(f"waves {_waves(Path(path))}")
    return code


def _waves(notebook: Path) -> str:
    """Return how many waves a campaign's plan has, for whoever calls one after another."""
    from byodkim.record.events import Planned
    from byodkim.record.journal import SUFFIX
    from byodkim.record.journal_file import read_journal

    try:
        events = read_journal(notebook.with_suffix(SUFFIX)).events
    except RecordError:
        return "0"
    return next((each.facts["waves"] for each in events if isinstance(each, Planned)), "0")


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
