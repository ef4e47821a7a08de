"""Other accounts and Regions of the domain, with credentials of their own or none; approvals."""

import pytest

from byodkim.record.sealing_key import load_sealing_key
from byodkim.record.verify import verify_folder
from tests.retire.conftest import PROFILE
from tests.retire.retiring import require_retired, retire
from tests.rotate.project import Project, hours, identity
from tests.rotate.test_people import acting, approve
from tests.sandbox.tools import NEW

WEST = "us-west-2"
WAIVED = "TIME-OVERLAP: it was left in May"


def left_at_aws(project: Project, monkeypatch: pytest.MonkeyPatch, section: str = "") -> None:
    """Let the project take the sandbox for AWS, and have left its selector there."""
    zone = f'hosted_zone_id = "{project.world.hosted_zone_id}"\n'
    project.be_aws(monkeypatch, f"{zone}{PROFILE}\n{section}")
    identity(selector=NEW, status="SUCCESS")(project)


SECTIONS = {
    "without credentials": 'aws_profile = "missing"\n',
    "with those of another account": 'account = "210987654321"\nendpoint_url = "{url}"\n',
}


@pytest.mark.parametrize("section", SECTIONS.values(), ids=SECTIONS)
def test_a_section(project, monkeypatch, section):
    """It could still sign there: the run names it and stops. A person who knows waives that."""
    section = section.replace("{url}", project.world.endpoint_url)
    left_at_aws(project, monkeypatch, f'[west]\nregion = "{WEST}"\n{section}')
    result = retire(project, waive=WAIVED)
    assert result.stopped_by == "SES-ELSEWHERE UNKNOWN", result.text
    assert f"{WEST} ([west])" in str(result.finding("SES-ELSEWHERE").saw)
    waive = f"{WAIVED}; SES-ELSEWHERE: that account was closed"
    require_retired(project, retire(project, "waived", waive=waive))


def test_a_section_about_another_domain(project, monkeypatch):
    other = '[other]\ndomain = "other.example.jp"\nregion = "us-west-2"\naws_profile = "missing"\n'
    left_at_aws(project, monkeypatch, other)
    require_retired(project, retire(project, waive=WAIVED))


def test_a_region_that_only_a_signed_run_names(project, monkeypatch):
    """It is read with the credentials of its account, and a retirement holds there too."""
    left_at_aws(project, monkeypatch)
    assert project.run("west", region=WEST, mode="plan").outcome == "REFUSED"
    result = retire(project, waive=WAIVED)
    require_retired(project, result)
    assert f"{WEST} (west)" in str(result.finding("SES-ELSEWHERE").saw)
    again = retire(project, "again", region=WEST, waive=WAIVED)
    assert again.stopped_by == "SES-EXISTS FAIL"


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
