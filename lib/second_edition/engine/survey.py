"""The reads of an exploration: identity, age of its key, key record, a plan run's findings; and words about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from msgspec import Struct

from second_edition.custody.client import Refused
from second_edition.display.blocks import Block, Paragraph
from second_edition.display.explained import explained
from second_edition.display.exploration import place_in
from second_edition.display.words import Words, duration
from second_edition.dkim.key_record import KeyRecordInvalid, PublicKey, parse
from second_edition.dkim.matrix import judge_together
from second_edition.dkim.names import check_selector
from second_edition.dkim.published import Answer, judge
from second_edition.dkim.secrecy import holds_private
from second_edition.dns import pasted
from second_edition.engine import observing, resolving
from second_edition.engine.exploring import Exploration
from second_edition.errors import AccessError, CustodyError, ParameterError
from second_edition.events.run import Begin, Checked, Code, Keeping, Observed, Planned, Zone
from second_edition.evidence import archive
from second_edition.evidence.journal import FIRST, digest
from second_edition.evidence.past import Trace, lead_time
from second_edition.evidence.past import made as made_before
from second_edition.evidence.record import Record
from second_edition.intent import profile
from second_edition.messages import Language
from second_edition.plain import from_plain
from second_edition.rotation import due as dues
from second_edition.rotation import plan as plans
from second_edition.rotation.checks import CHECKS, Case, Expected
from second_edition.rotation.due import Due, Lead, Made, Source
from second_edition.rotation.observation import EXTERNAL, Identity, KeyObject, Observation, Stored


class Undecided(ParameterError):
    """It is not known which selector is meant. The rest can be explored all the same."""


class KeyStore(Struct, frozen=True):
    """Hold what Secrets Manager and S3 have: versions as the custodian tells them, key objects by ``place_in``."""

    versions: tuple[Mapping[str, Any], ...]
    objects: Mapping[tuple[str, ...], KeyObject]


def published_key(answers: Sequence[Answer]) -> PublicKey | None:
    """Return the one key that is published; ``None`` where there is none, or several."""
    sound = {judged.sha256: one.records[0] for one in answers if (judged := judge(one)).sha256}
    with suppress(KeyRecordInvalid):
        return parse(next(iter(sound.values()))).public_key if len(sound) == 1 else None
    return None


def identity_of(exploration: Exploration, domain: str) -> Identity:
    """Return the identity, as SES shows it.

    Raises:
        ParameterError: SES knows none of that name in this account and Region, or no name was given.
        AccessError: it cannot be read.
    """
    if not domain:
        raise exploration.wrong("no-domain")
    seen = exploration.ask("identity", name=domain)
    if seen is None:
        account = exploration.caller.account if exploration.caller else "-"
        raise exploration.wrong("no-identity", domain=repr(domain[:80])[1:-1], account=account)
    return from_plain(Identity, seen)


def key_store(exploration: Exploration) -> KeyStore:
    """Return what the secret names, and when each entry's key object was last written. No key is fetched.

    Raises:
        AccessError: the secret cannot be read.
    """
    home = exploration.intent
    if not home.secret_id:
        return KeyStore((), {})
    versions = exploration.ask("secret", secret_id=home.secret_id, domain=home.domain)
    own, futures, objects = {"bucket": home.key_bucket, "domain": home.domain}, {}, {}
    for place in dict.fromkeys(place_in(entry) for version in versions for entry in version["entries"]):
        selector, path, named = place
        futures[place] = exploration.custodian.ask("dated", selector=selector, path=path, named=named, **own)
    for place, future in futures.items():
        try:
            found = future.result()
            objects[place] = KeyObject(**{**found, "candidates": tuple(found["candidates"])})
        except Refused as refused:
            objects[place] = KeyObject("", "", defect=refused.code)
    return KeyStore(tuple(versions), objects)


def pasts(exploration: Exploration) -> dict[str, list[Trace]]:
    """Return what the archive's sound runs tell of this world's identities, by domain."""
    found: dict[str, list[Trace]] = {}
    for one in archive.runs(exploration.folder) if exploration.folder.is_dir() else ():
        if one.standing.sound and one.world == exploration.place and one.trace is not None:
            found.setdefault(one.domain, []).append(one.trace)
    return found


def made(
    exploration: Exploration, identity: Identity, past: Sequence[Trace], published: PublicKey | None
) -> Made | None:
    """Return when the key that the identity signs with was made, which DNS serves; ``None`` where nothing tells."""
    return dues.oldest(_known(exploration, identity, past, published))


def _known(
    exploration: Exploration, identity: Identity, past: Sequence[Trace], published: PublicKey | None
) -> Iterator[Made]:
    if identity.signing_origin != EXTERNAL:
        if identity.last_key_generation:
            yield Made(datetime.fromisoformat(identity.last_key_generation), Source.SES)
        return
    if not identity.selector:
        return
    if published:
        yield from made_before(past, identity.selector, published.sha256)
    if identity.name == exploration.intent.domain:
        try:
            objects = key_store(exploration).objects.items()  # those of the version in force come first
            found = next((one for (selector, *_), one in objects if selector == identity.selector), None)
        except AccessError:  # its age may be known otherwise
            return
        if found and found.last_modified:
            yield Made(datetime.fromisoformat(found.last_modified), Source.OBJECT)


def due(exploration: Exploration, domain: str) -> tuple[Identity, Due | None, Lead]:
    """Return when the identity's key is due, and how long its DNS takes.

    Raises:
        ParameterError: SES knows no such identity.
        AccessError: it cannot be read.
    """
    identity, past = identity_of(exploration, domain), pasts(exploration).get(domain, [])
    published = None
    if past and identity.selector:
        with suppress(AccessError, ParameterError):
            seen = record(exploration, domain, identity.selector)
            published = published_key((*seen.records, *seen.dns.followed))
    needs, known = lead_time(past), made(exploration, identity, past, published)
    return identity, (dues.due(known, exploration.intent.section.rotate_after_days, needs) if known else None), needs


def selectors(store: KeyStore) -> Sequence[str]:
    """Return the selectors that the secret's current version names."""
    return [entry["selector"] for version in store.versions[:1] for entry in version["entries"]]


def record(exploration: Exploration, domain: str, selector: str) -> Observation:
    """Return the key record of a selector at every authoritative server, and what was seen of DNS besides.

    Args:
        exploration: the open session.
        domain: the signing domain.
        selector: "" for the one that SES signs with.

    Raises:
        ParameterError: the selector is none, or SES does not say which it signs with.
        AccessError: the name servers cannot be found.
    """
    selector = selector or _in_use(exploration, domain)
    look = exploration.look(domain, check_selector(selector, exploration.language))
    answers, dns = resolving.look(look, selector)
    keys = {one.sha256 for one in judge_together(answers, None, dns.followed)}
    dns = resolving.besides(look, answers, (), dns, keys.pop() if len(keys) == 1 else "")
    at = exploration.clock().isoformat(timespec="milliseconds")
    return Observation(at, domain, selector, None, None, Stored(selector), None, answers, (), dns=dns)


def _in_use(exploration: Exploration, domain: str) -> str:
    if selector := identity_of(exploration, domain).selector:
        return selector
    raise exploration.wrong("no-selector", domain=domain)


def chosen_selector(exploration: Exploration) -> str:
    """Return the selector of the parameter, else the one that the secret names beside the one in use.

    Raises:
        Undecided: the secret is not known, names none, or several.
        ParameterError: SES knows no such identity.
        AccessError: the secret or the identity cannot be read.
    """
    if exploration.intent.selector:
        return exploration.intent.selector
    home = exploration.intent
    named = selectors(key_store(exploration))
    current = identity_of(exploration, home.domain).selector
    others = [selector for selector in named if selector != current]
    if len(others) == 1 or (named and not others):
        return (others or named)[0]
    values = {"names": ", ".join(others) or "-", "secret": home.secret_id or "-"}
    error = exploration.wrong("several-selectors" if others else "no-next", "name-selector", **values)
    raise Undecided(error.what, error.means, error.todo)


def rotation(exploration: Exploration, selector: str) -> Record:
    """Return what a plan run to ``selector`` would see, find and plan. It takes no lock, and writes no journal.

    The private keys are fetched for it by the custodian, which forgets them when this returns.

    Raises:
        ParameterError: the selector is none, or the profile does not say where the keys of this identity are.
    """
    home = exploration.intent
    if not home.secret_id:
        raise exploration.wrong("no-secret", domain=home.domain or "-")
    look = exploration.look(home.domain, check_selector(selector, exploration.language))
    try:
        seen = observing.gather(look, observing.ask(look))
        exploration.gate.rely_on(exploration.custodian)
    finally:
        with suppress(CustodyError):  # one that has died has forgotten
            exploration.custodian.ask("forget").result()
    findings = CHECKS.evaluate(Case(seen, Expected(look.intent.account, look.intent.expected_region, False)), {})
    at: dict[str, Any] = {"n": 0, "at": datetime.fromisoformat(seen.at), "previous_line": FIRST}
    begin = Begin(
        **at, format=1, run="", domain=home.domain, account=home.account, target=home.asked.target, selector=selector,
        parameters=home.values, mode="plan", profile=home.asked.profile, language=home.language, previous=None,
        zone=Zone(name="UTC", offset_s=0), reason="", ticket="", requested_by="", waivers={}, ttl=0, approvals=0,
        keeping=Keeping(seal_key="", timestamp_url="", archive_s3="", archive_retention_days=0), code=Code(version=""),
        approvals_valid_days=0, wait_minutes=0, wait_dns_minutes=0, rollback_after_hours=0, late_write_seconds=0,
        overlap_days=0, started_by="jupyter", record="", folder="", template="", template_sha256="",
        template_code_sha256="", python="", shown=(),
    )  # fmt: skip
    planned = Planned(**at, plan=plans.make(seen, findings, digest))
    return Record((begin, Observed(**at, observation=seen), Checked(**at, findings=findings), planned))


def whereabouts(exploration: Exploration) -> tuple[list[tuple[str, str]], list[str]]:
    """Return the rows on what was opened, and sentences on what differs from the profile."""
    caller, intent, words = exploration.caller, exploration.intent, exploration.words
    folder = _near(exploration)
    rows = [
        (words("profile"), intent.asked.profile),
        (words("target"), intent.asked.target),
        (words("identity of the profile"), intent.domain),
        (
            words("archive"),
            folder if exploration.folder.is_dir() else words("{folder} (there is none yet)", folder=folder),
        ),
    ]
    differs = []
    if caller is not None and intent.account not in ("", caller.account):
        differs.append(exploration.say("other-account", here=caller.account, meant=intent.account))
    if intent.expected_region not in ("", exploration.region):
        differs.append(exploration.say("other-region", here=exploration.region, meant=intent.expected_region))
    return rows, differs


def _near(exploration: Exploration) -> str:
    """Return the archive's folder as one names it from here."""
    start, folder = profile.project(), exploration.folder
    return str(folder.relative_to(start) if folder.is_relative_to(start) else folder)


def how_long(exploration: Exploration, count: int, wanted: int) -> list[Block]:
    """Render how long it takes to read ``wanted`` of ``count`` identities, before it begins."""
    if not (wanted and (rate := exploration.intent.requests_per_second)):
        return [Paragraph(exploration.say("duration.none", all=count, read=wanted))]
    span = duration(wanted / rate, exploration.language)
    return [Paragraph(exploration.say("duration", all=count, read=wanted, span=span, rate=f"{rate:g}"))]


def chosen(exploration: Exploration, text: str) -> tuple[str, str]:
    """Return the key record to explain, and where it is from.

    Raises:
        Undecided: none is given, and the secret names none, or several.
        AccessError: the secret cannot be read.
    """
    if given := text or exploration.intent.asked.record:
        return given, exploration.say("origin.given")
    selector = chosen_selector(exploration)
    entries = [entry for version in key_store(exploration).versions for entry in version["entries"]]
    value = next((str(entry["dns_value"]) for entry in entries if entry["selector"] == selector), "")
    return value, exploration.say("origin.secret", secret=exploration.intent.secret_id, selector=selector)


def text(given: object, language: Language) -> str:
    """Return what was given, if it is text.

    Raises:
        ParameterError: it is something else, which may be a key: only its type is named.
    """
    if isinstance(given, str):
        return given
    raise ParameterError.said("explore", "no-text", language, "untouched", kind=type(given).__name__)


def number(given: object, language: Language) -> int:
    """Return what was given, if it is a whole number.

    Raises:
        ParameterError: it is something else.
    """
    if isinstance(given, int):
        return given
    raise ParameterError.said("explore", "no-number", language, "untouched", kind=type(given).__name__)


def explain(text: str, origin: str, reader: Words) -> list[Block]:
    """Render a key record tag by tag.

    Raises:
        ParameterError: nothing in ``text`` looks like a key record, it holds several, or a private key.
    """
    found = pasted.read(text)
    key = (
        "private" if holds_private(text) or any(one.private for one in found)
        else "no-record" if not found
        else "several-records" if len(found) > 1
        else ""
    )  # fmt: skip
    if key:
        raise ParameterError.said("explore", key, reader.language, "untouched", count=len(found))
    return explained(found[0], origin, reader)
