"""Wrong parameters and profiles: one paragraph in the reader's language, nothing read, nothing written."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from second_edition.sandbox.client import Sandbox
from tests.second_edition.each import each
from tests.second_edition.notebooks.opened import Executed, Opened
from tests.second_edition.notebooks.stage import Troupe, project

UNTOUCHED = {"en": "Nothing was read or written", "ja": "何も読み書きしていません"}
GOOD = {"selector": "mail-20261124-1", "target": "sandbox"}

# What is wrong, words of the English paragraph, words of the Japanese one.
WRONG: dict[str, tuple[dict[str, object], str, str]] = {
    "a number for the selector": ({"selector": 20250917}, "came as the number 20250917", "数値 20250917"),
    "a truth value for the selector": ({"selector": True}, "came as the truth value True", "真偽値 True"),
    "no selector": ({"selector": ""}, "No selector was given", "セレクタが指定されていません"),
    "a list for the reason": ({"reason": ["a"]}, "reason must be text", "reason は文字列"),
    "no such mode": ({"mode": "Apply"}, "mode must be one of: plan | apply", "mode は次のいずれか"),
    "no such target": ({"target": "prod"}, "target has the wrong form. aws, or a rehearsal", "target の値の形式"),
    "endpoint elsewhere": (
        {"endpoint_url": "http://192.0.2.1:4599"}, "192.0.2.1:4599 is another host", "192.0.2.1:4599 は別のホスト",
    ),
    "text for minutes": ({"wait_minutes": "10"}, "came as text: papermill's -r gives text", "-r は文字列、-p は数値"),
    "minutes below": ({"wait_minutes": -2}, "whole number from 0 to 4320", "0 から 4320 まで"),
    "waiving what may not be": ({"waive": "KEY-PAIR: in a hurry"}, "KEY-PAIR can't be waived", "KEY-PAIR は免除"),
    "a reason too long": ({"reason": "x" * 1001}, "reason is longer than 1000", "reason が 1000 文字"),
    "a hostile selector": ({"selector": "../x\n"}, "is not one that SES takes", "は SES で使えません"),
    "no domain": ({"domain": "exa mple.jp/../x"}, "is not a domain name such as example.jp", "ドメイン名"),
    "a name server by its name": ({"nameservers": "ns1.example.jp"}, "nameservers", "nameservers"),
    "a profile without a file": ({"profile": "prod"}, "there is no byodkim.toml", "byodkim.toml がありません"),
}  # fmt: skip


QUICK = {"language": ("en",)}
in_both = pytest.mark.parametrize("language", ["en", "ja"])


@pytest.fixture(scope="module")
def opened(troupe: Troupe) -> Iterator[Opened]:
    runner = project(troupe.folder / "opened", troupe.home)
    notebook = Opened(runner.folder, runner.environment())
    yield notebook
    notebook.close()


@pytest.fixture(scope="module")
def sandbox(child: Sandbox) -> Sandbox:
    child.reset("ready")
    return child


def refused(opened: Opened, sandbox: Sandbox, language: str, values: dict[str, object]) -> Executed:
    """Begins with these values, which must be refused in one paragraph without a trace elsewhere."""
    files, calls = sorted(opened.folder.rglob("*")), sandbox.calls()
    given = {**GOOD, "endpoint_url": sandbox.facts.endpoint_url, "language": language, **values}
    came = opened.begin(**given)
    assert came.error == "ParameterError", came
    assert UNTOUCHED[language] in came.paragraph
    assert "\n" not in came.paragraph
    assert came.headline.startswith("REFUSED  ")
    assert came.paragraph in came.headline
    assert sandbox.calls() == calls
    assert sorted(opened.folder.rglob("*")) == files
    return came


@in_both
@each("case", WRONG)
def test_a_wrong_parameter(opened: Opened, sandbox: Sandbox, case: str, language: str) -> None:
    values, english, japanese = WRONG[case]
    came = refused(opened, sandbox, language, values)
    assert (english if language == "en" else japanese) in came.paragraph
    assert came.paragraph.isprintable()


@in_both
def test_a_wrong_profile(opened: Opened, sandbox: Sandbox, language: str) -> None:
    path = opened.folder / "byodkim.toml"
    path.write_text('[prod]\nregoin = "ap-northeast-1"\n', "utf-8")
    try:
        came = refused(opened, sandbox, language, {"profile": "prod", "target": "aws"})
    finally:
        path.unlink()
    assert {"en": "not known: regoin. Perhaps: region", "ja": "不明なキー regoin"}[language] in came.paragraph


@pytest.fixture(scope="module")
def pasted() -> dict[str, str]:
    """Private keys as somebody might paste them; aws/test_private_keys_seen.py has every form."""
    large, small = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 1024)
    pkcs1, pkcs8 = PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8

    def base64_of(key: rsa.RSAPrivateKey, form: PrivateFormat) -> str:
        return base64.b64encode(key.private_bytes(Encoding.DER, form, NoEncryption())).decode()

    return {
        "PEM": large.private_bytes(Encoding.PEM, pkcs8, NoEncryption()).decode(),
        "base64 of PEM": base64.b64encode(large.private_bytes(Encoding.PEM, pkcs1, NoEncryption())).decode(),
        "PKCS#8": base64_of(large, pkcs8),
        "PKCS#1": base64_of(large, pkcs1),
        "piece": base64_of(large, pkcs8)[500:900],
        "PKCS#8 of 1024 bits": base64_of(small, pkcs8),
        "PKCS#1 of 1024 bits": base64_of(small, pkcs1),
    }


PASTED = [
    ("selector", "PEM"), ("profile", "PKCS#8 of 1024 bits"), ("domain", "PKCS#1"), ("nameservers", "PKCS#8"),
    ("reason", "base64 of PEM"), ("waive", "PKCS#1 of 1024 bits"), ("reason", "piece"), ("domain", "piece"),
    ("waive", "piece"),
]  # fmt: skip


@each(("name", "form"), PASTED)
def test_a_private_key_in_a_parameter_is_named_and_not_repeated(
    opened: Opened, sandbox: Sandbox, pasted: dict[str, str], name: str, form: str
) -> None:
    came = refused(opened, sandbox, "en", {name: pasted[form]})
    assert f"The parameter {name} holds what looks like a private key or part of one." in came.paragraph
    said = came.paragraph + came.headline
    key = pasted[form].replace("\n", "")
    assert not any(key[start : start + 16] in said for start in range(len(key) - 15))


@each("form", [str, int])  # as -r and as -p hand it over
def test_a_number_of_a_private_key_is_not_repeated(
    opened: Opened, sandbox: Sandbox, form: Callable[[int], str | int]
) -> None:
    exponent = rsa.generate_private_key(65537, 1024).private_numbers().d
    came = refused(opened, sandbox, "en", {"reason": form(exponent)})
    assert "The parameter reason holds what looks like a private key or part of one." in came.paragraph
    assert str(exponent)[:12] not in came.paragraph + came.headline


@each("name", ["mode", "endpoint_url"])
def test_a_private_key_where_only_some_words_are_taken_is_not_repeated(
    opened: Opened, sandbox: Sandbox, pasted: dict[str, str], name: str
) -> None:
    came = opened.begin(**{**GOOD, "endpoint_url": sandbox.facts.endpoint_url, name: pasted["PKCS#8"]})
    said = came.paragraph + came.headline
    assert came.error == "ParameterError"
    assert not any(pasted["PKCS#8"][start : start + 16] in said for start in range(len(pasted["PKCS#8"]) - 15))


def test_the_same_kernel_begins_a_run_once_all_is_well(opened: Opened, sandbox: Sandbox) -> None:
    came = opened.begin(**GOOD, endpoint_url=sandbox.facts.endpoint_url)
    assert came.error == ""
    assert "edited in the cell" in came.text
    assert sandbox.calls() != []
