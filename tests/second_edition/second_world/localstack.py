"""LocalStack's runtime as a child process, from an environment of its own."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.second_edition.dns.servers import free_port
from tests.second_edition.project.tracked import ROOT

PYTHON = ROOT / ".venv-localstack/bin/python"
LONGEST_S = 600


@contextmanager
def localstack(folder: Path) -> Iterator[str]:
    """A running LocalStack that keeps its files in ``folder``; the block is given its address."""
    port = free_port()
    env = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        "SERVICES": "s3,secretsmanager,sts,route53,kms", "EAGER_SERVICE_LOADING": "1", "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1", "DNS_ADDRESS": "0", "LOCALSTACK_VOLUME_DIR": str(folder / "volume"),
    }  # fmt: skip
    log = folder / "localstack.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [PYTHON, "-m", "localstack.runtime.main"], cwd=folder, env=env, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(600)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    ends = time.monotonic() + LONGEST_S
    while True:
        try:
            with opener.open(f"{url}/_localstack/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < ends, log.read_text()
            time.sleep(0.1)
