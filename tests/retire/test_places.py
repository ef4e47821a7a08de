"""Other accounts and Regions of the domain, with credentials of their own or none; approvals."""

import base64
import json
from pathlib import Path

import dns.message
import dns.query
import dns.rcode
import pytest

from byodkim.checks.world import Server
from byodkim.dns.update import TsigKey, UpdateServer
from byodkim.record.sealing_key import load_sealing_key
from byodkim.record.verify import verify_folder
from tests.prepare.named import KEY_NAME, named
from tests.retire.conftest import PROFILE
from tests.retire.retiring import require_retired, retire, versions
from tests.rotate.project import Project, hours, identity
from tests.rotate.test_people import acting, approve
from tests.sandbox.tools import CURRENT, NEW

WEST = "us-west-2"
WAIVED = "TIME-OVERLAP: it was left in May"


@pytest.fixture
def aws(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return a project that reaches the sandbox as one reaches AWS, and has left its selector."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "own")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(project.folder / "aws"))
    Path("aws").write_text("[profile empty]\nregion = us-west-2\n")
    identity(selector=NEW, status="SUCCESS")(project)
    return project


def profile(project: Project, section: str = "") -> None:
    world = project.world
    values = {
        "domain": project.domain,
        "region": world.region,
        "account": world.account,
        "secret_id": world.secret_id,
        "key_bucket": world.key_bucket,
        "endpoint_url": world.endpoint_url,
        "hosted_zone_id": world.hosted_zone_id,
    }
    text = "".join(f'{name} = "{value}"\n' for name, value in values.items())
    project.profile(f"{text}nameservers = {list(world.nameservers)}\n{PROFILE}\n{section}")


SECTIONS = {
    "without credentials": f'[west]\nregion = "{WEST}"\naws_profile = "missing"\n',
    "with those of another account": (
        f'[west]\nregion = "{WEST}"\naccount = "210987654321"\nendpoint_url = "{{url}}"\n'
    ),
}


@pytest.mark.parametrize("section", SECTIONS.values(), ids=SECTIONS)
def test_a_section(aws, section):
    """It could still sign there: the run names it and stops. A person who knows waives that."""
    profile(aws, section.replace("{url}", aws.world.endpoint_url))
    result = retire(aws, target="aws", waive=WAIVED)
    assert result.stopped_by == "SES-ELSEWHERE UNKNOWN", result.text
    assert f"{WEST} ([west])" in str(result.finding("SES-ELSEWHERE").saw)
    waive = f"{WAIVED}; SES-ELSEWHERE: that account was closed"
    require_retired(aws, retire(aws, "waived", target="aws", waive=waive))


def test_a_section_about_another_domain(aws):
    section = (
        '[other]\ndomain = "other.example.jp"\nregion = "us-west-2"\naws_profile = "missing"\n'
    )
    profile(aws, section)
    require_retired(aws, retire(aws, target="aws", waive=WAIVED))


def test_a_region_that_only_a_signed_run_names(aws):
    """It is read with the credentials of its account, and a retirement holds there too."""
    profile(aws)
    assert aws.run("west", target="aws", region=WEST, mode="plan").outcome == "REFUSED"
    result = retire(aws, target="aws", waive=WAIVED)
    require_retired(aws, result)
    assert f"{WEST} (west)" in str(result.finding("SES-ELSEWHERE").saw)
    again = retire(aws, "again", target="aws", region=WEST, waive=WAIVED)
    assert again.stopped_by == "SES-EXISTS FAIL"


def test_dynamic_update(aws, tmp_path):
    """The zone's own primary server, a BIND, removes the record."""
    with named(tmp_path / "named") as server:
        secret = aws.client("secretsmanager")
        secret.create_secret(Name="tsig", SecretString=json.dumps(server.tsig))
        profile(aws)
        written = (aws.folder / "byodkim.toml").read_text()
        updates = f'"rfc2136"\nupdate_server = "{server.address}"\ntsig_secret_id = "tsig"'
        for old, new in {
            '"route53"': updates,
            f"nameservers = {list(aws.world.nameservers)}": f'nameservers = ["{server.address}"]',
        }.items():
            written = written.replace(old, new)
        (aws.folder / "byodkim.toml").write_text(written)
        key = TsigKey(KEY_NAME, "hmac-sha256", base64.b64decode(server.secret))
        name, primary = aws.name_of(CURRENT), Server("", "127.0.0.1", server.port)
        added = UpdateServer(primary, key).change(name, "", aws.record(CURRENT), 300)
        assert added.result == "accepted"
        result = retire(aws, target="aws", waive=WAIVED)
        answer = dns.query.udp(dns.message.make_query(name, "TXT"), "127.0.0.1", 5, server.port)
    assert (result.outcome, versions(aws)) == ("RETIRED", []), result.text
    assert answer.rcode() == dns.rcode.NXDOMAIN


def test_approved(left):
    """The plan that was approved is the one that is applied, also two days later."""
    with acting(left, "tanaka") as public:
        approvers = f'approvals = 1\napprovers = {{ tanaka = "{public}" }}\n'
    mine = load_sealing_key().public
    left.profile(f'{PROFILE}{approvers}sealing_keys = {{ me = "{mine}" }}\n')
    assert retire(left, "plan", mode="plan").outcome == "PLANNED"
    assert retire(left, "alone").stopped_by == "PLAN-APPROVED FAIL"
    assert approve(left, "tanaka", "plan")[0] == 0
    hours(48)(left)
    assert retire(left).outcome == "RETIRED"
    assert verify_folder(left.outputs, {mine: "me"}, approvers={"tanaka": public}).verified
