"""Whom to turn to: the profile's contacts where a record, a refusal and a letter tell someone to act."""

from __future__ import annotations

import pytest

from second_edition.errors import ParameterError
from second_edition.intent import profile
from tests.second_edition.notebooks.runs import Ran
from tests.second_edition.notebooks.stage import Stage, Troupe

CONTACTS = {"operators": "mail-ops@example.jp", "dns": "dns@example.jp", "escalation": "+81 3 0000 0000"}
TOLD = "Contacts: operators: mail-ops@example.jp; DNS team: dns@example.jp; escalation: +81 3 0000 0000."


def refused(stage: Stage) -> Ran:
    lines = "\n".join(f'{who} = "{where}"' for who, where in CONTACTS.items())
    (stage.folder / "byodkim.toml").write_text(f"[default.contacts]\n{lines}\n")
    return stage.apply()


def test_they_stand_where_someone_has_to_act(troupe: Troupe) -> None:
    ran = troupe.begin("contacts", refused, "dns-absent").result()
    assert (ran.outcome, ran.event("begin")["contacts"]) == ("REFUSED", CONTACTS)
    assert TOLD in ran.headline
    assert ran.ending()[-1] == ("Next", TOLD)
    (letter,) = (name for name in ran.files if name.endswith(".dns-request.txt"))
    lines = (ran.folder / letter).read_text().splitlines()
    assert lines[0].startswith("REHEARSAL: do not publish")
    assert lines[2] == "To: dns@example.jp"
    assert lines[-2:] == ["Questions: mail-ops@example.jp", "Escalation: +81 3 0000 0000"]


@pytest.mark.parametrize("contacts", [{"boss": "x@example.jp"}, {"dns": 3}, "dns@example.jp"])
def test_a_contact_is_of_a_known_kind_and_text(contacts: object) -> None:
    with pytest.raises(ParameterError, match="contacts"):
        profile.of({"contacts": contacts}, "default", "en")
