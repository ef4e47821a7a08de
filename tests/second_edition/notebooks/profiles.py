"""The target ``aws``: a byodkim.toml, credentials from the environment, and the sandbox in AWS's place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from second_edition.sandbox.client import Facts
from tests.second_edition.notebooks.runs import AWS, Ran
from tests.second_edition.notebooks.stage import Stage


def write_profile(folder: Path, facts: Facts, section: str = "default", without: str = "", **values: Any) -> None:
    """Write byodkim.toml into a folder: what the sandbox is about, with other values or without one of them."""
    settings = {
        "account": facts.account,
        "region": facts.region,
        "domain": facts.domain,
        "secret_id": facts.secret_id,
        "key_bucket": facts.key_bucket,
        "nameservers": facts.nameservers,
        "ses_requests_per_second": 100.0,
        **values,
    }
    lines = [f"{name} = {value!r}" for name, value in settings.items() if name != without]
    (folder / "byodkim.toml").write_text("\n".join([f"[{section}]", *lines, ""]), "utf-8")


class AwsStage:
    """Runs that believe they act on AWS."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.profile(section="default")

    def profile(self, *, section: str, without: str = "", **values: Any) -> None:
        """Writes byodkim.toml: what the sandbox is about, with other values or without one of them."""
        timed = {"wait_minutes": 1, "late_write_seconds": 3}
        write_profile(self.stage.folder, self.stage.sandbox.facts, section, without, **timed | values)

    def run(self, *words: str, endpoint_url: str = "", **options: Any) -> Ran:
        """A run with this profile."""
        facts = self.stage.sandbox.facts
        at = ("-p", "endpoint_url", endpoint_url or facts.endpoint_url, "-r", "selector", facts.next_selector)
        env = {**AWS, **options.pop("env", {})}
        return self.stage.runner.papermill(*at, *words, env=env, **options)

    def apply(self, *words: str, **options: Any) -> Ran:
        """The same in apply mode."""
        return self.run("-p", "mode", "apply", *words, **options)
