"""Profiles: sections of ``byodkim.toml`` with the defaults of one identity, found from the working folder upwards."""

from __future__ import annotations

import base64
import difflib
import re
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from byodkim.errors import ParameterError
from byodkim.intent.parameters import error
from byodkim.messages import Language

FILE = "byodkim.toml"
APPROVER = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")  # a name that can stand in a file's name


class Profile(BaseModel):
    """One section. ``account`` (12 digits) is what keeps a run out of the wrong account."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    account: str = Field(default="", pattern=r"^(\d{12})?$")
    region: str = ""
    domain: str = ""
    secret_id: str = ""
    key_bucket: str = ""
    aws_profile: str = ""
    endpoint_url: str = ""
    nameservers: str = ""
    resolvers: str = ""
    encrypted_resolvers: str = ""
    encrypted_dns_is_evidence: bool = False
    wait_dns_minutes: int = Field(default=0, ge=0, le=14 * 24 * 60)
    wait_minutes: int = Field(default=10, ge=0, le=72 * 60)
    language: Literal["en", "ja"] = "en"
    timezone: str = ""
    archive: str = "outputs"
    ttl: int = Field(default=3600, ge=60, le=86400)
    ses_requests_per_second: float = Field(default=1.0, gt=0, le=100)
    lock: Literal["local", "s3"] = "local"
    lock_dir: str = ""
    approvals: int = Field(default=0, ge=0, le=9)
    approvers: dict[str, str] = Field(default={})
    seal_key: str = Field(default="", pattern=r"^(arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)/[\w/-]+)?$")
    sealing_keys: list[str] = Field(default=[])
    timestamp_url: str = Field(default="", pattern=r"^(https?://[^\s]+)?$")
    timestamp_roots: str = ""
    archive_s3: str = Field(default="", pattern=r"^(s3://[a-z0-9][a-z0-9.-]+(/[\w!.*'()/-]*)?)?$")
    archive_retention_days: int = Field(default=0, ge=0, le=36500)

    @field_validator("approvers")
    @classmethod
    def _people(cls, approvers: dict[str, str]) -> dict[str, str]:
        """Ed25519 public keys (base64 of 32 bytes) by name, one a person."""
        keys = [base64.b64decode(key, validate=True) for key in approvers.values()]
        sound = all(map(APPROVER.fullmatch, approvers)) and all(len(key) == 32 for key in keys)
        if not sound or len(set(keys)) < len(keys):
            raise ValueError("approvers")
        return approvers


def find(start: Path) -> Path | None:
    """The nearest ``byodkim.toml``, from ``start`` up to the root."""
    return next((folder / FILE for folder in (start, *start.parents) if (folder / FILE).is_file()), None)


def load(name: str, start: Path, language: Language) -> tuple[Profile, Path | None]:
    """The section ``name`` of the nearest ``byodkim.toml``, and where that is.

    Without a file, ``default`` is an empty profile.

    Raises:
        ParameterError: the file is not TOML, lacks the section, or a key of it is wrong.
    """
    path = find(start)
    if path is None:
        if name != "default":
            raise error("profile.no-file", language, name=name, file=FILE)
        return Profile(), None
    try:
        sections = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise error("profile.not-toml", language, file=FILE, problem=str(problem)) from None
    section = sections.get(name, {} if name == "default" else None)
    if not isinstance(section, dict):
        raise error("profile.no-section", language, name=name, file=FILE, known=", ".join(sections))
    try:
        return Profile(**section), path
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_input=False)[0]
        raise _wrong(name, str(first["loc"][0]), first["type"], language) from None


def _wrong(section: str, key: str, kind: str, language: Language) -> ParameterError:
    if kind == "extra_forbidden":
        near = ", ".join(difflib.get_close_matches(key, Profile.model_fields, 1)) or ", ".join(Profile.model_fields)
        return error("profile.unknown", language, name=section, key=key[:40], known=near, file=FILE)
    return error("profile.wrong", language, name=section, key=key, file=FILE)
