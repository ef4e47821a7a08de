"""Emulators of AWS that this project did not write, each as a process of its own, unchanged."""

import contextlib
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.dns.daemons import free_port

ROOT = Path(__file__).parents[2]
#: LocalStack asks for other versions than byodkim does. ``make prove`` makes its environment.
LOCALSTACK = ROOT / ".venv-localstack/bin/python"
LONGEST_S = 120.0


@contextlib.contextmanager
def emulator(kind: str, folder: Path) -> Iterator[str]:
    """Run ``moto`` or ``localstack`` with a folder of its own. The block is given its address."""
    folder.mkdir()
    address = f"127.0.0.1:{free_port()}"
    command: list[object] = [Path(sys.executable).with_name("moto_server")]
    command += ["-H", "127.0.0.1", "-p", address.rpartition(":")[2]]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    if kind == "localstack":
        command = [LOCALSTACK, "-m", "localstack.runtime.main"]
        environment |= {
            "GATEWAY_LISTEN": address,
            "SERVICES": "s3,secretsmanager,sts",
            "DISABLE_EVENTS": "1",
            "SKIP_SSL_CERT_DOWNLOAD": "1",
            "DNS_ADDRESS": "0",
            "LOCALSTACK_VOLUME_DIR": str(folder / "volume"),
        }
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(map(str, command)), cwd=folder, env=environment, stdout=output, stderr=output
        )
        try:
            _wait_until_it_answers(process, address, log)
            yield address
        finally:
            process.terminate()
            process.wait(60)


def _wait_until_it_answers(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + LONGEST_S
    while True:
        try:
            opener.open(f"http://{address}/", timeout=10).close()
        except urllib.error.HTTPError:  # an answer
            return
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        else:
            return
