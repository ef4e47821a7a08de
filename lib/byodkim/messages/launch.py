"""Words of the command line."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "default": " ({value})",
    "page": "Record: {path}",
    "not-begun": "papermill cannot write the notebook {path} ({reason}). No run has begun: nothing was read or written; SES signs as before. Name a notebook in a folder that exists and takes files, then run the same command again.",
    "cut-off": "papermill could not write the notebook {path} to its end ({reason}). The journal holds what the run did: {journal}. Make room, then run the same command again with another output path: it reads SES first and does only what is missing.",
    "foreign": "{path} exists and is not a page of this kind, so it was left as it is.",
    "signed": "{path} has a signature, so it was left as it is.",
    "unwritable": "{path} cannot be written ({reason}).",
    "file": "{path} cannot be read or written ({reason}). What the command printed before that holds.",
    "stdout": "Standard output",
    "name-csv": "Name another file with --csv.",
    "name-another": "Name another file with -o.",
    "untold": "The events of {path} are not such as byodkim {version} writes.",
    "untold.todo": "Use the version that the record names, or compare the record with an archived copy.",
    "unread": "{path} cannot be read ({reason}).",
    "unread.todo": "Name a run's notebook.",
    "no-record.notebook": "{path} is not the record of a byodkim run: it is no notebook (nbformat 4).",
    "no-record.foreign": "{path} is not the record of a byodkim run: its cells do not use byodkim.",
    "no-record.unexecuted": "{path} is not the record of a byodkim run: it was never executed.",
    "no-record.means": "Nothing was written.",
    "no-record.todo": "Name the notebook that papermill wrote, such as outputs/<name>.ipynb.",
    "of-campaign": "{path} is the record of a campaign, which has no key record of its own.",
    "of-campaign.means": "Nothing was made or changed.",
    "of-campaign.todo": "Name the record of one of its identities: they lie below the folder of the campaign.",
    "unproved": "{path} proves no key pair, so no DNS request can be made from it: the check KEY-PAIR has not passed in that run.",
    "unproved.means": "A request with another key's value would break every signature.",
    "unproved.todo": "Mend what the record names, run again, and make the request from the new record.",
    "created": "Created: {path}",
    "there": "Left as it is: {path}",
    "differs": "{path} differs from this version's notebook: where its code does, it applies nothing. byodkim init in another folder writes this version's.",
    "begin.aws": "Write your account, Region and names into {path}; then plan, which writes nothing: {there}byodkim rotate -r selector mail-20261124-1",
    "begin": "Write your account, Region and names into {path}; then try it: {there}byodkim rotate -r selector mail-20261124-1 -p target sandbox",
    "copied": "A working copy is opened, which JupyterLab may save: {path}",
    "init": "Change to the project's folder, or make one with byodkim init.",
    "project.todo": "Name a folder that you may write to.",
    "request": "DNS request: {path} (TXT record at {name}).",
}
