"""Read SES in every other account and Region that is known to have the domain.

Each place has a custodian of its own, with the credentials of its section of the profile.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from msgspec.structs import replace

from byodkim.checks.retirement import Place
from byodkim.checks.world import Caller, Identity, Observation, PastRun, Unread
from byodkim.custody.client import Custodian
from byodkim.custody.settings import GetCaller, GetIdentity
from byodkim.engine.observe import own_seals
from byodkim.engine.run import Run
from byodkim.engine.wanted import aws_settings, wanted_of
from byodkim.record.archive import journal_is_unchanged
from byodkim.record.events import Called
from byodkim.settings import Settings, sections_about

#: Custodians that run at once.
AT_ONCE = 4


class _Asked(NamedTuple):
    """A place to ask. ``settings``: with whose credentials; ``None`` where nobody's are known."""

    account: str
    region: str
    named_by: str
    settings: Settings | None
    runs: tuple[PastRun, ...] = ()


def read_elsewhere(run: Run, seen: Observation) -> tuple[Place, ...]:
    """Return what SES signs with in every other place that a section of the profile, or a sealed
    run of the folder, names for this domain.

    Raises:
        InputError: a section of the profile about this domain is wrong.
        CustodyError: a custodian died.
    """
    account = seen.caller.account if isinstance(seen.caller, Caller) else run.wanted.account
    asked = _places(run, account)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda place: _read(run, place), asked))
    calls = [call for _identity, made in answers for call in made]
    if calls:
        run.write(Called(calls=calls))
    return tuple(
        Place(place.account, place.region, place.named_by, identity, place.runs)
        for place, (identity, _calls) in zip(asked, answers, strict=True)
    )


def _places(run: Run, account: str) -> list[_Asked]:
    """Return every place but the run's own, each once."""
    asked: dict[tuple[str, str], _Asked] = {}
    credentials = {account: run.settings}
    for name, settings in sections_about(run.settings, run.wanted.domain):
        same_login = settings.text("aws_profile") == run.settings.text("aws_profile")
        owner = settings.text("account") or (account if same_login or run.sandbox else "")
        region = settings.text("region") or (run.sandbox.region if run.sandbox else "")
        credentials.setdefault(owner, settings)
        if region:
            asked.setdefault((owner, region), _Asked(owner, region, f"[{name}]", settings))
    if run.archive.is_dir():
        for past in _runs_about(run):
            owner, region = past.account or account, past.region
            known = _Asked(owner, region, past.name, credentials.get(owner))
            place = asked.get((owner, region), known)
            asked[owner, region] = place._replace(runs=(*place.runs, past))
    asked.pop((account, run.wanted.region), None)
    return list(asked.values())


def _read(run: Run, place: _Asked) -> tuple[Identity | Unread, list[dict[str, Any]]]:
    """Return the identity at a place, and the AWS calls that were made for it."""
    if place.settings is None:
        return Unread("NoCredentials", "account"), []
    wanted = replace(wanted_of(place.settings, run.sandbox, {}), region=place.region)
    with Custodian(aws_settings(place.settings, run.sandbox, wanted)) as custodian:
        asking, reading = custodian.ask(GetCaller()), custodian.ask(GetIdentity(run.wanted.domain))
        caller, identity = asking.result(), reading.result()
        calls = custodian.drain_calls()
    if isinstance(caller, Unread):
        return caller, calls
    if place.account and caller.account != place.account:
        return Unread("OtherAccount", caller.account), calls
    return identity, calls


def _runs_about(run: Run) -> list[PastRun]:
    """Return the sealed runs about the domain in any account and Region, in the chain's order."""
    return [
        seal.run
        for seal in own_seals(run)
        if seal.run.domain == run.wanted.domain and journal_is_unchanged(run.archive, seal)
    ]
