"""Words of the command line."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "page": "Record: {path}",
    "not-begun": (
        "papermill cannot write the notebook {path} ({reason}). No run has begun: nothing was read or written; SES signs as before. "
        "Name a notebook in a folder that exists and takes files, then run the same command again."
    ),
    "cut-off": (
        "papermill could not write the notebook {path} to its end ({reason}). The journal holds what the run did: {journal}. "
        "Make room, then run the same command again with another output path: it reads SES first and does only what is missing."
    ),
    "foreign": "{path} exists and is not a record page, so it was left as it is.",
    "signed": "{path} has a signature, so it was left as it is.",
    "unwritable": "{path} cannot be written ({reason}).",
    "name-csv": "Name another file with --csv.",
    "name-another": "Name another file with -o.",
    "untold": "The events of {path} are not such as byodkim {version} writes ({type}).",
    "untold.todo": "Use the version that the record names, or compare the record with an archived copy.",
    "unproved": "{path} proves no key pair, so no DNS request can be made from it: the check KEY-PAIR has not passed in that run.",
    "unproved.means": "A request with another key's value would break every signature.",
    "unproved.todo": "Mend what the record names, run again, and make the request from the new record.",
    "unsound": "The evidence of {path} contradicts itself, so no DNS request is made from it. {how}",
    "created": "Created: {path}",
    "there": "Left as it is: {path}",
    "differs": "{path} differs from this version's notebook: where its code does, it applies nothing. byodkim init in another folder writes this version's.",
    "begin.aws": "Write your account, Region and names into {path}; then plan, which writes nothing: byodkim rotate -r selector mail-20261124-1",
    "begin": "Write your account, Region and names into {path}; then try it: byodkim rotate -r selector mail-20261124-1 -p target sandbox",
    "copied": "A working copy is opened, which JupyterLab may save: {path}",
    "init": "Change to the project's folder, or make one with byodkim init.",
    "project.todo": "Name a folder that you may write to.",
    "request": "DNS request: {path} (TXT record at {name}).",
}
