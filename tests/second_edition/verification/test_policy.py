"""What a policy requires of an archive: each requirement satisfied, and violated with a line that says so."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from second_edition.errors import ParameterError
from second_edition.evidence import journal, sealing_key
from second_edition.evidence.approval import public_text
from second_edition.evidence.journal import SUFFIX
from second_edition.evidence.sealing_key import SealingKey, public_half
from second_edition.evidence.verification_case import NOTES, Policy
from second_edition.intent import trust
from second_edition.intent.trust import trusted
from second_edition.messages.record import TEXTS
from tests.second_edition.display.archive import Archive
from tests.second_edition.evidence.authority import Authority
from tests.second_edition.project.tracked import ROOT
from tests.second_edition.verification.forged import event
from tests.second_edition.verification.judged import codes, journal_of, judge, verify
from tests.second_edition.verification.made import Events, events_of, save
from tests.second_edition.verification.test_witnesses import PEOPLE, SATO, TANAKA, approved, changed, rewritten, stamp

TWO = f'approvals = 2\napprovers = {{ tanaka = "{PEOPLE["tanaka"]}", sato = "{PEOPLE["sato"]}" }}\n'
AS_SHIPPED = 'templates = ["shipped"]\n'


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with Authority(tmp_path_factory.mktemp("authority") / "tsa") as found:
        yield found


def nothing(_: Path, __: Authority) -> None:
    pass


def by_two(chain: Path, _: Authority) -> None:
    approved(chain, TANAKA, SATO, required=0)


def by_one(chain: Path, _: Authority) -> None:
    approved(chain, TANAKA, required=0)


def by_a_stranger(chain: Path, _: Authority) -> None:
    """Whom the run itself calls sato."""
    stranger = Ed25519PrivateKey.generate()
    people = {**PEOPLE, "sato": public_text(stranger)}
    approved(chain, TANAKA, stranger, required=0, people=people)


def only_a_rollback(chain: Path) -> Path:
    """As of a run that found the switch of an earlier one pending for too long."""
    path, names = journal_of(chain, "apply"), {"intent": "rollback", "answer": "rolled"}
    events = [one for one in events_of(path) if one["event"] != "resolved"]
    for one in events:
        one["event"] = names.get(one["event"], one["event"])
        if one["event"] == "rollback":
            one["hours"] = 24
    return rewritten(path, events)


def stamped(chain: Path, authority: Authority) -> None:
    stamp(chain, authority)


def waived(chain: Path, _: Authority, name: str = "apply") -> Path:
    told = {"id": "DNS-PUBLISHED", "verdict": "WAIVED", "reason": "x"}

    def change(events: Events) -> None:
        event(events, "begin")["waivers"] = {told["id"]: told["reason"]}
        event(events, "checked")["findings"][0].update(told)

    return changed(chain, change, name)


def another_cell(chain: Path, _: Authority) -> None:
    """In the record, and not in the notebook that the run names."""
    told = json.loads((chain / "apply.ipynb").read_bytes())
    told["cells"][-1]["source"] = ["print(1)"]
    save(chain / "apply.ipynb", told)


def with_a_page(chain: Path, _: Authority) -> None:
    (chain / "apply.html").write_text("Page")


PAGES = ("apply.ja.html", "another.xhtml")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_that_no_signature_covers(chain: Path, tmp_path: Path, authority: Authority, name: str) -> None:
    """It is noted, and forbidden where pages are to be signed."""
    (chain / name).write_text("Page")
    assert [one.name for found in judge(chain) for one in found.files.pages] == [name]
    assert all(one.sound for one in judge(chain))
    apply = journal_of(chain, "apply")
    (chain / f"apply.ja.x{SUFFIX}").write_text("{}\n")  # a record of nobody, whose page that would be
    assert [("page-uncovered" in codes(one)) for one in judge(apply)] == [name.startswith("apply.")]
    (chain / f"apply.ja.x{SUFFIX}").unlink()
    lines = verify(chain, ".", "--policy", str(written(tmp_path, 'pages = "signed"\n', authority))).stdout.splitlines()
    assert [line for line in lines if name in line] == [f"          policy: its page {name} has no signature"]


def test_the_page_of_a_run_that_never_began_is_looked_at_with_its_notebook(
    chain: Path, archive: Archive, tmp_path: Path, authority: Authority
) -> None:
    """It is no other run's, and says no more than that nothing began."""
    shutil.copy(archive("unbegun"), chain / "refused.ipynb")
    page = chain / "refused.html"
    page.write_text(f'<body><h1 class="outcome">{html.escape(TEXTS["unfinished"])}</h1></body>')
    trust = trusted([], [], None, "en", written(tmp_path, 'pages = "signed"\n', authority))
    assert [codes(one) for one in judge(chain, trust=trust) if not one.link] == [{"unbegun"}]
    assert not [one for one in judge(chain, trust=trust) if codes(one) & {"policy-page", "page-uncovered"}]
    page.write_text('<body><h1 class="outcome">SWITCHED</h1></body>')
    assert [codes(one) for one in judge(chain, trust=trust) if not one.link] == [{"journal-missing"}]


def run_from(chain: Path, **code: object) -> None:
    changed(chain, lambda events: events[0]["code"].update(code))


def from_a_commit(chain: Path, _: Authority) -> None:
    run_from(chain, commit="c" * 40, dirty=False)


def from_changed_files(chain: Path, _: Authority) -> None:
    run_from(chain, commit="c" * 40, dirty=True)


def from_a_package(chain: Path, _: Authority) -> None:
    run_from(chain, commit="", dirty=False)


# What is done to the archive, the policy, and what a run that applied then lacks.
CASES: dict[str, tuple[Callable[[Path, Authority], object], str, set[str]]] = {
    "key": (nothing, 'trusted_keys = ["OWN"]\n', set()),
    "another-key": (nothing, 'trusted_keys = ["OTHER"]\n', {"seal-unknown-key"}),
    "approved": (by_two, TWO, set()),
    "approved-by-one": (by_one, TWO, {"policy-approvals"}),
    "approved-by-a-stranger": (by_a_stranger, TWO, {"policy-approvals"}),
    "not-approved": (nothing, TWO, {"policy-approvals"}),
    "stamped": (stamped, 'timestamps = true\ntimestamp_roots = "ROOT"\n', set()),
    "not-stamped": (nothing, 'timestamps = true\ntimestamp_roots = "ROOT"\n', {"policy-timestamp"}),
    "shipped": (nothing, AS_SHIPPED, set()),
    "another-template": (nothing, f'templates = ["{"0" * 64}"]\n', {"policy-template"}),
    "another-cell": (another_cell, AS_SHIPPED, {"policy-code"}),
    "waiver-listed": (waived, 'waivers = ["DNS-PUBLISHED"]\n', set()),
    "waiver": (waived, 'waivers = ["DNS-RESOLVERS"]\n', {"policy-waiver"}),
    "waiver-unlisted": (waived, "", {"policy-waiver"}),
    "no-page": (nothing, 'pages = "signed"\n', set()),
    "a-page": (with_a_page, 'pages = "signed"\n', {"policy-page"}),
    "a-page-that-may-be": (with_a_page, "", set()),
    "commit": (from_a_commit, 'code = "committed"\n', set()),
    "changed-files": (from_changed_files, 'code = "committed"\n', {"policy-commit"}),
    "package": (from_a_package, 'code = "committed"\n', {"policy-commit"}),
    "young": (nothing, "newest_run_days = 9\n", set()),
}


def own_key() -> SealingKey:
    found = sealing_key.own()
    assert found is not None
    return found


def written(folder: Path, text: str, authority: Authority) -> Path:
    other = public_half(Ed25519PrivateKey.generate()).text
    path = folder / "policy.toml"
    path.write_text(text.replace("OWN", own_key().text).replace("OTHER", other).replace("ROOT", str(authority.root)))
    return path


@pytest.mark.parametrize("name", CASES)
def test_a_requirement(chain: Path, tmp_path: Path, authority: Authority, name: str) -> None:
    act, text, lacks = CASES[name]
    act(chain, authority)
    trust = trusted([], [], None, "en", written(tmp_path, text, authority))
    (one,) = judge(journal_of(chain, "apply"), trust=trust)
    assert {code for code in codes(one) - NOTES if code.startswith(("policy-", "seal-"))} == lacks
    assert one.sound == (not lacks)
    said = [found.text for found in one.findings if found.code == "policy-template"]
    begin = journal.read(journal_of(chain, "apply")).begin
    assert all(begin.template in text and re.search("[0-9a-f]{64}", text) for text in said), said


def test_a_plan_run_may_waive_what_no_policy_lists(chain: Path, tmp_path: Path, authority: Authority) -> None:
    path = waived(chain, authority, "plan")
    (one,) = judge(path, trust=trusted([], [], None, "en", written(tmp_path, "", authority)))
    assert (one.verdict, one.waived) == ("verified", ("DNS-PUBLISHED",))


@pytest.mark.parametrize(("text", "noted"), [(TWO, {"rollback-alone"}), ("", set())])
def test_an_automatic_rollback_alone_needs_no_approval_and_its_line_says_so(
    chain: Path, tmp_path: Path, authority: Authority, text: str, noted: set[str]
) -> None:
    path = only_a_rollback(chain)
    (one,) = judge(path, trust=trusted([], [], None, "en", written(tmp_path, text, authority)))
    assert codes(one) & {"rollback-alone", "policy-approvals"} == noted
    assert "rollback-alone" not in codes(judge(path)[0])  # nor where no policy is given


def test_each_requirement_that_is_not_satisfied_has_a_line(
    untouched: Path, tmp_path: Path, authority: Authority
) -> None:
    path = written(tmp_path, TWO + 'timestamps = true\ntimestamp_roots = "ROOT"\n', authority)
    done = verify(untouched, ".", "--policy", str(path))
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1, "")
    timestamp = "          policy: no timestamp by an authority that the policy trusts"
    approvals = "          policy: 0 of the 2 approvals that the policy requires"
    told = [line for line in lines if line.startswith(("OFF", "VERIFIED", "          policy"))]
    marks = [line if "policy" in line else line.split()[0] for line in told]
    apply = ["OFF", approvals, timestamp]
    assert marks == ["OFF", timestamp, *apply, "OFF", timestamp, *apply]
    assert "approvals: 0 of 2" in told[2]
    assert f"  policy: {path}" in lines


def test_the_example_is_a_policy() -> None:
    found = trust.read_policy(ROOT / "docs/second_edition/policy.example.toml", "en")
    text = (ROOT / "docs/second_edition/policy.example.toml").read_text("utf-8")
    assert all(re.search(rf"^(# )?{name}\b", text, re.MULTILINE) for name in Policy.__struct_fields__)
    assert (found.approvals, found.timestamps, len(found.templates)) == (2, True, 5)


UNUSABLE = {
    "no-toml": ("x", "TOML"),
    "unknown": ("approval = 2\n", "approval is no key"),
    "not-a-number": ('approvals = "2"\n', "the value of approvals"),
    "nobody": ("approvals = 2\n", "more people than approvers"),
    "one-twice": (
        f'approvals = 2\napprovers = {{ tanaka = "{PEOPLE["tanaka"]}", sato = "{PEOPLE["tanaka"]}" }}\n',
        "more people than approvers",
    ),
    "no-roots": ("timestamps = true\n", "timestamp_roots"),
    "no-check": ('waivers = ["DNS-PUBLISHD"]\n', "DNS-PUBLISHD under waivers is no check. Did you mean DNS-PUBLISHED?"),
    "not-a-digest": ('templates = ["rotate"]\n', "the value of templates"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_policy_that_cannot_be_satisfied_or_read(tmp_path: Path, name: str) -> None:
    content, said = UNUSABLE[name]
    (tmp_path / "policy.toml").write_text(content)
    with pytest.raises(ParameterError, match=rf"policy\.toml.*{said}"):
        trusted([], [], None, "en", tmp_path / "policy.toml")


@pytest.mark.parametrize("given", [True, False])
def test_certificates_of_timestamp_authorities_that_are_not_there(tmp_path: Path, given: bool) -> None:
    (tmp_path / "policy.toml").write_text("" if given else 'timestamp_roots = "absent.pem"\n')
    with pytest.raises(ParameterError, match=r"absent\.pem, the certificates of timestamp authorities, is not there"):
        trusted([], [], tmp_path / "absent.pem" if given else None, "en", tmp_path / "policy.toml")


def test_a_table_of_the_profile_is_a_policy_too(untouched: Path, tmp_path: Path, authority: Authority) -> None:
    """It holds for the runs of every profile."""
    written(tmp_path, "[policy]\n" + AS_SHIPPED + TWO, authority).rename(tmp_path / "byodkim.toml")
    done = verify(tmp_path, str(untouched))
    assert (done.returncode, done.stdout.count("the policy requires")) == (1, 2)
    by_key = verify(tmp_path, str(untouched), "--key", own_key().text)  # which asks for that key and nothing else
    assert by_key.returncode == 0
    (tmp_path / "byodkim.toml").write_text("[default]\n[policies]\napprovals = 2\n")
    assert "a section [policies]. Write [policy]" in verify(tmp_path, str(untouched)).stderr


def test_what_lies_in_the_profiles_place_and_is_no_file_is_not_taken_for_none(untouched: Path, tmp_path: Path) -> None:
    """Its policy would be dropped without a word."""
    path = tmp_path / "byodkim.toml"
    os.mkfifo(path)
    done = verify(tmp_path, str(untouched))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.partition(". ")[0] == f"{path} cannot be read (no regular file)"
    path.unlink()
    path.symlink_to("moved.toml")
    assert verify(tmp_path, str(untouched)).returncode == 2


def test_a_policy_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="No such file"):
        trusted([], [], None, "en", tmp_path / "policy.toml")
