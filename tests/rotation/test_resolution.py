"""What is seen of DNS besides the key records: delegations that agree or not, and whose word counts."""

from __future__ import annotations

from itertools import product

from msgspec.structs import replace

from byodkim.rotation.resolution import BLOCKED, OPEN, Delegation, NameServers, Resolution
from tests.each import each
from tests.rotation import world
from tests.rotation.rows import NAMES, RESOLVED, WALKED

ONE, TWO = world.SERVERS


def children(*told: NameServers, parent: tuple[str, ...] = NAMES) -> Delegation:
    return replace(WALKED, parent=parent, children=told)


@each("failure", ["lame", "REFUSED", "SERVFAIL", "NXDOMAIN", "timeout", "port-closed", ""])
def test_a_server_that_answers_without_holding_the_zone_is_lame(failure: str) -> None:
    child = NameServers(TWO, failure=failure)
    lame = failure in ("lame", "REFUSED", "SERVFAIL", "NXDOMAIN")
    assert children(NameServers(ONE, NAMES), child).lame == ((child,) if lame else ())


def test_which_servers_tell_other_names() -> None:
    same, other, silent = NameServers(ONE, NAMES), NameServers(TWO, NAMES[:1]), NameServers(TWO, failure="timeout")
    assert children(same, other).differing == (other,)
    assert children(same, silent).differing == ()
    assert children(other, parent=NAMES[:1]).differing == ()
    assert children(same, other, parent=()).differing == (other,)
    assert children(silent, other, same, parent=()).differing == (same,)
    assert children(silent, parent=()).differing == ()


def test_encrypted_resolvers_stand_in_only_where_all_three_hold() -> None:
    for path, counts, encrypted in product((OPEN, BLOCKED), (False, True), ((), RESOLVED)):
        seen = Resolution(path=path, encrypted_counts=counts, encrypted=encrypted)
        assert seen.by_encrypted is (path == BLOCKED and counts and encrypted == RESOLVED)
