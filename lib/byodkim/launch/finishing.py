"""The end of ``byodkim rotate``: the notebook looked through, given its name, and told as a page."""

from __future__ import annotations

import contextlib
import sys
from typing import TextIO

from papermill.iorw import load_notebook_node, write_ipynb

from byodkim.display.markup import visible
from byodkim.errors import ByodkimError
from byodkim.launch import record
from byodkim.launch.place import Place, abandoned
from byodkim.launch.unfinished import Watch, reason, stopped, tell
from byodkim.messages import Language, say


def finish(place: Place, watch: Watch, language: Language) -> bool:
    """Gives the notebook its name and says what the run came to. Whether all of that went well."""
    try:
        place.keep()
        place.release()
        told = record.make(place.final)
    except ByodkimError as error:
        _say(str(error), sys.stderr)
        return False
    except OSError as error:
        _say(say("rotate", "unfinished", language, path=place.working, reason=error.strerror or error), sys.stderr)
        return False
    _say("\n".join(told), sys.stdout)
    if why := reason(watch):
        _say(why, sys.stderr)
    return True


def complete_others(place: Place, language: Language) -> None:
    """Gives the notebooks of runs whose runner was killed their names, with what their journals tell."""
    for other in abandoned(place.final.parent):
        with contextlib.suppress(OSError, ValueError, ByodkimError):  # it stays where it is
            nb = load_notebook_node(str(other.working))
            stopped(nb)
            tell(nb, Watch(other.final))
            write_ipynb(nb, str(other.working))
            other.keep()
            other.release()
            record.make(other.final)
            _say(say("rotate", "completed", language, path=other.final), sys.stderr)


def _say(text: str, stream: TextIO) -> None:
    with contextlib.suppress(OSError):  # a terminal that was closed
        print(visible(text), file=stream)
