"""The notebook's parameters, validated before anything is touched. One clear paragraph for a wrong one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, get_args

import msgspec
from msgspec import Meta, Struct

from byodkim.errors import ParameterError
from byodkim.messages import Language, say

Mode = Literal["plan", "apply"]
# papermill injects these two by itself when asked to (--inject-paths).
PAPERMILL_PATHS: Final = frozenset({"PAPERMILL_INPUT_PATH", "PAPERMILL_OUTPUT_PATH"})
UNSET_MINUTES: Final = -1


class Parameters(Struct, frozen=True, kw_only=True):
    """What the parameters cell holds. An empty string (or -1 minutes) takes the profile's value, then the default."""

    selector: str
    profile: str = "default"
    domain: str = ""
    region: str = ""
    secret_id: str = ""
    key_bucket: str = ""
    aws_profile: str = ""
    store_region: str = ""
    store_profile: str = ""
    mode: Mode = "plan"
    target: Annotated[str, Meta(pattern=r"\A(aws|sandbox(:[a-z0-9-]+)?)\Z")] = "aws"
    endpoint_url: Annotated[str, Meta(pattern=r"\A(https?://[^\s/]+/?)?\Z")] = ""
    nameservers: str = ""
    wait_dns_minutes: Annotated[int, Meta(ge=UNSET_MINUTES, le=14 * 24 * 60)] = UNSET_MINUTES
    wait_minutes: Annotated[int, Meta(ge=UNSET_MINUTES, le=72 * 60)] = UNSET_MINUTES
    language: Literal["", "en", "ja"] = ""
    reason: str = ""
    ticket: str = ""
    requested_by: str = ""
    waive: str | list[str] = ""
    approved: str = ""
    message: str = ""
    identities: str = ""
    canary: str = "1%"
    wave: Annotated[int, Meta(ge=1, le=100_000)] = 100
    pause_minutes: Annotated[int, Meta(ge=0, le=7 * 24 * 60)] = 15
    stop_after: Annotated[int, Meta(ge=0, le=100_000)] = 0
    at_once: Annotated[int, Meta(ge=0, le=512)] = 0
    lane: Annotated[str, Meta(pattern=r"\A([^\s/]+/[^\s/]+)?\Z")] = ""
    last_wave: Annotated[int, Meta(ge=0, le=100_000)] = 0


#: By which AWS is reached: where the identity is, and where secret and private key are.
REACHED_BY: Final = ("region", "aws_profile", "store_region", "store_profile", "endpoint_url")
FIELDS: Final = {field.name: field for field in msgspec.structs.fields(Parameters)}


@dataclass(frozen=True)
class Cell:
    """The parameters cell of a procedure's notebook: the names in it, and whether a selector must be given."""

    names: tuple[str, ...]
    needs_selector: bool = True


#: By the procedure's name. All are fields of ``Parameters``: one that rotate does not take is left out of its names.
_OF_ROTATE: Final = ("wait_dns_minutes", "wait_minutes", "approved", "message")
#: What a campaign is told of itself, and what is each identity's own.
OF_FLEET: Final = ("identities", "canary", "wave", "pause_minutes", "stop_after", "at_once", "lane", "last_wave")
_OF_ONE: Final = ("domain", "wait_dns_minutes", "message", "waive")
_SHARED: Final = tuple(name for name in FIELDS if name not in OF_FLEET)
CELLS: Final[Mapping[str, Cell]] = {
    "rotate": Cell(_SHARED),
    "prepare": Cell(tuple(name for name in _SHARED if name not in _OF_ROTATE), needs_selector=False),
    "retire": Cell(tuple(name for name in _SHARED if name == "wait_dns_minutes" or name not in _OF_ROTATE)),
    "fleet": Cell(tuple(name for name in FIELDS if name not in _OF_ONE), needs_selector=False),
}


def parse(given: Mapping[str, Any], procedure: str = "rotate") -> Parameters:
    """The parameters, if every name is one of the procedure's and every value has the form it must have.

    Raises:
        ParameterError: one paragraph on the first thing that is wrong.
    """
    language: Language = "ja" if given.get("language") == "ja" else "en"
    cell = CELLS[procedure]
    if unknown := [name for name in given if name not in cell.names]:
        raise _unknown(unknown[0], cell.names, language)
    try:
        return msgspec.convert(dict(given) if cell.needs_selector else {"selector": "", **given}, Parameters)
    except msgspec.ValidationError as problem:
        # Its text stays out: what was typed may be a secret in the wrong place.
        name = place(problem)
        raise _wrong(name, given.get(name), language) from None


def place(problem: msgspec.ValidationError) -> str:
    """The name of the field that is wrong or missing, "" where it is not about one."""
    # At its very end: what comes before it may quote the value.
    found = re.search(r"`\$\.(\w+)[^`]*`\Z|\AObject missing required field `(\w+)`\Z", str(problem))
    return (found[1] or found[2]) if found else ""


def waivers(written: str | list[str], known: Mapping[str, bool], language: Language) -> dict[str, str]:
    """Reasons by check ID. ``written``: ``"ID: reason; ID: reason"``, or a list of ``"ID: reason"``.

    Args:
        written: the parameter ``waive``.
        known: whether it may be waived, by check ID.
        language: of the error.

    Raises:
        ParameterError: no reason, an unknown ID, or a check that can't be waived.
    """
    entries = written if isinstance(written, list) else re.split(r"[;\n](?=\s*[A-Z0-9]+(?:-[A-Z0-9]+)+\s*:)", written)
    found: dict[str, str] = {}
    for entry in filter(None, (entry.strip(" ;\n") for entry in entries)):
        identifier, _, reason = (part.strip() for part in entry.partition(":"))
        problem = _waiver_problem(identifier, reason, known)
        if other := _swallowed(reason, known):
            raise error("waive.swallowed", language, entry=identifier[:40], other=other)
        if problem:
            near = ", ".join(difflib.get_close_matches(identifier.upper(), known, 3)) or ", ".join(sorted(known))
            raise error(f"waive.{problem}", language, entry=identifier[:40], known=near)
        found[identifier] = reason
    return found


def _swallowed(reason: str, known: Mapping[str, bool]) -> str:
    """Another waiver that a reason would swallow, as its ID or what stands around it was not written as it should."""
    others = re.findall(r"[;；,、\s]\s*([A-Za-z0-9]+(?:-[A-Za-z0-9]+)+)\s*[:：]", reason)
    return next((other for other in others if other.upper() in known), "")


def _waiver_problem(identifier: str, reason: str, known: Mapping[str, bool]) -> str:
    if identifier not in known:
        return "unknown"
    if not known[identifier]:
        return "never"
    return "" if reason else "no-reason"


def error(sentence: str, language: Language, /, **values: object) -> ParameterError:
    """The paragraph ``sentence`` of the catalogue ``parameters``, which ends by saying that nothing was touched."""
    return ParameterError(
        say("parameters", sentence, language, **values), say("parameters", "untouched", language)
    )  # fmt: skip


def _unknown(name: str, known: Sequence[str], language: Language) -> ParameterError:
    near = difflib.get_close_matches(name, known, 1)
    hint = say("parameters", "near", language, near=near[0]) if near else ""
    return error("unknown", language, name=name[:40], hint=hint, known=", ".join(known))


def _wrong(name: str, value: object, language: Language) -> ParameterError:
    if choices := [choice for choice in get_args(FIELDS[name].type) if isinstance(choice, str) and choice]:
        return error("choice", language, name=name, choices=" | ".join(choices))
    if name in _COUNTS:
        return error("count", language, name=name, least=_COUNTS[name][0], most=_COUNTS[name][1])
    if isinstance(value, int | float) and name not in ("wait_dns_minutes", "wait_minutes"):
        sentence = "truth" if isinstance(value, bool) else "number"
        return error(sentence, language, name=name, value=str(value)[:40])
    return error(
        name if name in ("target", "endpoint_url", "wait_dns_minutes", "wait_minutes", "waive", "lane") else "text",
        language,
        name=name,
    )


#: The least and the most that a whole number of a campaign may be.
_COUNTS: Final = {
    "wave": (1, 100_000), "pause_minutes": (0, 10_080), "stop_after": (0, 100_000), "at_once": (0, 512),
    "last_wave": (0, 100_000),
}  # fmt: skip
