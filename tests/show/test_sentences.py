"""What is said in which world. Sentences are compared by their keys or by a fact in them."""

import shlex
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from byodkim.record.record import tell
from byodkim.show import mail
from byodkim.show.commands import apply_command, retire_command, rollback_command
from byodkim.show.first_screen import finished, first_cause, headline, progress, safe
from byodkim.show.notebook import bundle
from byodkim.show.section import Strong, clock, moment, seconds, visible
from byodkim.show.terminal import ending
from tests.show.worlds import HOSTILE, NEW, OLD, WORLDS, finding

UNSIGNED = (
    "Mail may have been unsigned for up to {time}. SES showed the selector verified at {clock}."
)
UNTOUCHED = "SES was not changed by this run."


def texts(sentences):
    return [sentence.text for sentence in sentences]


#: Where mail may have been unsigned, where SES was not changed, and where all is safe.
SAID = {
    "switched": "unsigned safe",
    "landed late": "unsigned safe",
    "rollback": "unsigned safe",
    "sandbox": "unsigned safe",
    "was failing": "unsigned safe",
    "waived": "unsigned",
    "disabled": "unsigned",
    "planned": "untouched",
    "refused": "untouched",
    "unknown": "untouched",
    "record gone": "untouched",
    "interrupted": "untouched",
    "unchanged": "untouched safe",
    "completed": "untouched safe",
    "prepared": "untouched safe",
}


@pytest.mark.parametrize("world", WORLDS)
def test_what_is_said_of_mail(world):
    record = tell(WORLDS[world])
    said = texts(mail.meaning(record)) + texts(safe(record))
    words = {"unsigned": UNSIGNED, "untouched": UNTOUCHED, "safe": "Yes."}
    assert [word for word, text in words.items() if text in said] == SAID.get(world, "").split()


def test_an_unclear_write_is_not_known_yet():
    assert str(mail.meaning(tell(WORLDS["unclear"]))[0]).startswith("Not known: ")


@pytest.mark.parametrize(
    ("world", "word"),
    [
        ("sandbox", "sandbox"),
        ("record gone", "Mail fails DKIM"),
        ("was failing", "FAILED"),
        ("disabled", "without a DKIM signature"),
        ("waived", "TIME-ACTIVATE"),
    ],
)
def test_what_must_be_known_first_is_said_first(world, word):
    record = tell(WORLDS[world])
    assert word in str(mail.cautions(record)[0])
    assert "▲" in ending(record, "x").splitlines()[1]


@pytest.mark.parametrize(
    "world", ["planned", "switched", "pending", "killed", "unchanged", "prepared"]
)
def test_no_alarm_where_nothing_fails(world):
    assert mail.cautions(tell(WORLDS[world])) == []


def test_a_waived_check_is_named_with_its_reason():
    record = tell(WORLDS["waived"])
    cautions = [part.text for part in headline(record).body if isinstance(part, Strong)]
    assert cautions == [f"Waived: TIME-ACTIVATE (tested by hand {HOSTILE})."]
    assert f"▲{' ' * 13}{visible(cautions[0])}" in ending(record, "x").splitlines()


@pytest.mark.usefixtures("japanese")
def test_an_answer_fits_its_question_in_japanese():
    record = tell(WORLDS["switched"])
    assert str(safe(record)[0]) == "問題ありません。"
    assert str(finished(record)[0]) == "変更は完了しています。"


@pytest.mark.usefixtures("japanese")
def test_a_list_has_japanese_commas_in_japanese():
    shown = bundle(headline(tell(WORLDS["switched"])))["text/plain"]
    assert "作業者 sato@ops1、依頼者 mail-team、" in shown


def test_a_killed_record_names_the_next_step():
    record = tell(WORLDS["killed"])
    assert record.headline.values["line"] == len(WORLDS["killed"])
    assert "same command" in finished(record)[-1].text


def test_a_stop_names_cause_expectation_sight_and_remedy():
    rows = [answer for _question, answer in first_cause(tell(WORLDS["refused"]), UNTOUCHED)]
    assert rows[0].startswith("DNS-PUBLISHED")
    assert HOSTILE in rows[2]
    assert rows[3] == UNTOUCHED
    assert rows[4].startswith("Publish")


def test_progress_fills_only_what_was_seen():
    filled = {world: progress(tell(WORLDS[world])).count("●") for world in WORLDS}
    assert (filled["switched"], filled["pending"], filled["planned"]) == (4, 3, 2)
    assert (filled["refused"], filled["begun"], filled["disabled"]) == (0, 0, 3)


def test_rollback_command():
    words = shlex.split(rollback_command(tell(WORLDS["switched"])).text)
    assert words == shlex.split(
        f"papermill notebooks/rotate.ipynb outputs/CHG-1042-back.ipynb -r selector {OLD} "
        "-r profile 'mail jp' -r ticket CHG-1042 -p mode apply"
    )


def test_the_apply_command_takes_every_parameter():
    words = shlex.split(apply_command(tell(WORLDS["planned"])))
    assert words[2] == "outputs/CHG-1042-apply.ipynb"
    assert words[3:6] == ["-r", "selector", NEW]
    assert words[words.index("reason") + 1] == "it's due"
    assert words[-3:] == ["-p", "mode", "apply"]


@pytest.mark.parametrize(
    "world",
    ["planned", "refused", "unclear", "killed", "killed early", "rejected", "rollback", "begun"],
)
def test_no_rollback_command(world):
    assert rollback_command(tell(WORLDS[world])).text == ""


def test_a_rollback_that_would_be_refused():
    command = rollback_command(tell(WORLDS["rollback"]))
    assert command.note is not None
    assert command.note.values["check"] == "DNS-PUBLISHED"
    assert command.todo is not None


def test_an_unchecked_rollback_is_not_printed():
    events = [
        msgspec.structs.replace(event, rollback=[]) if hasattr(event, "rollback") else event
        for event in WORLDS["switched"]
    ]
    assert rollback_command(tell(events)).text == ""


def test_a_waiver_that_the_rollback_needs_is_in_its_command():
    needed = finding("TIME-ACTIVATE", "FAIL", waived="it's fine")
    events = [
        msgspec.structs.replace(event, rollback=[needed]) if hasattr(event, "rollback") else event
        for event in WORLDS["switched"]
    ]
    words = shlex.split(rollback_command(tell(events)).text)
    assert words[words.index("waive") + 1] == "TIME-ACTIVATE: it's fine"


def test_retiring_is_only_planned():
    words = shlex.split(retire_command(tell(WORLDS["switched"])))
    assert words[1:3] == ["notebooks/retire.ipynb", "outputs/CHG-1042-retire.ipynb"]
    assert words[-3:] == ["-p", "mode", "plan"]


@pytest.mark.parametrize("world", WORLDS)
def test_the_terminal_moves_no_cursor(world):
    record = tell(WORLDS[world])
    lines = ending(record, f"outputs/{HOSTILE}.ipynb", "ab" * 32).split("\n")
    assert all(line.isprintable() for line in lines)
    assert lines[0].startswith(record.outcome or "NOT CLOSED")
    assert lines[-1].split() == ["Head", "ab" * 32]
    assert sum(line.startswith(("SWITCHED", "#")) for line in lines) <= 1


def test_times_show_the_zone_and_utc():
    at = datetime(2026, 11, 24, 23, 9, 41, tzinfo=UTC)
    assert clock(at, ZoneInfo("Asia/Tokyo")) == "08:09:41 JST (23:09:41 UTC)"
    assert moment(at, ZoneInfo("Asia/Tokyo")) == "2026-11-25 08:09:41 JST (2026-11-24 23:09:41 UTC)"
    assert clock(at, ZoneInfo("UTC")) == "23:09:41 UTC"
    assert moment(at - timedelta(hours=20), ZoneInfo("Asia/Tokyo")).endswith("JST (03:09:41 UTC)")


@pytest.mark.parametrize(("count", "text"), [(0.44, "0.4 s"), (38.2, "38 s"), (252, "4 min 12 s")])
def test_durations(count, text):
    assert str(seconds(count)) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("日本語", "日本語"),
        ("a\x1b[2J", "a‹U+001B›[2J"),
        ("\u202e", "‹U+202E›"),
        ("a\nb", "a‹U+000A›b"),
        ("\ud800", "‹U+D800›"),
    ],
)
def test_invisible_characters_are_spelled(text, shown):
    assert visible(text) == shown
