"""The command ``byodkim``: run a procedure by papermill, and look at, approve and verify
records.
"""

import sys

import click

from byodkim import settings as table
from byodkim.cli import archive, project, rotate, sandbox
from byodkim.errors import ByodkimError
from byodkim.words import speak


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
    _speak_profile()


def _speak_profile() -> None:
    """Show sentences in the language of the profile's default section, where there is a readable
    one.
    """
    try:
        speak(table.read({}, ()).language)
    except ByodkimError:
        speak("en")


for module in (rotate, archive, project, sandbox):
    for command in module.COMMANDS:
        main.add_command(command)
