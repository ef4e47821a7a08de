"""The policy that a verifier holds an archive to: a TOML file, or the table ``policy`` of ``byodkim.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from byodkim.errors import ParameterError
from byodkim.evidence.verification_policy import Policy
from byodkim.intent.templates import CODE
from byodkim.messages import Language, say
from byodkim.settings import PublicKey

SHIPPED: Final = "shipped"
Template = Annotated[str, Meta(pattern=r"\A(shipped|[0-9a-f]{64})\Z")]


class Written(Struct, frozen=True, forbid_unknown_fields=True):
    """A policy as it is written."""

    trusted_keys: list[str] = []
    approvals: Annotated[int, Meta(ge=0, le=9)] = 0
    approvers: dict[str, PublicKey] = {}
    timestamps: bool = False
    timestamp_roots: str = ""
    templates: list[Template] = []
    newest_run_days: Annotated[int, Meta(ge=0, le=36500)] = 0
    waivers: list[str] = []
    witness: Literal["", "required"] = ""

    @property
    def required(self) -> Policy:
        """Return what each run must satisfy."""
        known = frozenset(code for one in self.templates for code in (CODE.values() if one == SHIPPED else (one,)))
        waivers = frozenset(self.waivers)
        return Policy(self.approvals, self.timestamps, known, self.newest_run_days, waivers, bool(self.witness))


@dataclass(frozen=True)
class Found:
    """A policy, and the file that it stands in: names of other files lead from its folder."""

    path: Path
    written: Written


def read(path: Path, language: Language) -> Found:
    """Read a policy's file.

    Raises:
        ParameterError: it cannot be read, or is no policy.
    """
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _wrong(path, error.strerror or str(error), language) from None
    except ValueError as error:  # no TOML, or no UTF-8
        raise _wrong(path, str(error), language) from None
    return of(told, path, language)


def of(told: Mapping[str, Any], path: Path, language: Language) -> Found:
    """Return the policy in a table.

    Raises:
        ParameterError: it is none, or could never be satisfied.
    """
    try:
        written = msgspec.convert(dict(told), Written)
    except msgspec.ValidationError as error:
        raise _wrong(path, str(error), language) from None
    if lacking := _lacking(written):
        raise _wrong(path, lacking, language)
    return Found(path, written)


def _lacking(written: Written) -> str:
    """Return the key without which another one means nothing; "" where none lacks."""
    if len(set(written.approvers.values())) < max(len(written.approvers), written.approvals):
        return "approvers"
    return "timestamp_roots" if written.timestamps and not written.timestamp_roots else ""


def _wrong(path: Path, key: str, language: Language) -> ParameterError:
    what = say("verify", "asked.policy", language, path=path, text=key)
    return ParameterError(what, say("verify", "asked.todo", language))
