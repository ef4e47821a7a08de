"""The exact shape of a notebook whose run was refused or stopped before there was a journal. No other counts as one.

What such a notebook shows is signed by nobody, so it must show nothing but that.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from byodkim.messages import LANGUAGES, say
from byodkim.rotation.outcome import Outcome

Json = Mapping[str, Any]

_HEADLINE: Final = re.compile(r"\bsteps\.headline\(\)\s*\Z")
_ERROR: Final = {"output_type", "ename", "evalue", "traceback"}
_SHOWN: Final = {"output_type", "data", "metadata"}
_MIMES: Final = {"text/html", "text/markdown", "text/plain"}
_TAG: Final = re.compile(r"</?(?:h3|p|b)>")
_ANY_TAG: Final = re.compile(r"<[^>]*>")
_VERDICT: Final = re.compile(rf"\W*(?:[^\s（]*（)?(?:{'|'.join(Outcome)})\b")
_SPELLED: Final = re.compile(r"‹U\+([0-9A-F]{4,6})›")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")
#: Where a page says what a run came to.
_OUTCOME: Final = 'class="outcome"'
_TITLE: Final = re.compile(r"<h1[^>]*>.*?</h1>", re.DOTALL)


def is_unbegun(cells: Sequence[Json]) -> bool:
    """Return whether the cells show a run that was refused or stopped before it began, and nothing else.

    Outputs are below the headline's cell and the one that failed, which is the last that was executed.
    """
    try:
        return _has_shape(cells)
    except (LookupError, TypeError, ValueError, AttributeError):
        return False


def says_unbegun(page: Path) -> bool:
    """Return whether a page says that no run began; ``True`` where there is no page."""
    try:
        text = page.read_text("utf-8")
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    title = _TITLE.search(text[text.find("<body") :])
    never = [html.escape(say("page", "never-begun", one), quote=False) for one in LANGUAGES]
    never += [html.escape(say("record", "unfinished", one), quote=False) for one in LANGUAGES]
    return title is not None and text.count(_OUTCOME) == 1 and any(one in html.unescape(title[0]) for one in never)


def shows_outcome(cells: Sequence[Json]) -> bool:
    """Return whether an output begins as a run's verdict does."""
    shown = [output.get("data") or {} for cell in cells for output in cell.get("outputs") or ()]
    texts = ("".join(text) for data in shown for mime, text in data.items() if mime in _MIMES)
    return any(_VERDICT.match(_ANY_TAG.sub(" ", text)) for text in texts)


def _has_shape(cells: Sequence[Json]) -> bool:
    if any(cell.get("outputs") for cell in cells if cell.get("cell_type") != "code"):
        return False
    code = [cell for cell in cells if cell.get("cell_type") == "code"]
    failed = [cell for cell in code if cell["outputs"] and _is_error(cell["outputs"][-1])]
    if len(failed) > 1 or (failed and not _is_last(failed[0], code)):
        return False
    error = failed[0]["outputs"][-1] if failed else None
    if error is not None and not _is_as_written(error):
        return False
    headline = next((cell for cell in code if _HEADLINE.search("".join(cell["source"]))), None)
    allowed = set(_headlines(error))
    for cell in code:
        shown = cell["outputs"][:-1] if cell in failed else cell["outputs"]
        if shown and (cell is not headline or len(shown) > 1 or not _shows_one_of(shown[0], allowed)):
            return False
    return True


def _is_error(output: Json) -> bool:
    return output.get("output_type") == "error"


def _is_last(failed: Json, code: Sequence[Json]) -> bool:
    counts = [cell["execution_count"] for cell in code if cell.get("execution_count") is not None]
    return not counts or failed.get("execution_count") == max(counts)


def _is_as_written(error: Json) -> bool:
    """Return whether an error has the three parts that a step's error leaves."""
    name, text = error["ename"], error["evalue"]
    return error.keys() == _ERROR and bool(_NAME.fullmatch(name)) and error["traceback"] == [f"{name}: {text}"]


def _headlines(error: Json | None) -> Iterator[str]:
    """Yield the letters of what may stand in the headline's place."""
    yield _letters("".join(say("record", "unfinished", one) for one in LANGUAGES))
    yield _letters("".join(say("record", "outcome.none", one) + say("rotate", "unbegun", one) for one in LANGUAGES))
    if error is not None:
        yield _letters(f"REFUSED {error['evalue']}")
        yield _letters(f"REFUSED {error['ename']}")


def _shows_one_of(output: Json, allowed: set[str]) -> bool:
    """Return whether an output says one of these in each of its forms, and nothing else."""
    data = output.get("data")
    if output.keys() != _SHOWN or output["metadata"] != {} or not data or not data.keys() <= _MIMES:
        return False
    said = {_letters(_unmarked(mime, "".join(text))) for mime, text in data.items()}
    return len(said) == 1 and said <= allowed


def _unmarked(mime: str, text: str) -> str:
    """Return text without its markup. A tag that no headline has stays, and its letters with it."""
    return text if mime == "text/plain" else html.unescape(_TAG.sub("", text))


def _letters(text: str) -> str:
    plain = _SPELLED.sub(lambda found: chr(int(found[1], 16)), text)
    return "".join(filter(str.isalnum, plain))
