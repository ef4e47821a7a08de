"""Words of the commands that run a notebook, such as ``byodkim rotate``."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "no-notebook": "There is no notebook {path} here or above.",
    "no-notebook.todo": "Change to the project's folder, make one with byodkim init, or name the notebook with --notebook.",
    "other-notebook": "{path} is no notebook of byodkim {procedure}.",
    "other-notebook.todo": "byodkim init in another folder writes the notebook of each command: name that one, or a copy of it, with --notebook.",
    "exists": "it exists already",
    "no-name": "its name begins with a dot, or does not end in .ipynb",
    "no-folder": "its folder does not exist",
    "unread": "{path} cannot be read ({reason}).",
    "no-parameters": "{path} holds no parameters: it must be YAML, one name: value a line, and each name once.",
    "torn": "it is not whole",
    "unbegun": "This run was stopped before it began: there is no journal, and SES was not touched. Run the same command again.",
    "completed": "An earlier run was killed; its record is complete now, as far as it came: {path}",
    "unfinished": "The notebook could not be put in its place ({reason}); what there is of it lies at {path}. The journal tells the run.",
    "unfinished.todo": "Make room, then run the same command again: it looks at what SES has, does what is missing, and puts this notebook in its place.",
}
