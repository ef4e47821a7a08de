"""What code in the kernel's process cannot make the custodian do, whatever it asks: each was done to it before."""

from __future__ import annotations

import base64
import contextlib
import functools
import gzip
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError
from botocore.loaders import Loader

from second_edition.aws.hosts import Foreign, Unencrypted
from second_edition.aws.key_store import public_part
from second_edition.aws.s3_objects import SPELLED
from second_edition.aws.session import WRITE, Clients, Settings, TooLate
from second_edition.custody import identities
from second_edition.custody.client import Custodian, Refused
from second_edition.custody.operations import WRITES
from second_edition.custody.refusal import DutyError
from second_edition.custody.session import Session
from second_edition.custody.windows import of, of_key
from second_edition.evidence.heads import parse
from second_edition.sandbox.client import Sandbox
from tests.second_edition.custody import forms, loopback
from tests.second_edition.custody.test_read_only import PATH, SELECTOR
from tests.second_edition.dkim import keys
from tests.second_edition.each import each
from tests.second_edition.notebooks.runs import AWS
from tests.second_edition.notebooks.wire import Wire, own_authority

PLACE = {"selector": SELECTOR, "path": PATH, "domain": "example.jp"}


QUICK = {"region": ("ap-northeast-1", "cn-north-1")}


@pytest.fixture
def planning(sandbox: Sandbox) -> Iterator[Custodian]:
    """The custodian of a plan run, with the key in hand."""
    with forms.opened(sandbox.facts.endpoint_url, writes=False) as custodian:
        yield custodian


def refusal(custodian: Custodian, op: str, **arguments: Any) -> str:
    with pytest.raises(Refused) as caught:
        custodian.ask(op, **arguments).result()
    return f"{caught.value.operation}: {caught.value.code}"


def test_a_custodian_that_holds_a_key_is_not_opened_for_another_host(planning: Custodian, sandbox: Sandbox) -> None:
    with loopback.serving(GET=[loopback.reset], PUT=[loopback.reset], POST=[loopback.reset]) as other:
        settings = forms.settings(other.url) | {"writes": True}
        assert refusal(planning, "open", settings=settings) == "open: AlreadyOpen"
        sha256 = planning.ask("key", **PLACE, bucket=sandbox.facts.key_bucket).result()["sha256"]
        put = {"name": "example.jp", "selector": SELECTOR, "sha256": sha256}
        assert refusal(planning, "put", **put) == "put: ReadOnly"
        assert not other.asked


def test_it_is_opened_for_a_region_that_is_named_by_a_profile_that_there_is(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox
) -> None:
    for variable in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    for asked, told in (({"aws_profile": "nobody"}, ("ProfileNotFound", "nobody")), ({}, ("NoRegion", ""))):
        with pytest.raises(DutyError) as caught:
            identities.open(Session(), asked)
        assert (caught.value.operation, caught.value.code, caught.value.message) == ("open", *told)
    session = Session()
    assert identities.open(session, forms.settings(sandbox.facts.endpoint_url)) == {
        "region": "ap-northeast-1",
        "partition": "aws",
    }
    session.pool.shutdown()


@pytest.mark.parametrize("op", sorted(WRITES))
def test_the_custodian_of_a_plan_run_writes_nothing(planning: Custodian, sandbox: Sandbox, op: str) -> None:
    assert refusal(planning, op) == f"{op}: ReadOnly"
    assert not [call for call in sandbox.calls() if call["operation"].startswith(("Put", "Delete", "Update"))]


def test_heads_gives_no_object_that_is_none(planning: Custodian, sandbox: Sandbox, aws: dict[str, Any]) -> None:
    assert planning.ask("heads", bucket=sandbox.facts.key_bucket, prefix="dkim-keys/").result() == []
    pem = forms.pem(forms.PKCS8)
    aws["s3"].put_object(Bucket=sandbox.facts.key_bucket, Key="heads/example.jp/x.json", Body=pem)
    found = planning.ask("heads", bucket=sandbox.facts.key_bucket, prefix="").result()
    assert [one["text"] for one in found] == [""]


def test_what_heads_lets_through_is_what_a_head_is() -> None:
    told = {"account": "123456789012", "closed": "2026-11-27T00:00:00+00:00", "domain": "example.jp", "head": "a" * 64,
            "published": "2026-11-27T00:00:01+00:00", "region": "ap-northeast-1",
            "run": "20261127T000000Z-00000000"}  # fmt: skip
    line = json.dumps(told, sort_keys=True, separators=(",", ":"))
    assert SPELLED.fullmatch(line)
    assert parse(line, "", "", "").run == told["run"]
    assert not SPELLED.fullmatch(line.replace("example.jp", "A" * 400))


def test_a_write_that_waited_too_long_is_not_sent(sandbox: Sandbox) -> None:
    clients = Clients(Settings(**forms.settings(sandbox.facts.endpoint_url)))
    ses = clients.get("sesv2", WRITE)
    before = len(sandbox.calls())
    with pytest.raises(TooLate), clients.sent_by(time.time() - 1):
        ses.put_email_identity_dkim_signing_attributes(EmailIdentity="example.jp", SigningAttributesOrigin="AWS_SES")
    assert len(sandbox.calls()) == before
    with clients.sent_by(time.time() + 60):  # else the refusal would prove nothing
        assert clients.get("sesv2", WRITE).get_email_identity(EmailIdentity="example.jp")
    with forms.opened(sandbox.facts.endpoint_url) as custodian:
        sha256 = custodian.ask("key", **PLACE, bucket=sandbox.facts.key_bucket).result()["sha256"]
        put = {"name": "example.jp", "selector": SELECTOR, "sha256": sha256, "until": time.time() - 1}
        came = custodian.ask("put", **put).result()
        assert (came["error"]["code"], came["error"]["unclear"]) == ("TooLate", False)


@pytest.mark.parametrize(
    ("url", "fit"),
    [
        ("http://ses.example.jp", False),
        ("https://ses.example.jp", True),
        ("http://127.0.0.1:9", True),
        ("http://[::1]:9", True),
        (r"http://192.0.2.1:8080\@127.0.0.1:9", False),
        ("http://127.0.0.1@192.0.2.1", False),
    ],
)
def test_the_environment_leads_no_key_away_without_encryption(
    monkeypatch: pytest.MonkeyPatch, url: str, fit: bool
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SESV2", url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    clients = Clients(Settings(region="ap-northeast-1"))
    if fit:
        assert clients.get("sesv2").meta.endpoint_url == url
    else:
        with pytest.raises(Unencrypted, match="without encryption"):
            clients.get("sesv2")


@each("service", ["S3", "SECRETS_MANAGER"])
def test_an_endpoint_of_the_key_store_that_is_unfit_is_named(service: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(f"AWS_ENDPOINT_URL_{service}", "http://192.0.2.1:8080")
        with forms.opened("") as custodian, pytest.raises(Refused) as refused:
            custodian.ask("secret", secret_id="byodkim/example.jp").result()
    assert refused.value.code == "Unencrypted"
    assert refused.value.message.startswith("http://192.0.2.1:8080 is reached without encryption")


def foreign_models(folder: Path, url: str) -> Path:
    """Models of SES as botocore has them, but for the rules, which lead every call to one place."""
    shutil.copytree(Path(Loader.BUILTIN_DATA_PATH) / "sesv2", folder / "sesv2")
    for path in folder.rglob("endpoint-rule-set-1.json.gz"):
        rules = json.loads(gzip.decompress(path.read_bytes()))
        there = {"url": f"{url}/stolen", "properties": {}, "headers": {}}
        rules["rules"] = [{"conditions": [], "endpoint": there, "type": "endpoint"}]
        path.write_bytes(gzip.compress(json.dumps(rules).encode()))
    return folder


def in_variable(monkeypatch: pytest.MonkeyPatch, home: Path, url: str) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", str(foreign_models(home / "models", url)))


def in_home(monkeypatch: pytest.MonkeyPatch, home: Path, url: str) -> None:
    foreign_models(home / ".aws/models", url)
    monkeypatch.setenv("HOME", str(home))


def in_configuration(monkeypatch: pytest.MonkeyPatch, home: Path, url: str) -> None:
    (home / "config").write_text(f"[default]\ndata_path = {foreign_models(home / 'models', url)}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "config"))


@pytest.mark.parametrize("place", [in_variable, in_home, in_configuration])
def test_no_model_of_the_environment_leads_the_key_away(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, tmp_path: Path, place: Callable[..., None]
) -> None:
    with loopback.serving(GET=[loopback.status(200)], PUT=[loopback.status(200)]) as other:
        place(monkeypatch, tmp_path, other.url)
        with forms.opened(sandbox.facts.endpoint_url) as custodian:
            sha256 = custodian.ask("key", **PLACE, bucket=sandbox.facts.key_bucket).result()["sha256"]
            custodian.ask("put", name="example.jp", selector=SELECTOR, sha256=sha256).result()
        assert not other.asked
    assert [call for call in sandbox.calls() if call["operation"] == "PutEmailIdentityDkimSigningAttributes"]


@pytest.mark.parametrize("place", [in_home, in_configuration, in_variable])
def test_no_model_of_the_environment_is_loaded_beside_aws(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: Callable[..., None]
) -> None:
    monkeypatch.setattr(Loader, "CUSTOMER_DATA_PATH", str(tmp_path / ".aws/models"))  # botocore has read HOME before
    place(monkeypatch, tmp_path, "http://127.0.0.1:9")
    client = Clients(Settings(region="ap-northeast-1", sandbox=True)).get("sesv2")
    sent = sent_to(client)
    with pytest.raises(Stopped):
        client.get_account()
    assert sent == ["https://email.ap-northeast-1.amazonaws.com/v2/email/account"]


class Stopped(Exception):
    """A request got as far as the wire."""


def sent_to(client: Any) -> list[str]:
    """The addresses that a client's requests were about to leave for, each of which is stopped there."""
    sent: list[str] = []

    def stop(request: Any, **_: object) -> None:
        sent.append(request.url)
        raise Stopped

    client.meta.events.register_last("before-send", stop)
    return sent


@pytest.mark.parametrize("endpoint", ["", "https://ses.example.jp"])
def test_a_request_for_another_host_is_not_sent(endpoint: str) -> None:
    """Show whatever turned it: here it is done between the rules and the signature."""
    with loopback.serving(PUT=[loopback.status(200)]) as other:
        clients = Clients(Settings(region="ap-northeast-1", endpoint_url=endpoint, sandbox=True))
        ses = clients.get("sesv2", WRITE)
        for url, refusal in ((other.url, Foreign), ("http://192.0.2.1", Unencrypted), ("https://192.0.2.1", Foreign)):
            turn = functools.partial(_turned, url)
            ses.meta.events.register_first("request-created", turn)
            with pytest.raises(refusal):
                ses.put_email_identity_dkim_signing_attributes(
                    EmailIdentity="example.jp", SigningAttributesOrigin="AWS_SES"
                )
            ses.meta.events.unregister("request-created", turn)
        assert not other.asked


def _turned(url: str, request: Any, **_: object) -> None:
    request.url = f"{url}/stolen"


def test_another_port_of_the_same_host_is_another_host(sandbox: Sandbox) -> None:
    with loopback.serving(GET=[loopback.status(200)]) as other:
        ses = Clients(Settings(**forms.settings(sandbox.facts.endpoint_url))).get("sesv2")
        ses.meta.events.register_first("request-created", functools.partial(_turned, other.url))
        with pytest.raises(Foreign, match="nothing was sent"):
            ses.get_account()
        assert not other.asked


@pytest.mark.parametrize("region", ["ap-northeast-1", "us-east-1", "cn-north-1", "us-gov-west-1"])
@pytest.mark.parametrize("variable", ["", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_USE_FIPS_ENDPOINT"])
def test_every_host_of_aws_is_its_own(monkeypatch: pytest.MonkeyPatch, region: str, variable: str) -> None:
    if variable and not (region == "cn-north-1" and "FIPS" in variable):  # China has no such hosts
        monkeypatch.setenv(variable, "true")
    clients, sent = Clients(Settings(region=region, sandbox=True, requests_per_second=0)), []
    calls = {"sesv2": "get_account", "ses": "get_send_quota", "sts": "get_caller_identity"}
    calls |= {
        "route53": "list_hosted_zones",
        "secretsmanager": "list_secrets",
        "kms": "list_keys",
        "s3": "list_buckets",
    }
    for service, call in calls.items():
        sent.append(sent_to(client := clients.get(service)))
        with pytest.raises(Stopped):
            getattr(client, call)()
    with pytest.raises(Stopped):
        clients.get("s3").get_object(Bucket="byodkim-keys", Key="k")
    assert all(sent)
    assert "byodkim-keys.s3" in sent[-1][-1]


@pytest.mark.parametrize(
    ("bucket", "error"), [("byodkim-keys.s3", Stopped), ("email.s3", Foreign), ("s.email", Foreign)]
)
def test_only_a_bucket_of_s3_stands_before_the_host(bucket: str, error: type[Exception]) -> None:
    name = "s3" if error is Stopped else "sesv2"
    client = Clients(Settings(region="us-east-1", sandbox=True, requests_per_second=0)).get(name)
    sent_to(client)
    turn = functools.partial(_turned, f"https://{bucket}.us-west-2.amazonaws.com")
    client.meta.events.register_first("request-created", turn)
    with pytest.raises(error):
        client.get_account() if name == "sesv2" else client.list_buckets()


@each(("host", "variable"), [("127.0.0.1", ""), ("localhost", ""), ("localhost", "AWS_ENDPOINT_URL_SESV2")])
def test_a_loopback_endpoint_is_not_reached_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch, host: str, variable: str
) -> None:
    with loopback.serving(GET=[loopback.status(500)]) as proxy, loopback.serving(GET=[loopback.status(200)]) as own:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        url = own.url.replace("127.0.0.1", host)
        if variable:
            monkeypatch.setenv(variable, url)
        settings = Settings(region="ap-northeast-1", endpoint_url="" if variable else url, sandbox=True)
        with contextlib.suppress(BotoCoreError):  # what it answers is no matter
            Clients(settings).get("sesv2").get_account()
        assert own.asked
        assert not proxy.asked


@each("way", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "AWS_CONFIG_FILE"])
def test_no_bundle_of_the_environment_lets_a_proxy_open_tls(sandbox: Sandbox, tmp_path: Path, way: str) -> None:
    bundle, configured = own_authority(tmp_path / "bundle.pem"), tmp_path / "config"
    configured.write_text(f"[default]\nca_bundle = {bundle}\n")
    with Wire(sandbox.facts.endpoint_url, {}, bundle) as proxy, pytest.MonkeyPatch.context() as patched:
        for name in ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"):
            patched.delenv(name, raising=False)
        given = {way: str(configured if way == "AWS_CONFIG_FILE" else bundle), "HTTPS_PROXY": proxy.url}
        for name, value in {**AWS, **given}.items():
            patched.setenv(name, value)
        with forms.opened("", sandbox=False) as custodian:
            asked = {**PLACE, "bucket": sandbox.facts.key_bucket}
            assert refusal(custodian, "key", **asked) == "GetObject: SSLError"
        assert not proxy.seen


def test_a_piece_of_a_private_key_in_the_secrets_record_goes_no_further(
    planning: Custodian, sandbox: Sandbox, aws: dict[str, Any]
) -> None:
    """Neither as what the secret says nor as what is kept raw: no key is in hand by which it could be found."""
    piece = forms.bare(forms.PKCS8).decode()[800:1192]
    secrets, place = aws["secretsmanager"], {"SecretId": sandbox.facts.secret_id}
    before = secrets.get_secret_value(**place)["SecretString"]
    try:
        for value in (f"v=DKIM1; k=rsa; p={piece}", f"v=DKIM1; k=rsa; p={piece[:200]} {piece[200:]}", piece):
            text = json.dumps({"selector": "s", "s3_key_path": "k", "dns_record": {"value": value}})
            secrets.put_secret_value(**place, SecretString=text)
            answered = json.dumps(
                [planning.ask("secret", secret_id=sandbox.facts.secret_id).result(), planning.drain()]
            )
            assert '"s3_key_path": "k"' in answered
            assert not of([base64.b64decode(piece)]).found_in(answered)
    finally:
        secrets.put_secret_value(**place, SecretString=before)


@each("bits", [1024, 2048, 4096])
def test_a_public_key_stays_as_it_is(bits: int) -> None:
    p = base64.b64encode(keys.spki(bits)).decode()
    for value in (
        f"v=DKIM1; k=rsa; p={p}",
        f"v=DKIM1; p={p[:200]} {p[200:]}",
        f"v=DKIM1; k=rsa; p={p[:150]}",
        "v=DKIM1; p=",
    ):
        assert public_part(value) == value
    ed25519 = f"v=DKIM1; k=ed25519; p={base64.b64encode(bytes(range(32))).decode()}"
    assert public_part(ed25519) == ed25519


@each("spelled", ["&#x{:02x};", "&#X{:02X};", "&#x{:04x};", "&#{:d};", "&#{:04d};"])
def test_every_numeric_character_reference_of_html_is_read(spelled: str) -> None:
    numbers = keys.private_key(2048).private_numbers()
    piece = base64.b64encode(numbers.p.to_bytes(128))[30:80]
    assert of_key(numbers).found_in("".join(spelled.format(byte) for byte in piece))
