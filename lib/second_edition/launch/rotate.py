"""``byodkim rotate``, and every procedure by its name: the notebook executed, and moved to its place when complete.

While it is under way the notebook lies in ``.running`` beside its place. What it holds is looked through for pieces of
the private keys before it gets its name; no file is ever overwritten.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from second_edition.errors import AccessError, ParameterError
from second_edition.evidence.archived import IMPORT, procedure_of
from second_edition.evidence.cells import outputs, sources_of
from second_edition.evidence.folders import near
from second_edition.evidence.folders import whole as whole_file
from second_edition.intent.intent import FLEET
from second_edition.launch import notebook, whole
from second_edition.launch.execution import execute
from second_edition.launch.inputs import accept
from second_edition.launch.notebook import Place, reserve
from second_edition.launch.notebook_file import ready
from second_edition.launch.unfinished import Watch
from second_edition.messages import Language, ambient
from second_edition.settings import FIELDS, fields_of, listing

NOTEBOOKS: Final = Path("notebooks")
FAILED: Final = 1
LONGEST_S: Final = 31 * 86400
#: A number as it is typed for a parameter that takes one.
NUMBER: Final = re.compile(r"-?[0-9]{1,9}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a procedure's command; those of parameters are papermill's own."""
    procedure = parser.prog.split()[-1]
    if "of" in fields_of(procedure):
        what = "the run whose DNS request is published (the parameter of)"
        parser.add_argument("of", type=Path, nargs="?", metavar="RECORD.ipynb", help=what)
    pair = {"action": "append", "nargs": 2, "default": [], "metavar": ("NAME", "VALUE")}
    parser.add_argument("-p", "--parameters", **pair, help="a parameter of the notebook")  # type: ignore[arg-type]
    parser.add_argument("-r", "--parameters_raw", **pair, help="a parameter whose value stays text")  # type: ignore[arg-type]
    parser.add_argument(
        "-f", "--parameters_file", action="append", default=[], type=Path, metavar="FILE", help="parameters as YAML"
    )
    parser.add_argument(
        "-o", "--output", type=Path, metavar="OUT.ipynb", help="executed notebook (a new name in outputs)"
    )
    parser.add_argument("--notebook", type=Path, help="notebook to run (notebooks/COMMAND.ipynb, here or above)")
    parser.epilog = listing(procedure, ambient())
    limit = {"type": whole(1, LONGEST_S), "metavar": "SECONDS"}
    parser.add_argument("--execution-timeout", **limit, help="longest time for one cell (no limit)")  # type: ignore[arg-type]


def run(arguments: argparse.Namespace, *, of_campaign: bool = False) -> int:
    """Run the notebook. Return 0, 1 where the run came to a failure, or 128 and the signal that ended it.

    ``of_campaign``: a campaign begins it, so its place in the plan counts. Notebooks of others are left as they are.

    Raises:
        ParameterError: a parameter or the profile is wrong. Nothing was started.
        AccessError: a file cannot be read or written, or is there already. Nothing was started.
    """
    given = parameters_of(arguments)
    procedure = str(arguments.command)
    accepted = accept(given, Path.cwd(), procedure)
    template = _template(arguments.notebook, procedure, accepted.spoken)
    place = reserve(arguments.output, accepted, datetime.now(UTC))
    watch = Watch(place.final, searches=True, of_campaign=of_campaign)
    # A campaign's own line says how far it is.
    bar = procedure != FLEET and sys.stderr.isatty()
    code = _execute(template, place, given, watch, arguments.execution_timeout, bar=bar)
    try:
        finished = notebook.finish(place, watch, accepted.language)
    finally:
        if watch.run is not None:
            watch.run.release()
    if not of_campaign:
        notebook.complete_others(place, accepted.language)
    return code if finished else code or FAILED


def parameters_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the parameters: files first, then ``-p`` and ``-r``, which stay text unless the parameter is a number.

    Raises:
        AccessError: a file cannot be read.
        ParameterError: a file is not YAML, or holds no parameters.
    """
    given: dict[str, Any] = {}
    for path in arguments.parameters_file:
        given |= _from_file(path)
    for name, value in (*arguments.parameters, *arguments.parameters_raw):
        number = name in FIELDS and FIELDS[name].is_number and NUMBER.fullmatch(value)
        given[name] = int(value) if number else value
    named = getattr(arguments, "of", None)
    return {**given, "of": str(named)} if named else given


def _execute(
    template: Path, place: Place, given: Mapping[str, Any], watch: Watch, timeout: int | None, *, bar: bool
) -> int:
    """Return the exit code that papermill's command line would give."""
    paths = {"PAPERMILL_INPUT_PATH": near(template), "PAPERMILL_OUTPUT_PATH": near(place.final)}
    try:
        nb = ready(template, {**given, **paths}, Path(near(template)), place.working)
        execute(
            nb, input_path=str(template), output_path=str(place.working), progress_bar=bar,
            execution_timeout=timeout, watch=watch,
        )  # fmt: skip
    except SystemExit as stopped:
        return int(stopped.code or FAILED)
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - a full disk, a cell's time limit: the record says which
        watch.error = type(error).__name__
        watch.unsaved = error if isinstance(error, OSError) else None
        return FAILED
    watch.error = next((one["ename"] for one in outputs(nb.cells) if one["output_type"] == "error"), "")
    return FAILED if watch.error else 0


def _template(given: Path | None, procedure: str, language: Language) -> Path:
    """Return the notebook to be run: the one given, else the procedure's own, here or above."""
    usual = NOTEBOOKS / f"{procedure}.ipynb"
    own = (folder / usual for folder in (Path.cwd(), *Path.cwd().parents))
    found = given or next((path for path in own if path.is_file()), usual)
    if not found.is_file():
        raise _refused("no-notebook", language, path=found)
    sources = sources_of(found)
    if not any(IMPORT in source for source in sources) or procedure_of(sources) != procedure:
        raise _refused("other-notebook", language, path=found, procedure=procedure)
    return found


def _refused(key: str, language: Language, **values: object) -> AccessError:
    return AccessError.said("command", key, language, "steps/untouched", **values)


def _from_file(path: Path) -> dict[str, Any]:
    import yaml
    from papermill.iorw import NoDatesSafeLoader  # papermill and yaml take 0.2 s of ``tests.second_edition.bench.command``

    try:
        text = whole_file(path).decode("utf-8-sig")
        found = yaml.load(text, Loader=NoDatesSafeLoader)  # noqa: S506 - it is a safe loader
        if isinstance(found, dict) and len(found) < len(yaml.compose(text, Loader=NoDatesSafeLoader).value):
            found = "-"  # YAML's last of a name counts, which nobody sees
    except OSError as error:
        raise AccessError.said(
            "command", "unread", ambient(), "steps/untouched", path=path, reason=error.strerror or error
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError):  # no UTF-8, a number without end, lists without end
        found = "-"
    if not isinstance(found or {}, dict):
        raise ParameterError.said("command", "no-parameters", ambient(), "parameters/untouched", path=path)
    return {str(name): value for name, value in (found or {}).items()}
