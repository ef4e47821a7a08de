"""What a secret's selector, path and bucket show: sound ones as they are, and none that may be a piece of a key."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

from second_edition.aws.object_names import is_bucket, is_path
from second_edition.aws.raw import kept
from tests.second_edition.aws.test_key_store import entry, parsed
from tests.second_edition.each import each

BODY = base64.b64encode(random.Random(3).randbytes(1200)).decode()  # as a PEM's, but the same in every test
HASHES = ("5f4dcc3b5aa765d61d8327deb882cf99", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", "0123456789abcdef" * 4)
NAME = "private_key.pem"


@each(
    "path",
    [
        f"dkim-keys/example.jp/mail-20261124-1/{NAME}",
        "private_keys/example.jp/mail-1/private_key_20261110_020011.pem",
        "s3://keys/a b.pem",
        "s3://arn:aws:s3:ap-northeast-1:123456789012:accesspoint/keys/example.jp/a.pem",
        *(f"keys/{one}/{NAME}" for one in HASHES),
        f"keys/3f2504e0-4f89-11d3-9a0c-0305e82c3301/{NAME}",
        "PrivateKeysOfExampleCompany/ForMail2026Q4/Key01.pem",
        "keys/V1StGXR8Z5jdHi6BmyTa42/key.pem",
        "鍵/example.jp/秘密鍵.pem",
    ],
)
def test_sound_layouts_are_shown(path: str) -> None:
    assert is_path(path)
    assert parsed(entry(s3_key_path=path))[0][0].key_path == path


@each(
    "path",
    [
        f"https://keys.s3.amazonaws.com/{NAME}?X-Amz-Signature=00ff",
        f"s3://keys/https://keys.s3.amazonaws.com/{NAME}",
        f"keys/{NAME}?X-Amz-Signature=00ff",
        f"s3://{BODY[800:840]}/{NAME}",
        "x" * 1025,
        "30:82:04:a4:02:01:00:30:0d:06:09:2a",
        f"{BODY[800:820]}\n{BODY[820:840]}",
    ],
)
def test_urls_and_pieces_of_keys_are_no_paths(path: str) -> None:
    found, defect = parsed(entry(s3_key_path=path))
    assert ([one.key_path for one in found], defect) == ([""], "unlike-path")


@each(
    "name", ["keys", "example-jp-dkim-keys", "my.bucket.1", "arn:aws:s3:ap-northeast-1:123456789012:accesspoint/keys"]
)
def test_sound_buckets_are_shown(name: str) -> None:
    assert is_bucket(name)


@each("name", ["ab", "-keys", "Keys", "a" * 64, "a_b", "keys/x", BODY[800:816], "http://keys"])
def test_what_is_no_bucket_is_not_shown(name: str) -> None:
    found, defect = parsed(entry(s3_bucket=name))
    assert ([one.bucket for one in found], defect) == ([""], "unlike-bucket")


def shown(data: dict[str, Any]) -> str:
    return " ".join(f"{one.selector} {one.key_path} {one.bucket} {one.domain}" for one in parsed(data)[0])


def test_random_pieces_of_a_key_are_not_shown() -> None:
    """Pieces of 64 characters never, of 32 hardly ever; shorter ones are the gate's, once the key is known."""
    chance = random.Random(1)
    for length, most in ((64, 0.0), (32, 0.1)):
        for field in ("selector", "s3_key_path", "s3_bucket", "domain"):
            missed, tried = 0, 0
            for _ in range(500):
                start = chance.randrange(400, len(BODY) - length)
                piece = BODY[start : start + length]
                for spelled in (piece, f"keys/{piece}/{NAME}") if field == "s3_key_path" else (piece,):
                    tried += 1
                    missed += piece in shown(entry() | {field: spelled})
            assert missed <= tried * most, (field, length, missed)


def test_an_entry_that_is_not_shown_says_so_and_hides_no_other() -> None:
    piece = BODY[800:864]
    found, defect = parsed([entry(1, s3_key_path=piece), entry(2)])
    assert (found[0].key_path, found[0].defect, found[1].defect, defect) == ("", "unlike-path", "", "unlike-path")
    assert parsed(entry(selector=piece.replace("/", "x").replace("+", "y")[:60]))[1] == "unlike-selector"


def test_nothing_of_it_is_kept_of_the_raw_answer() -> None:
    class Answer:
        status_code = 200
        text = json.dumps({"SecretString": json.dumps(entry(s3_key_path=BODY[800:864], s3_bucket=BODY[500:520]))})

    text = json.dumps(kept("GetSecretValue", Answer()))
    assert BODY[800:816] not in text
    assert BODY[500:520] not in text
    assert "unlike-" in text
