"""Define how an account is reached: what an Airflow Connection of type ``aws`` sets for the command ``byodkim``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

ROLE: Final = "byodkim-role"
#: What is Airflow's own, the way to its database among it.
OWN: Final = ("AIRFLOW", "_AIRFLOW")


def environment(around: Mapping[str, str], connection: Any, folder: Path) -> tuple[dict[str, str], str]:
    """Return the command's environment, and its parameter ``aws_profile``.

    Args:
        around: Airflow's environment.
        connection: the Connection; ``None`` where there is none, so that boto3's own chain counts.
        folder: where the profile of a role is written, which holds no key.
    """
    found = {name: value for name, value in around.items() if not name.startswith(OWN)} | {"PYTHONUNBUFFERED": "1"}
    if connection is None:
        return found, ""
    extra = connection.extra_dejson
    if connection.login:
        keys = connection.login, connection.password or "", extra.get("aws_session_token", "")
        found |= dict(zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), keys, strict=True))
    if not extra.get("role_arn"):
        return found, extra.get("profile_name", "")
    source = "Environment" if connection.login else extra.get("credential_source", "Ec2InstanceMetadata")
    lines = [f"[profile {ROLE}]", f"role_arn = {extra['role_arn']}", f"credential_source = {source}"]
    lines += [f"external_id = {extra['external_id']}"] if extra.get("external_id") else []
    path = folder / f"{connection.conn_id}.aws-config"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*lines, ""]), "utf-8")
    return found | {"AWS_CONFIG_FILE": str(path)}, ROLE
