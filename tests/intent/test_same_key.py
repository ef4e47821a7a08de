"""Sections of a profile that sign with the same key: retire looks at the account and Region of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from byodkim.errors import ParameterError
from byodkim.intent import profile, profile_file
from byodkim.intent.intent import Other, resolve
from byodkim.settings import Parameters, Profile

HOME = 'account = "123456789012"\nregion = "ap-northeast-1"\ndomain = "example.jp"\nsecret_id = "s"\n'
EU = '[eu]\naccount = "111122223333"\nregion = "eu-west-1"\naws_profile = "mail-eu"\n'


def load(folder: Path, section: str, others: str = EU) -> Profile:
    (folder / profile_file.FILE).write_text(f"[default]\n{section}{others}")
    return profile.load("default", folder, "en")


def test_each_is_looked_at_by_its_own_sign_in(tmp_path: Path) -> None:
    section = load(
        tmp_path, HOME + 'same_key_in = ["eu", "us"]\n', EU + '[us]\naccount = "123456789012"\nregion = "us-east-1"\n'
    )
    made = resolve(Parameters(selector="mail-1"), section, None, (), {}, procedure="retire")
    assert made.others == (Other("111122223333", "eu-west-1", "mail-eu"), Other("123456789012", "us-east-1", ""))


WRONG = {
    "no such section": HOME + 'same_key_in = ["us"]\n',
    "the section itself": HOME + 'same_key_in = ["default"]\n',
    "twice": HOME + 'same_key_in = ["eu", "eu"]\n',
    "no account of its own": HOME.partition("\n")[2] + 'same_key_in = ["eu"]\n',
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_looked_at_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ParameterError, match="same_key_in"):
        load(tmp_path, WRONG[name])


def test_a_section_without_its_region_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="same_key_in"):
        load(tmp_path, HOME + 'same_key_in = ["eu"]\n', '[eu]\naccount = "111122223333"\n')
