"""No record is accepted that dkimpy, opendkim-testkey or Perl's Mail::DKIM rejects."""

from collections import Counter

from hypothesis import given, settings, strategies as st

from byodkim.dkim.record import BadKeyRecord, parse_key_record
from tests.dkim.judges import verdicts
from tests.dkim.keys import sha256
from tests.dkim.shapes import KEY, REFUSED, SOUND

TAGS = """
    v=DKIM1 v=DKIM2 k=rsa k=RSA k= t=y t=s t=y:s t=s:y: t= s=* s=email s=email:* s=x s= g=* g= g=a
    h=sha256 h=sha1:sha256 h=sha256:x h=sha256: h=SHA256 h=* h= n=a=b n=p= P=1 K=x
    =x n p x=1 x= a_b1=c/d z~=1 9=x x='"' é=1 n=é
"""
SPACE = st.sampled_from([""] * 20 + [" ", "\t", "  ", "\r\n ", "\n", "\v"])
DAMAGE = st.sampled_from([" ", ";", ";;", "=", '"', '" "', "\\;", ",", ":", "A", "+", "\t", "\0"])


@st.composite
def records(draw: st.DrawFn) -> str:
    """Return a tag-list around the key, with white space anywhere and sometimes damaged."""
    tags = st.lists(st.sampled_from(TAGS.split()), max_size=2)
    before = draw(st.sampled_from([["v=DKIM1", "k=rsa"], ["v=DKIM1"], []]))
    text = ""
    for tag in [*before, *draw(tags), f"p={KEY}", *draw(tags)]:
        name, equals, value = tag.partition("=")
        parts = (draw(SPACE), name, draw(SPACE), equals, draw(SPACE), value, draw(SPACE))
        text += "".join(parts) + ";"
    text = text.removesuffix(draw(st.sampled_from([";", ""])))
    if draw(st.integers(0, 3)) == 0:
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(DAMAGE) + text[place + draw(st.integers(0, 2)) :]
    return text


def is_accepted(text: str) -> bool:
    """Return whether our parser finds the key that the messages are signed with."""
    try:
        return parse_key_record(text).sha256 == sha256()
    except BadKeyRecord:
        return False


def published(text: str) -> str:
    """Return a text whose characters are bytes, as a zone can hold it."""
    return text.encode().decode("latin-1")


def test_every_judge_accepts_what_is_accepted(tmp_path):
    for text, judged in zip(SOUND, verdicts(tmp_path / "court", SOUND), strict=True):
        assert is_accepted(text)
        assert judged == dict.fromkeys(judged, True), text


def test_no_judge_is_a_rubber_stamp(tmp_path):
    texts = [published(text) for text, _reason in REFUSED]
    refusals: Counter[str] = Counter()
    for judged in verdicts(tmp_path / "court", texts):
        refusals.update(judge for judge, accepts in judged.items() if not accepts)
    assert min(refusals[judge] for judge in ("dkimpy", "opendkim-testkey", "Mail::DKIM")) > 25


def test_all_judges_accept_generated_records(tmp_path):
    texts: list[str] = []

    @given(records())
    @settings(max_examples=400, deadline=None, database=None)
    def collect(text):
        if is_accepted(text):
            texts.append(text)

    collect()
    assert len(texts) > 20
    for text, judged in zip(texts, verdicts(tmp_path / "court", texts), strict=True):
        assert judged == dict.fromkeys(judged, True), text
