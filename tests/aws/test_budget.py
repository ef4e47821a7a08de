"""The shared budget: real processes over one file, and what happens to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from byodkim.aws import budget as budgets
from byodkim.aws import identity
from byodkim.aws.budget import MARGIN, Budget, State, file_of
from byodkim.aws.session import WRITE, Clients, Settings
from byodkim.sandbox.client import Sandbox
from tests.custody.loopback import serving, status

GOOD = b'{"IdentityType": "DOMAIN", "DkimAttributes": {"Tokens": ["a"], "Status": "PENDING", "SigningEnabled": true}}'
CALLING = """
import sys, time
from pathlib import Path
from byodkim.aws.budget import Budget
budget = Budget(Path(sys.argv[1]), float(sys.argv[2]))
print("ready", flush=True)
until = time.monotonic() + float(sys.argv[3])
while time.monotonic() < until:
    budget.wait()
    print(time.monotonic(), flush=True)
"""


class Clock:
    """A clock that only sleeping moves; ``during`` is called while it sleeps."""

    def __init__(self) -> None:
        self.now, self.slept = 1000.0, []  # type: ignore[var-annotated]
        self.during: Callable[[], object] = lambda: None

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds
        during, self.during = self.during, lambda: None
        during()


def calling(path: Path, rate: float, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CALLING, str(path), str(rate), str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def made(path: Path, clock: Clock, rate: float = 1 + MARGIN) -> Budget:
    """One call a second, but for another rate."""
    return Budget(path, rate, clock, clock.sleep)


def test_four_processes_share_one_rate_and_use_it(tmp_path: Path) -> None:
    """Never more than 10 % above it in any second (a sleeper wakes up late, now and then), at least 95 % in all."""
    rate, seconds = 20.0, 5.0
    children = [calling(tmp_path / "state" / "ses.budget", rate, seconds) for _ in range(4)]
    outputs = [child.communicate(timeout=60)[0].splitlines() for child in children]
    assert all(lines[0] == "ready" and len(lines) > 5 for lines in outputs)
    at = sorted(float(line) for lines in outputs for line in lines[1:])
    # Until the first of them stops: then fewer are left to use it.
    last = min(float(lines[-1]) for lines in outputs)
    at = [moment for moment in at if moment <= last]
    assert (len(at) - 1) / (at[-1] - at[0]) <= rate
    assert (len(at) - 1) / (at[-1] - at[0]) >= 0.95 * rate
    busiest = max(sum(start <= moment < start + 1 for moment in at) for start in at)
    assert busiest <= rate * 1.1


def test_who_is_killed_holds_up_nobody(tmp_path: Path) -> None:
    path = tmp_path / "ses.budget"
    victims = [calling(path, 5.0, 60) for _ in range(3)]
    for one in victims:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
        assert float(one.stdout.readline()) > 0  # it has made a call, and taken the moment of the next one
    for one in victims:
        one.send_signal(signal.SIGKILL)
        one.communicate()
    started = time.monotonic()
    Budget(path, 5.0).wait()
    assert time.monotonic() - started < 4 * (1 + MARGIN) / 5 + 0.5  # the moments that they had taken, at most


def test_who_is_stopped_with_the_file_in_hand_holds_up_nobody_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ses.budget"
    monkeypatch.setattr(budgets, "PATIENCE", 0.1)
    program = (
        "import fcntl, os, sys, time\nfile = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)\n"
        "fcntl.flock(file, fcntl.LOCK_EX)\nprint('held', flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        clock = Clock()
        budget = made(path, clock)
        for _ in range(3):
            budget.wait()
        assert clock.slept == [1.0, 1.0]  # at its own pace
        holder.kill()


def test_unused_time_is_not_saved_up(tmp_path: Path) -> None:
    clock = Clock()
    budget = made(tmp_path / "ses.budget", clock)
    for _ in range(3):
        budget.wait()
    clock.now += 60
    budget.wait()
    budget.wait()
    assert clock.slept == [1.0, 1.0, 1.0]


def test_a_refusal_slows_everybody_down_and_passes(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "ses.budget"
    one, other = made(path, clock), made(path, clock)
    one.wait()
    other.refused()
    one.refused()  # of a call that was under way: it is the same refusal
    for _ in range(12):
        one.wait()
    assert clock.slept[:4] == [2.0, 2.0, 1.6, 1.28]
    assert clock.slept[-1] == 1.0


def test_who_leaves_late_is_not_followed_too_soon_and_it_is_made_good(tmp_path: Path) -> None:
    """Signing took the first call 20 ms more than the others: each that follows makes half a margin of that good."""
    clock, path = Clock(), tmp_path / "ses.budget"
    budget = Budget(path, 1.0, clock, clock.sleep)
    left = []
    for late in (0.0, 0.02, 0.0, 0.0, 0.0, 0.0, 0.0):
        budget.wait()
        clock.now += late
        budget.leave()
        left.append(clock.now)
    apart = [round(after - before, 6) for before, after in pairwise(left)]
    assert apart == [1.03, 1.005, 1.005, 1.005, 1.005, 1.01]


def test_an_answer_that_takes_longer_than_usual_tells_of_a_call_that_came_late(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "ses.budget"
    budget = Budget(path, 1.0, clock, clock.sleep)
    left = []
    for seconds, write in ((0.1, False), (0.2, True), (0.15, False), (0.1, True), (0.9, False), (0.1, True)):
        budget.wait()
        budget.leave()
        left.append(clock.now)
        clock.now += seconds
        budget.took(seconds, write=write)
    apart = [round(after - before, 3) for before, after in pairwise(left)]
    assert apart == [1.01, 1.01, 1.055, 1.005, 1.106]  # a tenth of the time between two calls, at most


def test_a_time_of_leaving_that_cannot_be_is_not_believed(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "ses.budget"
    path.write_text(json.dumps({"boot": budgets._boot(), "free": 0, "slow": 1, "paused": 0, "last": 1100.0}))
    made(path, clock).leave()
    assert (clock.slept, json.loads(path.read_bytes())["last"]) == ([], 1000.0)
    Budget(tmp_path, 1.0, clock, clock.sleep).leave()  # the file cannot be had
    assert clock.slept == []


def test_refusals_again_and_again_slow_down_to_a_bound(tmp_path: Path) -> None:
    clock = Clock()
    budget = made(tmp_path / "ses.budget", clock)
    for _ in range(12):
        budget.wait()
        budget.refused()
    assert max(clock.slept) == 16.0


def test_who_sleeps_already_waits_for_the_end_of_a_pause(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "ses.budget"
    budget, other = made(path, clock), made(path, clock)
    budget.wait()
    clock.during = other.refused  # while the next one sleeps until its moment
    budget.wait()
    assert (clock.slept, clock.now) == ([1.0, 2.0], 1003.0)


@pytest.mark.parametrize(
    ("content", "slept"),
    [
        (b"", []),
        (b" " * 256, []),
        (b"{torn", [1.0]),  # somebody may have called just now
        (b"[1]", [1.0]),
        (b'{"boot": "", "free": "x", "slow": 1, "paused": 0}', [1.0]),
        (b'{"boot": "another start", "free": 1005.0, "slow": 4.0, "paused": 0}', []),
        (b'{"boot": "BOOT", "free": 900.0, "slow": 1.0, "paused": 0}', []),
        (b'{"boot": "BOOT", "free": 1005.0, "slow": 1.0, "paused": 0}', [5.0]),
        (b'{"boot": "BOOT", "free": 99999.0, "slow": 1.0, "paused": 0}', []),  # the clock began anew
        (b'{"boot": "BOOT", "free": NaN, "slow": 1.0, "paused": 0}', []),
        (b'{"boot": "BOOT", "free": 1000.0, "slow": 1e9, "paused": 0}', []),
        (b'{"boot": "BOOT", "free": 1000.0, "slow": 0.1, "paused": 0}', []),  # faster than SES allows
    ],
)
def test_what_stands_in_the_file_is_believed_within_bounds(tmp_path: Path, content: bytes, slept: list[float]) -> None:
    path, clock = tmp_path / "ses.budget", Clock()
    path.write_bytes(content.replace(b"BOOT", budgets._boot().encode()))
    made(path, clock).wait()
    assert clock.slept == slept
    assert json.loads(path.read_bytes())["free"] == pytest.approx(clock.now + 1.0)


def test_the_wall_clock_has_no_part_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: pytest.fail("the wall clock jumps"))
    budget = Budget(tmp_path / "ses.budget", 100.0)
    started = time.monotonic()
    for _ in range(6):
        budget.wait()
    assert 5 / 100 <= time.monotonic() - started < 2


def test_without_a_folder_to_write_to_a_process_keeps_its_own_pace(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    clock = Clock()
    budget = made(tmp_path / "file" / "ses.budget", clock)
    for _ in range(3):
        budget.wait()
    budget.refused()
    assert clock.slept == [1.0, 1.0]


def test_a_link_in_the_files_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("precious")
    (tmp_path / "ses.budget").symlink_to(tmp_path / "target")
    made(tmp_path / "ses.budget", Clock()).wait()
    assert (tmp_path / "target").read_text() == "precious"


def test_the_file_is_the_users_own_and_named_by_its_place(tmp_path: Path) -> None:
    path = file_of(tmp_path / "state", "123456789012 ap-northeast-1")
    made(path, Clock()).wait()
    assert path.name == "ses-123456789012-ap-northeast-1.budget"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert file_of(tmp_path, "../../x").parent == tmp_path


def clients(url: str, state: Path | None, **changes: Any) -> Clients:
    settings = {"region": "ap-northeast-1", "endpoint_url": url, "sandbox": True, "requests_per_second": 10.0}
    return Clients(Settings(**{**settings, **changes}), state=state)


def test_two_sessions_share_and_every_attempt_counts(tmp_path: Path) -> None:
    with serving(GET=[status(500), status(500), status(200, GOOD)]) as endpoint:
        one, other = (clients(endpoint.url, tmp_path) for _ in range(2))
        started = time.monotonic()
        identity.read_identity(one.get("sesv2"), "example.jp")  # three attempts
        identity.read_identity(other.get("sesv2"), "example.jp")
        assert endpoint.asked["GET"] == 4
        assert time.monotonic() - started >= 3 * (1 + MARGIN) / 10
        assert len(list(tmp_path.glob("*.budget"))) == 1
        (call,) = other.log.drain()
        assert call["ms"] < 300  # the wait is no part of the call


@pytest.mark.parametrize(
    "refusal",
    [
        status(429, b"{}", x_amzn_ErrorType="TooManyRequestsException"),
        status(400, b'{"message": "Rate exceeded"}', x_amzn_ErrorType="ThrottlingException"),
    ],
)
def test_what_ses_refuses_as_one_too_many_slows_the_next_process_down(tmp_path: Path, refusal: Any) -> None:
    with serving(PUT=[refusal], GET=[status(200, GOOD)]) as endpoint:
        with pytest.raises(ClientError):
            identity.put_signing_attributes(
                clients(endpoint.url, tmp_path).get("sesv2", WRITE), "example.jp", "b", "a2V5"
            )
        assert endpoint.asked["PUT"] == 1
        (path,) = tmp_path.glob("*.budget")
        assert json.loads(path.read_bytes())["slow"] == 2.0
        started = time.monotonic()
        identity.read_identity(clients(endpoint.url, tmp_path).get("sesv2"), "example.jp")
        assert time.monotonic() - started >= 0.15


def test_other_refusals_and_other_services_slow_nothing_down(tmp_path: Path) -> None:
    with serving(GET=[status(404, b"{}", x_amzn_ErrorType="NotFoundException")], POST=[status(429)]) as endpoint:
        made = clients(endpoint.url, tmp_path)
        with pytest.raises(ClientError):
            identity.read_identity(made.get("sesv2"), "example.jp")
        with pytest.raises(ClientError):
            made.get("secretsmanager", WRITE).get_secret_value(SecretId="s")
        content = {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}}
        with pytest.raises(ClientError):  # messages have a rate of their own
            made.get("sesv2", WRITE).send_email(
                FromEmailAddress="a@example.jp", Destination={"ToAddresses": ["b@example.jp"]}, Content=content
            )
    (path,) = tmp_path.glob("*.budget")
    assert json.loads(path.read_bytes())["slow"] == 1.0


def test_each_region_has_a_budget_of_its_own(tmp_path: Path) -> None:
    with serving(GET=[status(200, GOOD)]) as endpoint:
        made = clients(endpoint.url, tmp_path)
        for region in ("", "eu-central-1"):
            identity.read_identity(made.get("sesv2", region=region), "example.jp")
    assert len(list(tmp_path.glob("*.budget"))) == 2


def test_an_unknown_account_is_asked_for_once(sandbox: Sandbox, tmp_path: Path, monkeypatch: Any) -> None:
    """As outside of a sandbox: the budget is the account's, and who asks for the caller has the same answer."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "example")
    made = clients(sandbox.facts.endpoint_url, tmp_path, sandbox=False)
    identity.read_identity(made.get("sesv2"), "example.jp")
    assert made.caller()["Account"] == sandbox.facts.account
    assert [path.name for path in tmp_path.iterdir()] == [f"ses-{sandbox.facts.account}-ap-northeast-1.budget"]
    assert len(sandbox.calls("GetCallerIdentity")) == 1
    made.caller()
    assert len(sandbox.calls("GetCallerIdentity")) == 2
    told = clients(sandbox.facts.endpoint_url, tmp_path, sandbox=False, account="111122223333")
    identity.read_identity(told.get("sesv2"), "example.jp")
    assert (tmp_path / "ses-111122223333-ap-northeast-1.budget").exists()
    assert len(sandbox.calls("GetCallerIdentity")) == 2


def test_a_call_that_is_not_allowed_takes_nothing_from_the_budget(tmp_path: Path) -> None:
    with serving(PUT=[status(200)]) as endpoint:
        looking = Clients(
            Settings(region="ap-northeast-1", endpoint_url=endpoint.url, sandbox=True), read_only=True, state=tmp_path
        )
        with pytest.raises(Exception, match="is no read"):
            identity.put_signing_attributes(looking.get("sesv2", WRITE), "example.jp", "b", "a2V5")
    assert list(tmp_path.iterdir()) == []


def test_the_state_fits_the_file() -> None:
    longest = State("0" * 36, 1e300 / 3, 16 - 2**-49, 1e300 / 3, 1e300 / 3, 599.123456, 599.123456)
    assert len(json.dumps(vars(longest))) < budgets.SIZE
    assert os.path.exists("/proc") is bool(budgets._boot())  # noqa: PTH110
