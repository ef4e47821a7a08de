"""How a run is started: parameters, notebooks, outputs, other programs, folders that refuse."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.rotate.project import BIN, NOTEBOOK, Project
from tests.sandbox.tools import CURRENT, NEW

KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC" + "A" * 1500


def require_untouched(project: Project) -> None:
    """Require that nothing was read or written: no AWS call, no record, no lock."""
    assert project.change("calls") == []
    assert list(project.outputs.iterdir()) == []
    assert {path.name for path in project.folder.iterdir()} <= {
        "outputs",
        "byodkim.toml",
        "edited.ipynb",
        "looked.ipynb",
    }


WRONG = {
    "misspelt": ({"selecter": NEW}, "selector"),
    "unknown": ({"dns_name_of_the_record": "x"}, "not a parameter"),
    "of the profile": ({"nameservers": "192.0.2.1"}, "byodkim.toml"),
    "misspelt mode": ({"mode": "aply"}, "plan"),
    "not a number": ({"wait_minutes": "ten"}, "number"),
    "out of bounds": ({"wait_minutes": "99999"}, "4320"),
    "selector of another form": ({"selector": "mail_2026"}, "hyphens"),
    "no selector": ({"selector": ""}, "selector"),
    "Region": ({"region": "tokyo"}, "Region"),
    "scenario": ({"target": "sandbox:redy"}, "ready"),
    "unknown check": ({"waive": "DNS-PUBLISH: late"}, "DNS-PUBLISHED"),
    "check that cannot be waived": ({"waive": "KEY-PAIR: sure"}, "KEY-PAIR"),
    "no reason": ({"waive": "DNS-PUBLISHED"}, "reason"),
    "profile": ({"profile": "prod"}, "default"),
    "private key": ({"reason": KEY}, "private key"),
}


@pytest.mark.parametrize(("given", "told"), WRONG.values(), ids=WRONG)
def test_wrong_parameters(project, given, told):
    """``byodkim rotate`` refuses them with one sentence before a kernel is started."""
    code, text = project.byodkim("rotate", *project.words(**given), "-o", "outputs/run.ipynb")
    assert code == 2, text
    assert told in text
    assert "Traceback" not in text
    assert KEY not in text
    require_untouched(project)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("-p", "ticket", "20261124"), "-r"),
        (("-p", "ticket", "1e5"), "-r"),
        (("-p", "wait_dns_minutes", "true"), "number"),
        (("-p", "wait_minuts", "3"), "wait_minutes"),
        (("-r", "ticket", KEY), "private key"),
    ],
)
def test_wrong_parameters_by_papermill(project, options, told):
    result = project.papermill("run", *options)
    assert result.code == 2, result.text
    assert told in result.text
    assert "Traceback" not in result.text
    require_untouched(project)


PROFILES = {
    "misspelt key": ('secret_idd = "x"\n', "secret_id"),
    "parameter": ('mode = "apply"\n', "mode"),
    "mistyped": ("wait_minutes = true\n", "wait_minutes"),
    "no TOML": ("wait_minutes = \n", "byodkim.toml"),
    "time zone": ('timezone = "Tokyo"\n', "Asia/Tokyo"),
}


@pytest.mark.parametrize(("text", "told"), PROFILES.values(), ids=PROFILES)
def test_wrong_profile(project, text, told):
    project.profile(text)
    result = project.papermill()
    assert result.code == 2
    assert told in result.text
    require_untouched(project)


def test_another_section_of_the_profile_may_be_wrong(project):
    project.profile('[staging]\nsecret_idd = "x"\n')
    assert project.run().outcome == "SWITCHED"


def edited(project: Project, old: str, new: str) -> Path:
    """Return a copy of the notebook with an edit, as JupyterLab saves it."""
    path = project.folder / "edited.ipynb"
    text = NOTEBOOK.read_text("utf-8")
    assert json.dumps(old)[1:-1] in text
    path.write_text(text.replace(json.dumps(old)[1:-1], json.dumps(new)[1:-1], 1), "utf-8")
    return path


def test_mode_saved_in_the_notebook_does_not_count(project):
    """D13: the look command with a template that somebody saved with apply in it."""
    notebook = edited(project, 'mode: str = "plan"', 'mode: str = "apply"')
    words = project.words()
    place = words.index("mode") - 1
    del words[place : place + 3]
    process = project.popen(BIN / "papermill", notebook, "outputs/look.ipynb", *words)
    result = project.end("look", process)
    assert (result.code, result.outcome, project.puts) == (0, "PLANNED", 0), result.text


def test_what_else_is_saved_in_the_notebook_counts(project):
    notebook = edited(project, 'ticket: str = ""', 'ticket: str = "CHG-7"')
    result = project.papermill(notebook=notebook)
    assert result.events[0].ticket == "CHG-7"
    assert (result.outcome, project.puts) == ("SWITCHED", 1), result.text


def test_edited_code_does_not_apply(project):
    notebook = edited(project, "steps.check(run)", "run.findings = []")
    result = project.papermill(notebook=notebook)
    assert result.code != 0
    assert "is not as shipped" in result.text
    assert project.puts == 0


def test_nbconvert_does_not_apply(project):
    """JupyterLab and nbconvert start a kernel without papermill. They may look."""
    lines = [f"{name} = {value!r}\n" for name, value in project.parameters.items()]
    notebook = edited(project, 'language: str = ""', "".join(lines))
    process = project.popen(
        BIN / "jupyter",
        "nbconvert",
        "--to",
        "notebook",
        "--execute",
        "--output-dir",
        ".",
        "--output",
        "looked.ipynb",
        notebook,
    )
    text = process.communicate(timeout=60)[0]
    assert process.returncode != 0
    assert "Only papermill applies a plan" in text
    require_untouched(project)


def test_output_of_a_run_is_no_input(project):
    project.papermill("first", mode="plan")
    result = project.papermill("second", notebook=project.outputs / "first.ipynb")
    assert result.code == 2
    assert "output of an earlier run" in result.text
    assert project.puts == 0


@pytest.mark.parametrize("suffix", [".ipynb", ".journal.jsonl", ".seal.json", ".html", ".csv"])
def test_output_exists(project, suffix):
    path = project.outputs / f"run{suffix}"
    path.write_text("kept")
    result = project.end("other", project.start("run"))
    assert result.code == 2
    assert f"run{suffix} exists already" in result.text
    assert path.read_text() == "kept"
    assert project.change("calls") == []


@pytest.mark.parametrize("output", ["outputs/none/run.ipynb", "-", "outputs/run.txt"])
def test_output_that_leaves_no_record(project, output):
    process = project.popen(BIN / "papermill", NOTEBOOK, output, *project.words())
    text = process.communicate(timeout=60)[0]
    assert process.returncode != 0, text
    require_untouched(project)


@contextmanager
def mounted(path: Path, *options: object) -> Iterator[None]:
    """Mount a file system on a folder: root ignores modes."""
    subprocess.run(["mount", *map(str, options), path], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def read_only(path: Path) -> AbstractContextManager[None]:
    return mounted(path, "--bind", "-o", "ro", path)


def test_folder_is_read_only(project):
    with read_only(project.outputs):
        result = project.papermill()
    assert result.code == 2
    assert "cannot be written to" in result.text
    require_untouched(project)


def test_sealing_key_cannot_be_made(project):
    """D14: what the record needs is there before anything is written to SES."""
    with read_only(project.state / "byodkim"):
        result = project.papermill()
    assert result.code != 0
    assert "sealing-key.pem cannot be written" in result.text
    assert project.puts == 0


def test_folder_of_the_profile_is_read_only(project, monkeypatch):
    """The lock lies beside the profile: without it, nothing is applied."""
    project.be_aws(monkeypatch)
    outputs = project.folder.parent / "elsewhere"
    outputs.mkdir()
    with read_only(project.folder):
        run = outputs / "run.ipynb"
        process = project.popen(BIN / "papermill", NOTEBOOK, run, *project.words())
        told = process.communicate(timeout=60)[0]
    assert process.returncode != 0, told
    assert "Traceback" not in told
    assert "lock" in told
    assert project.puts == 0


@pytest.mark.parametrize(
    "kilobytes", [24, 60, *(pytest.param(size, marks=pytest.mark.prove) for size in (8, 40, 100))]
)
def test_disk_is_full(project, kilobytes):
    """Whatever cannot be recorded is not done; the same command completes it elsewhere."""
    project.profile("late_write_seconds = 1\n")
    aside = project.folder / "aside"
    with mounted(project.outputs, "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs"):
        result = project.papermill()
        shutil.copytree(project.outputs, aside)
    assert result.code != 0
    assert "space left" in result.text or "Make room on the disk" in result.text, result.text
    shutil.copytree(aside, project.outputs, dirs_exist_ok=True)
    second = project.run("second")
    assert second.outcome in ("SWITCHED", "UNCHANGED")
    assert (project.puts, project.selector) == (1, NEW)


def test_byodkim_rotate(project):
    """It chooses the names, and its last lines and exit code are papermill's."""
    words = project.words()
    code, text = project.byodkim("rotate", *words, "-p", "ticket", "CHG 7")
    assert code == 0, text
    assert any(line.startswith("SWITCHED") for line in text.splitlines())
    (journal,) = project.outputs.glob("rotate-CHG-7-apply-*.journal.jsonl")
    project.require_record(project.result(journal.name.removesuffix(".journal.jsonl"), code))
    refused = project.byodkim("rotate", *words, "-p", "selector", "x")
    assert (refused[0], "Traceback" in refused[1]) == (1, False), refused[1]


def test_against_an_endpoint_of_aws(project, monkeypatch):
    """In Japanese: so are the terminal and the page."""
    project.be_aws(monkeypatch)
    result = project.papermill(language="ja")
    result.require("SWITCHED")
    page = (project.outputs / "run.html").read_text("utf-8")
    assert ("切替完了" in result.text, "切替完了" in page) == (True, True)
    project.require_record(result)
    text = (project.folder / "byodkim.toml").read_text()
    (project.folder / "byodkim.toml").write_text(text.replace(project.world.account, "2" * 12))
    refused = project.run("other", selector=CURRENT)
    assert (refused.code, refused.stopped_by) == (1, "SES-ACCOUNT FAIL")
    assert project.puts == 1


def test_apply_needs_an_account(project, monkeypatch):
    project.be_aws(monkeypatch)
    text = (project.folder / "byodkim.toml").read_text()
    (project.folder / "byodkim.toml").write_text(text.replace("account =", "# account ="))
    assert project.run("plan", mode="plan").outcome == "PLANNED"
    refused = project.run("apply")
    assert (refused.stopped_by, project.puts) == ("SES-ACCOUNT FAIL", 0)
