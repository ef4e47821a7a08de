"""Exploring a real sandbox: what is shown is what stands there, nothing is written, and what is wrong is said."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest

from second_edition import explore
from second_edition.aws.reads import READING
from second_edition.custody.client import Refused
from second_edition.display.blocks import Paragraph
from second_edition.engine import survey
from second_edition.engine.gate import LeakStopped
from second_edition.errors import AccessError, ByodkimError, ParameterError
from second_edition.explore import Explorer
from second_edition.sandbox.client import Sandbox
from tests.second_edition.dkim import keys
from tests.second_edition.each import each
from tests.second_edition.engine.played import Stage
from tests.second_edition.evidence.pasts import Told, write_all
from tests.second_edition.notebooks import outside
from tests.second_edition.notebooks.profiles import write_profile
from tests.second_edition.sandbox.generator import write_secret
from tests.second_edition.sandbox.outside import CURRENT, DOMAIN, NEXT, dig, key_sha256, servers

Open = Callable[..., Explorer]


@pytest.fixture
def open_(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens explorations of the standing sandbox, from an empty folder."""
    monkeypatch.chdir(tmp_path)
    opened: list[Explorer] = []

    def begin(**given: str) -> Explorer:
        defaults = {"target": "sandbox", "endpoint_url": sandbox.facts.endpoint_url, "language": "en"}
        opened.append(explore.open(**{**defaults, **given}))
        return opened[-1]

    yield begin
    for one in opened:
        one.close()


@pytest.fixture
def aws(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Writes a profile with which the target is AWS, and the sandbox stands in its place."""
    for name, value in {"AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))

    return partial(write_profile, tmp_path, sandbox.facts, endpoint_url=sandbox.facts.endpoint_url)


@pytest.fixture
def ses(sandbox: Sandbox) -> Iterator[Any]:
    client = outside.client(sandbox.facts, "sesv2")
    yield client
    client.close()


def test_only_the_proof_reads_a_key_and_each_call_is_told(open_: Open, sandbox: Sandbox) -> None:
    world = open_()
    for name in ("where", "identities", "identity", "record", "explain"):
        getattr(world, name)()
    assert sandbox.calls("GetObject") == []
    world.rotation()
    assert sandbox.calls("GetObject") != []
    told = world.calls().frame
    assert set(told["operation"]) == {str(call["operation"]) for call in sandbox.calls()} <= READING
    assert (len(told), set(told["status"])) == (len(sandbox.calls()), {200, 404})
    assert told["at"].dt.tz is not None


def test_keys_are_forgotten_once_they_have_proved_what_they_had_to_and_no_piece_of_one_is_shown(
    open_: Open, sandbox: Sandbox
) -> None:
    text = "".join(outside.pem(sandbox.facts, NEXT).decode().splitlines()[1:-1])
    world = open_()
    world.rotation()
    with pytest.raises(Refused) as caught:
        world._session.custodian.ask("sign", domain=DOMAIN, selector=NEXT).result()
    assert caught.value.code == "NoSuchKey"
    assert "rehearsal" in str(world._shown([Paragraph("a rehearsal")]))
    with pytest.raises(LeakStopped):
        world._shown([Paragraph(text[900:930])])
    with pytest.raises(ByodkimError, match="has ended"):  # the first hit is the last: the keys are gone
        world._shown([Paragraph("a rehearsal")])


def test_identities_are_told_with_what_tells_size_and_age(open_: Open, ses: Any) -> None:
    ses.create_email_identity(EmailIdentity="easy.example.jp")
    attributes = {"DomainSigningSelector": "sel-1", "DomainSigningPrivateKey": keys.b64(keys.pkcs8()).decode()}
    ses.create_email_identity(EmailIdentity="other.example.jp", DkimSigningAttributes=attributes)
    frame = open_().identities().frame.set_index("identity")
    assert list(frame.index) == ["easy.example.jp", "example.jp", "other.example.jp"]
    easy, own, other = (frame.loc[name] for name in frame.index)
    assert (easy["signing_origin"], easy["key_bits"], easy["key_bits_by"]) == ("AWS_SES", 2048, "ses")
    assert (easy["key_age_days"], easy["key_age_by"]) == (0, "ses")
    assert (own["selector"], own["status"], own["key_bits"]) == (CURRENT, "SUCCESS", 2048)
    assert (own["key_bits_by"], own["key_age_by"]) == ("dns", "object")
    assert (own["record"], other["record"], own["verified_for_sending"]) == ("a-key", "absent", True)
    assert frame.query("key_age_days < 1").index.tolist() == ["easy.example.jp", "example.jp"]
    assert own["key_made_at"].tzinfo is not None
    assert own["rotate_by"] - own["key_made_at"] == timedelta(days=365)
    assert own["days_left"] == 365
    # Nothing is published for it, and nothing is known of its key: that is said, and nothing is made up.
    assert other["selector"] == "sel-1"
    assert other[["key_bits", "key_bits_by", "key_made_at", "key_age_days", "rotate_by", "days_left"]].isna().all()


def test_each_entry_of_the_secret_has_its_own_object_and_two_unused_selectors_stop_nothing(
    open_: Open, sandbox: Sandbox
) -> None:
    paths = [f"dkim-keys/{DOMAIN}/{selector}/private_key.pem" for selector in (CURRENT, NEXT)]
    for path in paths:
        write_secret(sandbox, json.dumps({"selector": NEXT, "dns_record": {"value": "v=DKIM1"}, "s3_key_path": path}))
    world = open_()
    stored = world.identity().frames["key_store"].set_index("stage")
    bucket = sandbox.facts.key_bucket
    assert stored["object"].to_dict() == {
        "AWSCURRENT": f"s3://{bucket}/{paths[1]}", "AWSPREVIOUS": f"s3://{bucket}/{paths[0]}",
    }  # fmt: skip
    entries = [{"selector": name, "dns_record": {"value": "v=DKIM1"}} for name in ("mail-8", "mail-9")]
    write_secret(sandbox, json.dumps(entries))
    for shown in (world.rotation(), world.explain()):
        assert "names several selectors that are not in use: mail-8, mail-9" in str(shown)
        assert "-r selector NAME for papermill" in str(shown)


def test_how_long_it_takes_is_said_before_and_no_more_is_read_than_asked(
    open_: Open, aws: Callable[..., None], ses: Any, sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    ses.create_email_identity(EmailIdentity="easy.example.jp")
    aws(ses_requests_per_second=10.0)
    world = open_(target="aws", endpoint_url="")
    before = len(sandbox.calls("GetEmailIdentity"))
    shown = world.identities(most=1)
    said = capsys.readouterr().out
    assert (
        "Identities that are domains: 2. Reading 1 of them takes about 0.1 s, as SES answers 10 calls a second" in said
    )
    assert shown.frame["identity"].tolist() == ["easy.example.jp", "example.jp"]
    assert shown.frame["status"].isna().tolist() == [False, True]
    assert re.search(r"example\.jp +not read", str(shown))
    assert "world.identities(most=2)" in str(shown)
    assert len(sandbox.calls("GetEmailIdentity")) == before + 1
    assert world.identities(most=-1).frame["status"].isna().tolist() == [True, True]
    assert "Reading 0 of them." in capsys.readouterr().out
    assert len(sandbox.calls("GetEmailIdentity")) == before + 1
    assert "example.jp" in str(world.identity(" example.jp "))


def test_a_key_record_is_as_dig_sees_it(open_: Open, sandbox: Sandbox) -> None:
    sandbox.reset("stale-name-server")
    world = open_()
    first, second = servers(sandbox.facts)
    shown = world.record(NEXT)
    verdicts = {one.address: (one.rcode, one.verdict) for one in shown.frames["servers"].itertuples()}
    assert set(verdicts) == {f"{address}:{port}" for address, port in (first, second)}
    here, there = (verdicts[f"{address}:{port}"] for address, port in (first, second))
    assert (here[0], here[1]) == ("NOERROR", "a-key")
    assert there[0] == re.search(r"status: (\w+)", dig(second, f"{NEXT}._domainkey.{DOMAIN}", "TXT"))[1]  # type: ignore[index]
    assert "do not all serve one sound key" in str(shown)
    whole = str(world.record())
    assert key_sha256(sandbox.facts, CURRENT) in whole
    assert "Each of the 2 addresses serves one and the same key" in whole


QUICK = {"scenario": ("ready", "dns-absent")}


@pytest.mark.parametrize("scenario", ["ready", "dns-absent", "already-rotated"])
def test_rotation_finds_what_a_plan_run_finds(stage: Stage, open_: Open, scenario: str) -> None:
    stage.sandbox.reset(scenario)
    world = open_()
    told = survey.rotation(world._session, NEXT)
    shown = str(world.rotation(NEXT))
    assert list(Path.cwd().glob("**/*")) == []
    run = stage.begin()
    with contextlib.suppress(ByodkimError):
        stage.play(run, "check")
    theirs = {finding.id: finding.verdict for finding in run.record.findings}
    assert {finding.id: finding.verdict for finding in told.findings} == theirs
    stops = sum(finding.stops for finding in run.record.findings)
    word = f"WOULD BE REFUSED  A run to {NEXT} would be refused now: checks that stop it: {stops}." if stops else (
        "NOTHING TO CHANGE" if scenario == "already-rotated" else "WOULD BE PLANNED"
    )  # fmt: skip
    assert shown.startswith(word)
    assert stage.puts() == 0


PAST = (
    Told(-300, asked=CURRENT, before="mail-20250101-1"),
    Told(-20, asked=NEXT, before=CURRENT, outcome="REFUSED", served=False, requested=True),
    Told(-4, asked=NEXT, before=CURRENT, outcome="PLANNED", writes=False),
    Told(-3, domain="other.example.jp"),
)


def test_due_dates_come_from_the_archive(
    open_: Open, sandbox: Sandbox, aws: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "outputs").mkdir()
    own = key_sha256(sandbox.facts, CURRENT)
    written = write_all(tmp_path / "outputs", [dataclasses.replace(told, key_sha256=own) for told in PAST])
    aws(rotate_after_days=300)
    world = open_(target="aws", endpoint_url="")
    due = str(world.due())
    # The key object was written when the sandbox started; a run of 300 days ago had its selector in use already.
    assert "first use in an archived run" in due
    assert "OVERDUE" in due or "BEGIN NOW" in due
    assert "DNS is expected to take 16.0 d" in due or "DNS is expected to take 16 d" in due
    assert "Requests measured: 1, in 2 runs." in due
    row = world.identities().frame.set_index("identity").loc[DOMAIN]
    assert row["key_age_by"] == "archived-use"
    dates = world.due().frame.set_index("event")["at"]
    assert dates["start_by"] < dates["rotate_by"]
    # A run whose journal was tampered with is left out.
    written[0].write_bytes(written[0].read_bytes().replace(b"SUCCESS", b"SUCCESs", 1))
    assert str(world.due()).startswith("NOT YET DUE")


SPELLED = keys.pkcs8().hex(":")
PRIVATE = f"v=DKIM1; p={keys.b64(keys.pkcs8()).decode()}"


# tests/second_edition/intent has every form of each.
@each(
    ("given", "told"),
    [
        ({"record": PRIVATE}, "The parameter record holds what looks like a private key"),
        ({"target": "sandbox:moon", "endpoint_url": ""}, "The sandbox knows no scenario moon"),
    ],
)
def test_a_bad_parameter_gets_its_paragraph_before_anything_is_asked(
    open_: Open, sandbox: Sandbox, given: dict[str, Any], told: str
) -> None:
    with pytest.raises(ByodkimError) as caught:
        open_(**given)
    assert told in caught.value.diagnostics()
    assert "\n" not in caught.value.diagnostics()
    assert PRIVATE[20:40] not in caught.value.diagnostics()
    assert sandbox.calls() == []


BAD: dict[str, tuple[Callable[[Any], object], str]] = {
    "unknown identity": (
        lambda world: world.identity("absent.example.jp"),
        "SES knows no identity absent.example.jp in the account 123456789012 and the Region ap-northeast-1. "
        "Nothing was written. Each Region has identities of its own",
    ),
    "a selector that is none": (lambda world: world.record("a.b"), "is no selector"),
    "a private key": (lambda world: world.explain(PRIVATE), "holds a PRIVATE key, of which nothing is shown"),
    "a list of domains": (lambda world: world.identity(["example.jp"]), "is no text (its type is list)"),
    "a selector in a number": (lambda world: world.record(20261124), "Put one text between quotation marks"),
    "a private key in bytes": (lambda world: world.explain(PRIVATE.encode()), "is no text (its type is bytes)"),
    "how many, in a text": (lambda world: world.identities(most="3"), "most is no whole number (its type is str)"),
    "a rotation to nothing": (lambda world: world.rotation(None), "is no text (its type is NoneType)"),
    "a private key in hexadecimal": (lambda world: world.explain(SPELLED), "holds a PRIVATE key"),
}


def test_what_cannot_be_shown_gets_its_paragraph(open_: Open) -> None:
    world = open_()
    for name, (act, told) in BAD.items():
        with pytest.raises(ParameterError) as caught:
            act(world)
        assert told in caught.value.diagnostics(), name
        assert SPELLED[20:40] not in caught.value.diagnostics()
        assert PRIVATE[20:40] not in caught.value.diagnostics()


def test_the_secret_of_one_identity_is_not_taken_for_another_s(open_: Open, aws: Callable[..., None], ses: Any) -> None:
    ses.create_email_identity(EmailIdentity="easy.example.jp")
    aws()
    world = open_(target="aws", endpoint_url="", domain="easy.example.jp")
    with pytest.raises(ParameterError, match=r"names the keys of easy.example.jp"):
        world.rotation(NEXT)
    with pytest.raises(ParameterError, match=r"does not say which one selector easy.example.jp signs with"):
        world.record()
    assert "s3://" not in str(world.identity())


def test_a_session_that_was_closed_says_so(open_: Open) -> None:
    world = open_()
    world.close()
    world.close()
    for name in ("identities", "where", "calls", "due"):
        with pytest.raises(AccessError, match=r"has ended; nothing was read.*終了しています"):
            getattr(world, name)()
    assert "explorer of sandbox" in repr(world)
    with open_() as again:
        child = again._session.custodian.pid
    assert not psutil.pid_exists(child)


def test_another_account_or_region_than_the_profile_s_is_said(open_: Open, aws: Callable[..., None]) -> None:
    aws(account="000000000000")
    told = str(open_(target="aws", endpoint_url="", region="us-east-1").where())
    assert "This is the account 123456789012; the profile is about 000000000000." in told
    assert "This is the Region us-east-1; the profile is about ap-northeast-1." in told
    aws()
    assert "This is the" not in str(open_(target="aws", endpoint_url="").where())
