"""Render what is said of a run that was refused or failed, also in another language than the run's own."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import import_module
from itertools import product
from string import Formatter
from typing import Final, NamedTuple

from byodkim import messages
from byodkim.display.dns import wait_short
from byodkim.display.words import Words, of
from byodkim.evidence import by_message
from byodkim.evidence.by_message import Proved
from byodkim.evidence.record import Record
from byodkim.messages import Language, say, sentence, translated
from byodkim.rotation.findings import Finding, Verdict

#: Letters of its own that a sentence needs to be found by; what is longer than this was not written by a run.
LEAST: Final = 12
MOST: Final = 4000
#: What a value is not: three words in a row, or a Japanese one with its ending.
_PROSE: Final = {"en": re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}"), "ja": re.compile(r"[ぁ-ん]")}


def failure(record: Record, language: Language) -> tuple[str, str, str]:
    """Return what happened, what it means for mail, and what to do next."""
    begin, after = record.begin, record.after
    values = {"domain": begin["domain"], "selector": begin["selector"], "seen": "-"}
    key, means, todo = "not-in-use", "read.means" if record.last("read") else "written.means", "again"
    if after is not None:
        values |= {"seen": " ".join(after.selectors), "status": after.status, "origin": after.signing_origin or "-"}
        values["signing"] = str(after.signing_enabled).lower()
        if after.selector in ("", begin["selector"]) and not after.signs:
            key = "origin-other" if after.signing_enabled else "signing-off"
        elif record.given_up and (after.selector == begin["selector"] or not after.selectors):
            key = "given-up"
    if key != "not-in-use":
        means, todo = f"{key}.means", f"{key}.todo"
    what, means, todo = (say("steps", name, language, **values) for name in (key, means, todo))
    return what, means, todo


def refusal(findings: Iterable[Finding], record: Record, words: Words) -> tuple[str, str] | None:
    """Return which check refuses a run and what to do; ``None`` where none of the findings stops it."""
    # What failed is named before what could only not be looked at because of it.
    stopping = sorted((one for one in findings if one.stops), key=lambda one: one.verdict is not Verdict.FAIL)
    if not stopping:
        return None
    first, *others = stopping
    names = [other.id for other in others if other.verdict is first.verdict]
    todo = words.phrase(first.remedy or "")
    if short := wait_short(record, words):
        todo += short if words.language == "ja" else f" {short}"
    also = say("steps", f"refused.also.{first.verdict}", words.language, names=", ".join(names)) if names else ""
    return say("steps", "refused", words.language, also=also, **_found(first, words)), todo


def unproved(record: Record, words: Words) -> tuple[str, str, str] | None:
    """Return the error of a run whose message speaks against the switch, or does not prove it; else ``None``."""
    proved, language = by_message.proved(record), words.language
    if proved not in (Proved.FAILED, Proved.OPEN):
        return None
    key, verdict = ("failed", Verdict.FAIL) if proved is Proved.FAILED else ("missing", Verdict.UNKNOWN)
    first = next(one for one in by_message.findings(record) if one.verdict is verdict)
    values = {"selector": record.begin["selector"], "status": record.after.status if record.after else "-"}
    what = say("message", key, language, **values, **_found(first, words))
    todo = words.phrase(first.remedy or "")
    if proved is Proved.FAILED:
        back = "failed.todo" if record.left else "failed.todo-unknown"
        todo += ("" if language == "ja" else " ") + say("message", back, language, left=record.left or "-")
    return what, say("message", f"{key}.means", language), todo


def _found(finding: Finding, words: Words) -> dict[str, str]:
    return {
        "id": finding.id,
        "claim": words.sentence(finding.claim),
        "expected": words.phrase(finding.expected),
        "seen": words.phrase(finding.observed).rstrip(".。"),
    }


def recorded(record: Record, words: Words) -> tuple[str, str, str] | None:
    """Return the three sentences of the error that ended a run, in the reader's language as far as they are known.

    The journal has them as the run said them. A refusal and a message that proves nothing are said again from their
    findings; of another error, the catalogue's sentence is looked for that says the same.
    """
    error = record.closed["error"] if record.closed else None
    if error is None:
        return None
    what, means, todo = error["what"], error["means"], error["todo"]
    if record.begin.get("language", words.language) == words.language:
        return what, means, todo
    own = of(record.begin)
    if unproved(record, own) == (what, means, todo):
        return unproved(record, words)
    if refusal(record.findings, record, own) == (what, todo):
        what, todo = refusal(record.findings, record, words) or (what, todo)
        return what, reworded(means, own.language, words.language) or means, todo
    known = [reworded(text, own.language, words.language) for text in (what, means, todo)]
    if None in known:
        return what, means, todo
    return known[0] or "", known[1] or "", known[2] or ""


def reworded(text: str, source: Language, target: Language) -> str | None:
    """Return a sentence of the catalogue, with its values, in another language; ``None`` for other text.

    A value that is prose has to be such a sentence too: what only looks like one of them is not cut to pieces.
    """
    exact = translated(text, target) if source == "en" else text
    if exact != text or not text:
        return exact
    for said in _catalogue(source) if len(text) <= MOST else ():
        values = _values(said.parts, text)
        changed = {name: _value(value, source, target) for name, value in (values or {}).items()}
        if values is not None and None not in changed.values():
            return sentence(said.topic, said.key, target, said.number).format_map(changed)
    return None


def _value(text: str, source: Language, target: Language) -> str | None:
    return reworded(text, source, target) or (None if _PROSE[source].search(text) else text)


class _Said(NamedTuple):
    """A sentence of the catalogue, for one thing or several, and its parts in one language, text and name by turns."""

    topic: str
    key: str
    number: int
    parts: Sequence[tuple[str, str | None]]

    @property
    def letters(self) -> int:
        """Return how much of it is not values."""
        return sum(len(literal) for literal, _ in self.parts)

    @property
    def findable(self) -> bool:
        """Return whether it has enough text of its own, and more than a sign between any two values."""
        between = [literal for literal, _ in self.parts[1:-1]]
        return self.letters >= LEAST and all(len(literal) > 1 or literal == " " for literal in between)


@cache
def _catalogue(language: Language) -> Sequence[_Said]:
    """Return every sentence that can be found by its text, the longest first."""
    found = []
    for module in pkgutil.iter_modules(messages.__path__):
        topic = import_module(f"{messages.__name__}.{module.name}")
        for key, count in product(topic.TEXTS, (1, 2)):
            parsed = Formatter().parse(sentence(module.name, key, language, count))
            found.append(_Said(module.name, key, count, [(literal, name) for literal, name, _, _ in parsed]))
    return sorted((one for one in found if one.findable), key=lambda one: -one.letters)


def _values(parts: Sequence[tuple[str, str | None]], text: str) -> dict[str, str] | None:
    """Return the values in ``text`` by their names, in one pass; ``None`` where it is another sentence."""
    values: dict[str, str] = {}
    for place, (literal, name) in enumerate(parts):
        if not text.startswith(literal):
            return None
        text = text[len(literal) :]
        if name is None:
            continue
        following, then = parts[place + 1] if place + 1 < len(parts) else ("", None)
        end = text.find(following, 1) if then else len(text) - len(following)
        if end < 0 or values.setdefault(name, text[:end]) != text[:end]:
            return None
        text = text[end:]
    return values if not text else None
