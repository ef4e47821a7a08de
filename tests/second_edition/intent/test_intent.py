"""Parameters, profile and sandbox: which value is in force, where it comes from, and what is refused."""

from __future__ import annotations

import base64
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from msgspec.structs import asdict
from papermill.translators import PythonTranslator

from second_edition.errors import ParameterError
from second_edition.evidence import template
from second_edition.evidence.sealing_key import KINDS, SealingKey
from second_edition.intent import intent as intents
from second_edition.intent import parameters, profile, profile_file
from second_edition.intent.intent import Intent, Other, resolve
from second_edition.messages import say
from second_edition.rotation.checks import CHECKS
from second_edition.sandbox.client import Facts
from second_edition.settings import Parameters, Profile, fields_of
from tests.second_edition.each import each

PROFILE: dict[str, Any] = {
    "account": "123456789012", "region": "ap-northeast-1", "domain": "example.jp", "secret_id": "byodkim/example.jp",
    "key_bucket": "keys", "aws_profile": "mail-ops", "endpoint_url": "https://proxy.example.jp", "wait_minutes": 3,
    "nameservers": "192.0.2.53", "language": "ja", "timezone": "Asia/Tokyo", "archive": "records", "ttl": 300,
    "ses_requests_per_second": 0.5,
}  # fmt: skip
FACTS = Facts(
    endpoint_url="http://127.0.0.1:4599", nameservers="127.0.0.1:5354", region="us-west-2", account="123456789012",
    domain="example.jp", secret_id="byodkim/example.jp", key_bucket="byodkim-keys", inbox_bucket="byodkim-inbox",
    current_selector="mail-20250917-1", next_selector="mail-20261124-1", scenario="ready", clock_offset_s=0.0,
)  # fmt: skip
KNOWN = {check.id: check.waivable for check in CHECKS.checks.values()}


def resolved(
    section: dict[str, Any] | None = None,
    *,
    sandbox: bool = False,
    injected: tuple[str, ...] | None = None,
    **given: Any,
) -> Intent:
    asked = parameters.parse({"selector": "mail-20261124-1", **given})
    names = ("selector", *given) if injected is None else injected
    facts = asdict(FACTS) if sandbox else None
    return intents.resolve(
        asked, profile.of(PROFILE if section is None else section, "default", "en"), facts, names, {}
    )


def refused(call: Any, *arguments: Any, **more: Any) -> str:
    with pytest.raises(ParameterError) as caught:
        call(*arguments, **more)
    return str(caught.value)


def test_the_profile_gives_what_the_parameters_leave_open() -> None:
    made = resolved()
    for name in ("domain", "region", "secret_id", "key_bucket", "aws_profile", "endpoint_url"):
        assert getattr(made, name) == PROFILE[name]
        assert asdict(made.values[name]) == {"value": PROFILE[name], "source": "profile"}
    assert (made.account, made.wait_minutes, made.language, made.section.archive, made.section.ttl) == (
        "123456789012", 3, "ja", "records", 300,
    )  # fmt: skip
    assert made.requests_per_second == 0.5
    assert made.zone.utcoffset(datetime(2026, 11, 24)) == timedelta(hours=9)  # noqa: DTZ001 - a wall clock's
    assert (made.values["wait_minutes"].source, made.values["language"].source) == ("profile", "profile")


def test_a_parameter_goes_before_the_profile_and_says_how_it_was_given() -> None:
    given: dict[str, Any] = {
        "domain": "other.example.jp", "region": "us-east-1", "secret_id": "s", "key_bucket": "b", "aws_profile": "p",
        "endpoint_url": "http://127.0.0.1:1", "wait_minutes": 0, "language": "en",
    }  # fmt: skip
    for injected, source in ((None, "parameter"), ((), "cell")):
        made = resolved(injected=injected, **given)
        for name, value in given.items():
            assert getattr(made, name) == value
            assert asdict(made.values[name]) == {"value": str(value), "source": source}
    # Where the run acts is one thing, where the profile means it to act another: a check compares them.
    assert (made.region, made.expected_region) == ("us-east-1", "ap-northeast-1")


def test_what_nothing_sets_is_a_default_and_said_so() -> None:
    made = resolved({"secret_id": "s"}, domain="example.jp", region="us-east-1")
    sources = {name: value.source for name, value in made.values.items()}
    assert sources["selector"] == sources["domain"] == sources["region"] == "parameter"
    assert sources["secret_id"] == "profile"
    assert {sources[name] for name in ("mode", "wait_minutes", "language", "key_bucket", "reason", "waive")} == {
        "default"
    }
    assert (made.wait_minutes, made.language, made.applies, made.account) == (10, "en", False, "")
    assert made.expected_region == "us-east-1"
    assert set(made.values) == set(fields_of("rotate"))


@pytest.mark.parametrize("domain", ["", "other.example.jp"])
def test_the_domain_is_filled_into_the_secret_of_the_profile(domain: str) -> None:
    given: dict[str, Any] = {"domain": domain} if domain else {}
    made = resolved({**PROFILE, "secret_id": "mail/{domain}/dkim"}, **given)
    assert made.secret_id == f"mail/{domain or 'example.jp'}/dkim"


@each("name", ["domain", "region", "secret_id"])
def test_what_is_needed_must_be_set_somewhere(name: str) -> None:
    section = {key: value for key, value in PROFILE.items() if key != name}
    assert f"パラメータ {name} が指定されておらず" in refused(resolved, section)


def test_a_sandbox_takes_nothing_of_aws_from_the_profile() -> None:
    made = resolved(sandbox=True, target="sandbox")
    told = asdict(FACTS)
    for name in ("domain", "region", "secret_id", "key_bucket", "endpoint_url"):
        assert getattr(made, name) == told[name]
        assert made.values[name].source == "sandbox"
    assert (made.aws_profile, made.account, made.expected_region) == ("", told["account"], told["region"])
    assert (made.sandbox, made.requests_per_second) == (True, 0.0)
    foreign = {PROFILE[name] for name in ("region", "key_bucket", "aws_profile", "endpoint_url", "nameservers")}
    assert foreign.isdisjoint(value.value for value in made.values.values())
    # What is the reader's stays.
    assert (made.language, made.wait_minutes, made.section.archive) == ("ja", 3, "records")


@each(
    "url",
    ["https://email.ap-northeast-1.amazonaws.com", "http://192.0.2.1:4599", "http://localhost.example.jp", "http://0.0.0.0:1",
     "http://127.0.0.1@192.0.2.1/", "http://[2001:db8::1]:1", ""],
)  # fmt: skip
def test_a_sandbox_elsewhere_is_refused(url: str) -> None:
    assert "this machine only" in refused(intents.check_loopback, url, "en")


GRAMMAR: dict[str, tuple[str | list[str], dict[str, str]]] = {
    "none": ("", {}),
    "empty-list": ([], {}),
    "two": ("DNS-PUBLISHED: a; BACK-KEY: b", {"DNS-PUBLISHED": "a", "BACK-KEY": "b"}),
    "semicolon-in-a-reason": ("DNS-PUBLISHED: agreed; see CHG-1", {"DNS-PUBLISHED": "agreed; see CHG-1"}),
    "another-id-in-a-reason": ("BACK-KEY: as DNS-SINGLE; check: May", {"BACK-KEY": "as DNS-SINGLE; check: May"}),
    "list": (["DNS-PUBLISHED: a; b", "BACK-KEY: c"], {"DNS-PUBLISHED": "a; b", "BACK-KEY": "c"}),
    "japanese": ("DNS-PUBLISHED: DNS 担当と合意済み；明日公開", {"DNS-PUBLISHED": "DNS 担当と合意済み；明日公開"}),
    "full-width": (
        "DNS-PUBLISHED：使用中；詳細：CHG-1；　BACK-KEY　：b；",
        {"DNS-PUBLISHED": "使用中；詳細：CHG-1", "BACK-KEY": "b"},
    ),
    "full-width-list": (["DNS-PUBLISHED：a: b", "BACK-KEY: c：d"], {"DNS-PUBLISHED": "a: b", "BACK-KEY": "c：d"}),
}


@each("name", GRAMMAR)
def test_waivers_are_read(name: str) -> None:
    written, expected = GRAMMAR[name]
    assert parameters.waivers(written, KNOWN, "en") == expected


@each(
    ("written", "said"),
    [
        (
            "DNS-PUBLISH: a",
            f"Did you mean DNS-PUBLISHED? Those that may be waived: {', '.join(sorted(filter(KNOWN.get, KNOWN)))}.",
        ),
        ("dns-published: a", 'no check named "dns-published"'),
        ("DNS-PUBLISHED", "gives no reason"),
        ("DNS-PUBLISHED: ; BACK-KEY: b", "gives no reason"),
        ("BACK-KEY: a; KEY-PAIR: b", "KEY-PAIR can't be waived"),
        ("BACK-KEY: a; dns-published: b", 'looks like another waiver: "dns-published"'),
        ("BACK-KEY: a；dns-published：b", 'looks like another waiver: "dns-published"'),
        ("BACK-KEY：a，DNS-PUBLISHED：b", 'looks like another waiver: "DNS-PUBLISHED"'),
        ("DNS-PUBLISHED：　；BACK-KEY：b", "gives no reason"),
    ],
)
def test_waivers_that_are_none_are_refused(written: str | list[str], said: str) -> None:
    assert said in refused(parameters.waivers, written, KNOWN, "en")


SEALS = SealingKey(KINDS["ed25519"][0] + bytes(32)).text
TOML: dict[str, tuple[str, str]] = {
    "not-toml": ("[default\n", "is not valid TOML"),
    "not-utf-8": ("[a]\n\udcff", "byodkim.toml is not UTF-8 text (line 2)"),
    "above-all-sections": ("approvals = 2\n[default]\n", "In byodkim.toml, approvals stands in no section"),
    "a-list": ("[[default]]\n", "byodkim.toml has [[default]], which begins a list. Write [default]"),
    "a-list-of-words": ("default = ['x']\n", "In byodkim.toml, default stands in no section"),
    "capitals": ("[DEFAULT]\napprovals = 2\n[default]\n", "a section [DEFAULT], which is not [default]"),
    "plural": ("[default]\n[defaults]\napprovals = 2\n", "a section [defaults], which is not [default]"),
    "full-width": ("[default]\n['ｄｅｆａｕｌｔ']\napprovals = 2\n", "which is not [default]"),
    "no-name": ("[default]\n['']\napprovals = 2\n", "which is not [default]"),
    "blank": ("['default ']\napprovals = 2\n", "a section [default ], which is not [default]"),
    "unknown-key": ("[default]\nregoin = 'x'\n", "not known: regoin. Perhaps: region"),
    "of-no-profile": ("[default]\n[verify]\ntrusted_keys = []\n", "a key in [verify] that is not known: trusted_keys"),
    "nearly-policy": ("[default]\n[polcy]\napprovals = 2\n", "a section [polcy]. Write [policy]"),
    "nearly-default": ("[defualt]\napprovals = 2\n", "a section [defualt], which is not [default]"),
    "short-account": ("[default]\naccount = '12345'\n", "account in [default]"),
    "no-number": ("[default]\nselector_pattern = 'mail-{date}'\n", "needs {date} and {number}"),
    "no-selector": ("[default]\nselector_pattern = 'a.{date}-{number}'\n", "gives no selectors"),
    "no-place": ("[default]\nkey_layout = 'keys/{domain}/key.pem'\n", "key_layout in [default]"),
    "no-sealing-key": ("[default]\nsealing_keys = ['ed25519:AAAA']\n", "sealing_keys in [default]"),
    "no-key-file": ("[default]\nsealing_keys = ['sealing.pem']\n", "sealing.pem cannot be read"),
    "of-another-section": ("[default]\n[eu]\nsealing_keys = ['ed25519:AAAA']\n", "sealing_keys in [eu]"),
    "two-people-one-key": (
        f"[default.approvers]\ntanaka = '{'A' * 43}='\nsato = '{'A' * 43}='\n",
        "gives two people the same key",
    ),
    "no-approver's-key": (f"[default.approvers]\nsato = '{'A' * 43}='\ntanaka = 'x'\n", "of byodkim.toml lists tanaka"),
}


@pytest.mark.parametrize("name", TOML)
def test_a_profile_that_is_wrong_is_said(name: str, tmp_path: Path) -> None:
    text, said = TOML[name]
    (tmp_path / "byodkim.toml").write_text(text, "utf-8", "surrogateescape")
    told = refused(profile.load, "default", tmp_path, "en")
    assert said in told
    assert told.endswith(say("parameters", "untouched", "en"))
    assert refused(profile.load, "default", tmp_path, "ja") != told


def test_sealing_keys_are_texts_or_files_beside_the_profile_that_any_section_lists(tmp_path: Path) -> None:
    body = "\n".join(("", SEALS.partition(":")[2], ""))
    (tmp_path / "seals.pem").write_text(f"-----BEGIN PUBLIC KEY-----{body}-----END PUBLIC KEY-----\n")
    other = f"[other]\nsealing_keys = ['seals.pem', '{SEALS}']\n"
    (tmp_path / "byodkim.toml").write_text(f"[default]\nsealing_keys = ['{SEALS}']\n{other}")
    (tmp_path / "below").mkdir()
    assert profile.load("default", tmp_path / "below", "en").sealing_keys == [SEALS, "seals.pem"]


def test_without_a_profile_the_environment_says_the_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "ja")
    assert profile.load("default", tmp_path, "en").language == "ja"
    (tmp_path / "byodkim.toml").write_text("[default]\n")
    assert profile.load("default", tmp_path, "en").language == "en"


def test_the_nearest_profile_counts_and_none_is_an_empty_one(tmp_path: Path) -> None:
    below = tmp_path / "notebooks" / "deeper"
    below.mkdir(parents=True)
    assert profile.load("default", below, "en") == Profile()
    assert "there is no byodkim.toml" in refused(profile.load, "prod", below, "en")
    (tmp_path / "byodkim.toml").write_text("[prod]\nregion = 'us-east-1'\n")
    assert "has no section [test]. It has: prod" in refused(profile.load, "test", below, "en")
    found, file = profile.load("prod", below, "en"), str(tmp_path / "byodkim.toml")
    assert found == structs.replace(profile.of({"region": "us-east-1"}, "prod", "en"), file=file)
    assert found.folder == tmp_path
    nearer = below.parent / "byodkim.toml"
    nearer.write_text("[prod]\nregion = 'eu-west-1'\n")
    assert profile.load("prod", below, "en").region == "eu-west-1"
    nearer.write_text("[policy]\napprovals = 1\n")
    assert profile.load("default", below, "en") == Profile(file=str(nearer))
    assert "has no section [policy]. It has: -" in refused(profile.load, "policy", below, "en")


def test_prepare_needs_a_bucket_and_no_selector_and_no_approval() -> None:
    section = {**PROFILE, "approvals": 0, "selector_pattern": "s{number}-{date}", "key_layout": "{selector}"}
    asked = parameters.parse({"domain": "example.jp"}, "prepare")
    intents.check_texts(asked, "en", "prepare")
    made = intents.resolve(asked, profile.of(section, "default", "en"), None, (), {}, procedure="prepare")
    own = made.section
    assert (made.selector, own.selector_pattern, own.key_layout) == ("", "s{number}-{date}", "{selector}")
    assert set(made.values) == set(fields_of("prepare"))
    bare = profile.of({**section, "key_bucket": "", "approvals": 2}, "default", "en")
    assert "key_bucket" in refused(intents.resolve, asked, bare, None, (), {}, procedure="prepare")
    approved = profile.of({**section, "approvals": 2}, "default", "en")
    assert intents.resolve(asked, approved, None, (), {}, procedure="prepare").approvals == 0
    assert intents.resolve(asked, approved, None, (), {}).approvals == 2


@each("procedure", ["rotate", "prepare"])
def test_a_selector_that_is_given_must_be_one(procedure: str) -> None:
    asked = parameters.parse({"selector": "mail_1"}, procedure)
    assert "mail_1" in refused(intents.check_texts, asked, "en", procedure)


def test_retire_waits_as_long_as_it_is_told_to_and_else_five_minutes() -> None:
    def waits(section: int | None, given: int = -1) -> tuple[int, str]:
        told = {**PROFILE, "retire_key": "delete", **({} if section is None else {"wait_dns_minutes": section})}
        asked = parameters.parse({"selector": "mail-1", "wait_dns_minutes": given}, "retire")
        injected = ("selector", "wait_dns_minutes") if given >= 0 else ("selector",)
        made = intents.resolve(asked, profile.of(told, "default", "en"), None, injected, {}, procedure="retire")
        assert made.section.retire_key == "delete"
        assert int(made.values["wait_dns_minutes"].value) == made.wait_dns_minutes
        return made.wait_dns_minutes, made.values["wait_dns_minutes"].source

    assert waits(None) == (5, "default")
    assert [waits(minutes)[0] for minutes in (0, 3, 90)] == [5, 5, 90]
    assert [waits(90, given) for given in (0, 2)] == [(0, "parameter"), (2, "parameter")]
    assert resolved({**PROFILE, "wait_dns_minutes": 0}).wait_dns_minutes == 0


def test_a_sandbox_has_no_key_in_kms() -> None:
    section = {**PROFILE, "key_kms": "arn:aws:kms:ap-northeast-1:123456789012:alias/dkim"}
    assert resolved(section).section.key_kms == section["key_kms"]
    assert resolved(section, sandbox=True).section.key_kms == ""


@each("zone", ["Asia", "Mars/Olympus", "../../etc/passwd", "x" * 300, "Asia/Tokyo\0"])
def test_a_time_zone_that_is_none_is_said(tmp_path: Path, zone: str) -> None:
    (tmp_path / profile_file.FILE).write_text(f"[default]\ntimezone = {json.dumps(zone)}\n")
    given = {"selector": "mail-1", "target": "sandbox"}
    assert "timezone" in refused(intents.accept, given, tmp_path, "rotate")
    assert resolved({**PROFILE, "timezone": "UTC"}).zone.utcoffset(None) == UTC.utcoffset(None)


@each("url", ["http://127.0.0.1:4599", "http://localhost:4599", "http://[::1]:4599/", "http://127.9.9.9:1"])
def test_a_sandbox_on_this_machine_is_taken(url: str) -> None:
    intents.check_loopback(url, "en")


HOME = 'account = "123456789012"\nregion = "ap-northeast-1"\ndomain = "example.jp"\nsecret_id = "s"\n'
EU = '[eu]\naccount = "111122223333"\nregion = "eu-west-1"\naws_profile = "mail-eu"\n'
IT = '[it]\naccount = "123456789012"\nregion = "ap-northeast-1"\ndomain = "example.jp"\n'


def load(folder: Path, section: str, others: str = EU) -> Profile:
    (folder / profile_file.FILE).write_text(f"[default]\n{section}{others}")
    return profile.load("default", folder, "en")


def test_each_is_looked_at_by_its_own_sign_in(tmp_path: Path) -> None:
    us = '[us]\naccount = "123456789012"\nregion = "us-east-1"\ndomain = "example.jp"\n'
    section = load(tmp_path, HOME + 'same_key_in = ["eu", "us", "it"]\n', EU + us + IT.replace(".jp", ".com"))
    made = resolve(Parameters(selector="mail-1"), section, None, (), {}, procedure="retire")
    here = ("123456789012", "ap-northeast-1", "", "example.com")  # another identity, with the same sign-in
    assert made.others == (Other("111122223333", "eu-west-1", "mail-eu"), Other(here[0], "us-east-1"), Other(*here))
    section = structs.replace(section, regions="us-east-1, ap-northeast-1, ap-northeast-3")  # its own is no other
    asia = resolve(Parameters(selector="mail-1"), section, None, (), {}, procedure="retire").others
    assert asia == (Other(here[0], "us-east-1"), Other(here[0], "ap-northeast-3"), made.others[0], Other(*here))


WRONG = {
    "no such section": HOME + 'same_key_in = ["us"]\n',
    "the section itself": HOME + 'same_key_in = ["default"]\n',
    "twice": HOME + 'same_key_in = ["eu", "eu"]\n',
    "no account of its own": HOME.partition("\n")[2] + 'same_key_in = ["eu"]\n',
    "the same identity": HOME + f'same_key_in = ["it"]\n{IT}',
    "no Region": HOME + 'same_key_in = ["us"]\n[us]\naccount = "111122223333"\n',
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_looked_at_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ParameterError, match="same_key_in"):
        load(tmp_path, WRONG[name])


def test_a_piece_of_a_private_key_in_the_profile_is_refused_by_its_name_and_not_repeated(tmp_path: Path) -> None:
    piece = base64.b64encode(os.urandom(300)).decode()
    with pytest.raises(ParameterError, match=r"contacts in \[default\] .* part of one") as refused:
        load(tmp_path, f'contacts = {{ dns = "{piece}" }}\n', "")
    assert piece[:16] not in str(refused.value)
    for name, procedure in (("replace", "publish"), ("record", "explore")):  # what stands in DNS is no secret
        assert getattr(parameters.parse({name: f"v=DKIM1; p={piece}"}, procedure), name).endswith(piece)
    with pytest.raises(ParameterError, match=r"reason .* private key") as refused:
        parameters.parse({"reason": f"v=DKIM1; p={piece}"}, "publish")
    assert piece[:16] not in str(refused.value)


def test_a_name_in_japanese_or_capitals_is_taken_as_dns_has_it(tmp_path: Path) -> None:
    section = load(tmp_path, 'domain = "日本語.JP."\nsecret_id = "dkim/{domain}"\nregion = "ap-northeast-1"\n', "")
    accepted = intents.accept({"selector": "mail-1", "domain": "例え.jp"}, tmp_path, "rotate")
    for asked, domain in ((accepted.asked, "xn--r8jz45g.jp"), (Parameters(selector="mail-1"), "xn--wgv71a119e.jp")):
        made = resolve(asked, section, None, (), {})
        assert (made.domain, made.secret_id) == (domain, f"dkim/{domain}")


NAMED = [({"domain": "Example.JP."}, "it"), ({"domain": "eu.example.jp", "region": "eu-west-1"}, "eu")]


@each(("given", "other"), NAMED)
def test_the_domain_of_another_section_is_refused(given: dict[str, str], other: str, tmp_path: Path) -> None:
    lab = HOME.replace("example.jp", "lab.example.jp")
    mine = load(tmp_path, lab, IT + EU.replace("111122223333", "123456789012") + 'domain = "eu.example.jp"\n')

    def made(procedure: str, **values: str) -> Intent:
        accepted = intents.accept({"selector": "mail-1", "secret_id": "s", **values}, tmp_path, procedure)
        return resolve(accepted.asked, accepted.section, None, (), {}, procedure)

    for procedure in ("rotate", "retire"):
        told = refused(made, procedure, **given)
        assert f"[{other}] of byodkim.toml is for {given['domain'].lower().strip('.')}" in told
        assert "and this run goes by [default]: the approvals, the rehearsal" in told
    elsewhere = {**given, "region": "us-east-1"}  # neither section is for this Region
    assert made("rotate", **elsewhere).domain == made("rotate", **given, profile=other).domain != mine.domain
    assert made("explore", **given).region


@each("word", ["inf", "-inf", "nan", "1e999"])
def test_a_word_that_papermill_takes_for_a_number_without_end_is_a_number_and_no_key(word: str) -> None:
    """And verify reads the cell that papermill makes of it: such a notebook is one of a run that was refused."""
    value = float(word)
    with pytest.raises(ParameterError, match="came as the number"):
        parameters.parse({"selector": "mail-20261124-1", "ticket": value})
    assert template.injected(PythonTranslator.codify({"ticket": value}, "Parameters")) == {"ticket": str(value)}
