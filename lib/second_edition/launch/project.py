"""``byodkim init`` and ``byodkim lab``: a project's folder, and working copies of its notebooks in JupyterLab."""

from __future__ import annotations

import argparse
import errno
import itertools
import os
import re
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from second_edition.errors import AccessError
from second_edition.evidence import exclusive
from second_edition.intent.profile_file import FILE
from second_edition.messages import LANGUAGES, Language, ambient, say
from second_edition.sandbox.client import lacking
from second_edition.settings import KEYS

SHIPPED: Final = Path(__file__).parents[1]
NOTEBOOKS, RECORDS, COPIES = "notebooks", "outputs", "lab"
#: What no commit should hold: records go to an archive of their own, and locks and working copies are of one machine.
IGNORED: Final = "/outputs/\n/lab/\n.locks/\n.ipynb_checkpoints/\n"
#: A key of the example profile, and its comments that are of none, in their order.
KEY: Final = re.compile(rf"(?:# )?({'|'.join(KEYS)}) = ")
ALONE: Final = ("example.head", "example.open", "example.other", "example.policy")
NAMES: Final = sorted(path.stem for path in (SHIPPED / NOTEBOOKS).glob("*.ipynb"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``init`` or ``lab``."""
    if parser.prog.endswith("init"):
        parser.add_argument("folder", type=Path, nargs="?", default=Path(), metavar="FOLDER", help="(this folder)")
        parser.add_argument("--language", choices=LANGUAGES, default=ambient(), help="(the environment's)")
        return
    parser.add_argument("notebook", choices=NAMES, nargs="?", default="rotate", help="notebook to work in (rotate)")
    parser.add_argument("--no-browser", action="store_true", help="open no browser: the address to open is printed")
    parser.add_argument("jupyter", nargs=argparse.REMAINDER, metavar="OPTION", help="options of jupyter lab")


def run(arguments: argparse.Namespace) -> int:
    """Make a project, or start JupyterLab.

    Raises:
        AccessError: a file or folder cannot be written, or there is no project here.
    """
    try:
        if arguments.command == "init":
            return _init(arguments.folder, arguments.language)
        if {"-h", "--help"} & {*arguments.jupyter}:  # after a notebook's name all options are jupyter's, but for this
            arguments.parser.print_help()
            return 0
        return _lab(arguments.notebook, [*(["--no-browser"] if arguments.no_browser else []), *arguments.jupyter])
    except OSError as error:
        if error.filename is None:  # of standard output
            raise
        what = say("launch", "unwritable", ambient(), path=error.filename, reason=error.strerror)
        raise AccessError(what, todo=say("launch", "project.todo", ambient())) from error


def _init(folder: Path, language: Language) -> int:
    """Create what a project lacks, and say of each file and folder whether it is new. Nothing is overwritten."""
    for name in (NOTEBOOKS, RECORDS):
        (folder / name).mkdir(parents=True, exist_ok=True)
    files = {folder / NOTEBOOKS / one.name: one.read_bytes() for one in sorted((SHIPPED / NOTEBOOKS).glob("*.ipynb"))}
    files[folder / FILE] = _example(language).encode()
    files[folder / ".gitignore"] = IGNORED.encode()
    for place, content in files.items():
        created = _create(place, content)
        print(say("launch", "created" if created else "there", language, path=place))
        if place.suffix == ".ipynb" and not created and place.read_bytes() != content:
            print(say("launch", "differs", language, path=place))
    package = lacking()
    there = f"cd {shlex.quote(str(folder))} && " if folder != Path() else ""
    print(say("launch", "begin.aws" if package else "begin", language, path=folder / FILE, there=there))
    if package:
        print(say("sandbox", "lacking", language, package=package), say("sandbox", "lacking.todo", language))
    return 0


def _example(language: Language) -> str:
    """Return the example profile; in another language than English, with its records and its comments in that one."""
    text = (SHIPPED / "byodkim.example.toml").read_text("utf-8")
    if language == LANGUAGES[0]:
        return text
    lines: list[str] = []
    comment, alone, helped = False, iter(ALONE), set[str]()
    for line in (*text.splitlines(), ""):
        key = KEY.match(line)
        if key and key[1] not in helped:
            helped.add(key[1])
            lines.append(f"# {KEYS[key[1]].help(language)}")
        elif comment and not key and not line.startswith("#"):  # a comment of no key
            lines.append(f"# {say('launch', next(alone), language)}")
        comment = line.startswith("#") and not key
        lines += [] if comment else [line]
    return "\n".join(lines).replace('# language = "en"', f'language = "{language}"')


def _create(place: Path, content: bytes) -> bool:
    """Write a file, whole or not at all, unless there is one, and return whether it was written.

    Raises:
        OSError: it cannot be written, or something else than a file has its name. The error names it.
    """
    if place.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(place))
    try:
        return not place.exists() and exclusive.create(place, content)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(place)) from error


def _check_state() -> None:
    """Refuse what JupyterLab would end with a traceback: it writes into folders of its own below HOME.

    Raises:
        OSError: one of them cannot be made. The error names it.
    """
    from jupyter_core.paths import jupyter_config_dir, jupyter_data_dir, jupyter_runtime_dir

    for folder in (jupyter_data_dir(), jupyter_runtime_dir(), jupyter_config_dir()):
        Path(folder).mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)


def _lab(name: str, options: list[str]) -> int:
    """Open a copy of a notebook in JupyterLab, which saves what it has open by itself: the template stays as it is."""
    here = Path.cwd()
    project = next((one for one in (here, *here.parents) if (one / NOTEBOOKS / f"{name}.ipynb").is_file()), None)
    if project is None:
        path = Path(NOTEBOOKS, f"{name}.ipynb")
        raise AccessError.said("command", "no-notebook", ambient(), "", "launch/init", path=path)
    began = project / COPIES / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{name}.ipynb"
    names = itertools.chain([began], (began.with_stem(f"{began.stem}-{number}") for number in itertools.count(2)))
    content = (project / NOTEBOOKS / f"{name}.ipynb").read_bytes()
    copy = next(one for one in names if _create(one, content))
    print(say("launch", "copied", ambient(), path=copy), flush=True)
    _check_state()
    os.chdir(project)
    opened = f"--LabApp.default_url=/lab/tree/{copy.name}"  # the address that JupyterLab prints is the copy's
    words = [sys.executable, "-m", "jupyterlab", opened, *options, str(copy.relative_to(project))]
    os.execv(sys.executable, words)  # noqa: S606
