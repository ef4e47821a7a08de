"""What a notebook shows of its run's seal held against the seal, its timestamp and its copies.

Which copies a run makes as it closes follows from its journal, so that this can be told without the list of them, which
lies beside the journal and in no copy. Where the list is there, it must name each that is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from byodkim.display.notebook import Shown
from byodkim.display.sealed import sealed
from byodkim.display.words import Words
from byodkim.errors import ByodkimError
from byodkim.evidence import upload
from byodkim.evidence.archived import text_of
from byodkim.evidence.journal import Account
from byodkim.evidence.seal import MEANS, Seal, Sealed
from byodkim.messages import Language
from byodkim.messages.seal import TEXTS

#: What could not be done when the run closed, and may have been made up for since.
FAULTS: Final = ("key", "make", "stamp", "archive", "head")


def alternatives(
    account: Account, seal: Seal | None, stamped: datetime | None, shown: Mapping[str, Any], words: Words
) -> Iterator[Mapping[str, Any]]:
    """What may stand in the place of ``shown``: the seal as it is, and as it was when something was still missing."""
    faults = [ByodkimError(text) for text in faults_in(text_of(shown.get("text/plain", "")), words.language)]
    copies = _copies(account)
    # A run that says of nothing that it could not be done has made them all.
    counts = range(len(copies), -1, -1) if faults else (len(copies),)
    for at in dict.fromkeys((stamped, None)):
        for count in counts:
            yield Shown(sealed(Sealed(seal, tuple(faults), at, copies[:count]), words)).bundle()
    if faults:
        yield Shown(sealed(Sealed(None, tuple(faults)), words)).bundle()


def _copies(account: Account) -> tuple[dict[str, Any], ...]:
    """The copies that the run can have shown: those foreseen, each named by the list where there is one."""
    places = upload.foreseen(account.path, account.events[0])
    if places and upload.path_of(account.path).exists():
        listed = {str(copy.get("place")) for copy in upload.copies(account.path)}
        places = [place for place in places if place in listed]
    return tuple({"place": place} for place in places)


def faults_in(plain: str, language: Language) -> list[str]:
    """The sentences among what is shown that say what could not be done. Their values cannot be told anew."""
    return [text for text in plain.split("\n\n") if _pattern(language).fullmatch(text)]


@lru_cache(2)
def _pattern(language: Language) -> re.Pattern[str]:
    place = 1 if language == "ja" else 0
    codes = [code for code in TEXTS if code.partition(".")[0] in FAULTS and f"{code}.todo" in TEXTS]
    found = []
    for code in codes:
        means = MEANS.get(code.partition(".")[0], "")
        parts = [TEXTS[key][place] for key in (code, means, f"{code}.todo") if key]
        text = ByodkimError(*parts).diagnostics()
        found.append("[^\n]{0,300}?".join(map(re.escape, re.split(r"\{\w+\}", text))))
    return re.compile("|".join(found))
