"""Show what becomes of a campaign: how far it is, where its identities stand at its end, and commands that go on."""

from __future__ import annotations

import shlex
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from second_edition.display.blocks import Block, Code, Paragraph
from second_edition.display.checks import named
from second_edition.display.rehearsed import own_path
from second_edition.display.words import Words, duration
from second_edition.events.campaign import Ended, EndedRun, Halted, Laid, Lane, Looked, Recalled, Resumed, Started, Surveyed
from second_edition.events.parts import Event
from second_edition.evidence import fleet_record
from second_edition.evidence.folders import CAMPAIGN
from second_edition.evidence.record import Record
from second_edition.messages import Language, say, translated
from second_edition.procedures.fleet.checks import UNASKED
from second_edition.rotation import waves
from second_edition.rotation.findings import Verdict

#: Identities that a sentence names, at most.
_NAMED: Final = 12


def standing(record: Record, language: Language) -> str:
    """Return where all that the campaign was for stand: switched, not verified yet, unclear, refused, and not begun."""
    count, came = fleet_record.reach(record)
    failed = [one for one in came.values() if one.came is waves.Came.FAILED and not (one.unclear or one.unverified)]
    groups = {
        "pending": called(record, (one for one in came.values() if one.came is waves.Came.PENDING)),
        "unverified": called(record, (one for one in came.values() if one.unverified)),
        "unclear": unclear(record),
        "refused": called(record, (one for one in failed if not one.aside)),
        "aside": called(record, (one for one in failed if one.aside)),
    }
    switched = sum(one.came is waves.Came.SWITCHED for one in came.values())
    sentences = [say("fleet", "stand.switched", language, switched=switched, all=count)]
    there = [one for one in came.values() if one.came is waves.Came.SWITCHED and not one.written]
    for key, found in ({"found": called(record, there)} | groups).items():
        if found:
            sentences += [say("fleet", f"stand.{key}", language, count=len(found), names=names(found, language))]
    if left := count - switched - sum(map(len, groups.values())):
        key = "stand.left.earlier" if record.of(Resumed) else "stand.left"
        sentences += [say("fleet", key, language, left=left)]
    return ("" if language == "ja" else " ").join(sentences)


def goes_on(record: Record) -> bool:
    """Return whether the same command has something to do and what fails again, or is not tried, does not stop it."""
    halted = record.of(Halted)
    if halted is None or halted.why not in ("failures", "done"):
        return True
    (count, ended), plan = fleet_record.reach(record), fleet_record.plan_of(record)
    failed = [one for one in ended.values() if one.came is waves.Came.FAILED]
    for_good = [one for one in failed if (one.unclear and one.outcome) or one.to_be_planned]
    stays = len(for_good) <= int(plan.settings["stop_after"] if plan else 0)
    return stays and (len(failed) > len(for_good) or count > len(ended))


def not_again(record: Record, language: Language) -> list[str]:
    """Return which of those whose runs may have written the same command does not try again, and which it does."""
    unclear = [one for one in fleet_record.reach(record)[1].values() if one.unclear]
    ended = called(record, (one for one in unclear if one.outcome))
    others = called(record, (one for one in unclear if not one.outcome)) if goes_on(record) else []
    groups = {"again.not": ended, "again.too": others}
    return [say("fleet", key, language, names=names(some, language)) for key, some in groups.items() if some]


def to_be_planned(record: Record, language: Language) -> list[str]:
    """Return for which identities of the run the plan does not hold any more, and why."""
    found = [one for one in fleet_record.reach(record)[1].values() if one.to_be_planned]
    aside = called(record, (one for one in found if one.aside))
    others = called(record, (one for one in found if not one.aside))
    said = [say("fleet", "anew", language, names=names(others, language))] if others else []
    said += [say("fleet", "anew.aside", language, names=names(aside, language))] if aside else []
    return said + ([say("fleet", "anew.version", language)] if any(one.of_version for one in found) else [])


def unclear(record: Record) -> list[str]:
    """Return the identities whose write began and did not end verified, and those whose run has no known end."""
    ended = (one for one in fleet_record.reach(record)[1].values() if one.unclear)
    return called(record, [*ended, *fleet_record.begun(record).values()])


def called(record: Record, found: Iterable[Ended | Started]) -> list[str]:
    """Return the domains of identities; each with account and Region where the run is for several of them."""
    lanes = fleet_record.lanes(record)
    places = {number: name for name, laid in lanes for wave in laid for number in wave} if len(lanes) > 1 else {}
    return [f"{one.domain} {places[one.number]}" if one.number in places else one.domain for one in found]


def names(found: Sequence[str], language: Language) -> str:
    """Return the first of these names, and how many more there are."""
    first = ", ".join(found[:_NAMED])
    more = len(found) - _NAMED
    return say("fleet", "names.more", language, names=first, count=more) if more > 0 else first


def cautions(record: Record, words: Words) -> list[Block]:
    """Return what an approver has to know besides: which checks are waived for whom, and who is not ready yet."""
    return [*early(record, words), *map(Paragraph, waived(record, words))]


def early(record: Record, words: Words) -> list[Block]:
    """Return for how many of the plan an apply run would come too early, and until when; nothing where for none."""
    surveyed = record.of(Surveyed)
    if surveyed is None or not surveyed.early:
        return []
    values = {"early": surveyed.early, "until": words.time(surveyed.until)}
    return [Paragraph(say("fleet", "early", words.language, **values))]


def to_rehearse(record: Record, words: Words) -> list[Block]:
    """Return who has yet to be rehearsed, and how; nothing where nobody has to be."""
    against = [one for one in record.findings if one.id == "FLEET-REHEARSED" and one.verdict is not Verdict.PASS]
    if not against or against[0].observed == UNASKED:
        return []
    command = Code(shlex.join(["byodkim", "twin", own_path(record)]))
    said = [Paragraph(f"{one.id}: {words.phrase(one.observed)}") for one in against]
    return [*said, Paragraph(words("Rehearse it first, on a twin:")), command]


def safe(record: Record, words: Words) -> list[str]:
    """Return how far the campaign was safe: each by its own run, what was waived, and where all stand."""
    stand = [standing(record, words.language)] if record.of(Laid) else []
    given = [told] if (told := named(record, words)) else []
    return [say("fleet", "safe", words.language), *given, *waived(record, words), *stand]


def waived(record: Record, words: Words) -> list[str]:
    """Return the waivers of the table's rows, each with for how many it is."""
    found = record.of(Surveyed) or record.of(Recalled)
    return [
        say("fleet", "waived" if text else "waived.rest", words.language, text=text, count=count, domain=domain)
        for text, count, domain in (found.waived if found else ())
    ]


#: Parameters of a campaign that a command which goes on repeats.
REPEATED: Final = (
    "identities", "selector", "profile", "region", "secret_id", "key_bucket", "aws_profile", "store_region",
    "store_profile", "target", "endpoint_url", "nameservers", "canary", "wave", "pause_minutes", "stop_after",
    "at_once", "language",
)  # fmt: skip
#: Those that a command for the same change repeats too: the rollback waits, and is explained, in its own way.
_OF_CHANGE: Final = ("wait_minutes", "reason", "ticket", "requested_by")


def again(record: Record) -> str:
    """Return the command that goes on with this run of the campaign."""
    mode = record.begin.mode
    return command(record, mode, approved_by(record) if mode == "apply" else "", (*REPEATED, "last_wave"))


def approved_by(record: Record) -> str:
    """Return what the run was told of its approval: plan run and files."""
    return record.begin.value("approved")


def plan_again(record: Record) -> str:
    """Return the command that plans what is left anew."""
    return command(record, "plan", "")


def way_back(record: Record, table: str) -> str:
    """Return the plan of the rollback: its table names the selectors, all else is as it was."""
    return shlex.join(["byodkim", "fleet", "-r", "identities", table, *_given(record, REPEATED[2:])])


def command(record: Record, mode: str, approved: str, names: Sequence[str] = REPEATED) -> str:
    """Return the command of a further run: ``names`` are the parameters that it repeats."""
    words = ["byodkim", "fleet", *_given(record, (*names, *_OF_CHANGE))]
    words += ["-p", "mode", mode] if mode == "apply" else []
    return shlex.join([*words, *(("-r", "approved", approved) if approved else ()), *_beside(record, approved)])


def _beside(record: Record, approved: str) -> list[str]:
    """Return the option that puts the next record beside this one: a plan is looked for in its own archive.

    The folder that a campaign has in the profile's archive is found without it.
    """
    folder = record.begin.folder
    if not approved or not folder or CAMPAIGN.fullmatch(Path(folder).name):
        return []
    return ["-o", f"{folder}/fleet-after-{record.begin.run}.ipynb"]


def _given(record: Record, names: Sequence[str]) -> list[str]:
    """Return the parameters that the campaign was given itself, as words of a command."""
    values = record.begin.parameters
    given = [name for name in names if name in values and values[name].source in ("parameter", "cell")]
    return [word for name in given for word in ("-r", name, values[name].value)]


#: Seconds at least between the ends of the first and the last of some runs, where their rate is told.
SPAN_S: Final = 1.0
#: Failures that are told as they happen, and runs of which the rate is that of the last.
FIRST: Final = 5
LATELY: Final = 20


def under_way(record: Record, words: Words) -> list[Block]:
    """Return how far a campaign is that goes on: wave, runs under way, rate, and time left; how far a plan came."""
    if record.of(Halted) or (record.closed and record.of(Laid)):
        return []
    count = Count(words.language)
    for event in record.events[1:]:
        count.take(event)
    return [Paragraph(line)] if (line := count.line(over=record.closed is not None)) else []


class Count:
    """Hold what a campaign's events come to so far."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._known = self._all = 0
        self._left_s: float | None = None
        self._lanes: list[list[set[int]]] = []
        self._places: dict[int, tuple[int, int]] = {}  # lane and wave of each identity
        self._reached: dict[int, int] = {}  # the last wave of each lane in which a run began
        self._outcomes: dict[int, str] = {}
        self._under_way: set[int] = set()
        self._ended: deque[datetime] = deque(maxlen=LATELY)
        self._failures = 0
        self._halted = False

    def take(self, event: Event) -> str:
        """Take one event; return the line of a failure, "" where it tells of none or there were enough."""
        match event:
            case Looked():
                self._known, self._all, self._left_s = event.known, event.all, event.left_s
            case Surveyed():
                self._known = self._all = event.rows
                self._left_s = None
            case Laid():
                self._lay(event.lanes)
            case Resumed():
                self._outcomes |= {one.number: one.outcome for one in event.ended}
                self._reach(*self._outcomes)
            case Halted():
                self._halted = True
            case Started():
                self._under_way.add(event.number)
                self._reach(event.number)
            case EndedRun():
                return self._end(event)
        return ""

    def _end(self, event: EndedRun) -> str:
        self._under_way.discard(event.number)
        self._outcomes[event.number] = event.outcome
        self._ended.append(datetime.fromisoformat(event.ended_at))
        if waves.came(event.outcome) is not waves.Came.FAILED:
            return ""
        self._failures += 1
        return f"{event.domain}: {self._named(event.outcome)}: {event.why}" if self._failures <= FIRST else ""

    @property
    def waves(self) -> str:
        """Return the last wave of each lane in which a run began, and of how many; "" before they are known."""
        return " ".join(f"{self._reached.get(at, 1)}/{len(lane)}" for at, lane in enumerate(self._lanes))

    def line(self, *, over: bool = False) -> str:
        """Return how far it is; "" before anything is known. What is ``over`` has no time left."""
        if not self._lanes:
            values = {"known": self._known, "all": self._all, "left": self._left(None if over else self._left_s)}
            return say("fleet", "progress.plan", self._language, **values) if self._all else ""
        numbers = {number for lane in self._lanes for wave in lane for number in wave}
        done = numbers & self._outcomes.keys()
        counts = Counter(self._named(self._outcomes[number]) for number in done)
        spent = (max(self._ended) - min(self._ended)).total_seconds() if self._ended else 0.0
        rate = (len(self._ended) - 1) / spent if spent >= SPAN_S else 0.0
        return say(
            "fleet", "progress", self._language, wave=self.waves, done=len(done),
            all=len(numbers), counts=", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "-",
            running=len(self._under_way),
            rate=say("fleet", "progress.rate", self._language, rate=f"{rate:.2f}") if rate else "",
            left=self._left((len(numbers) - len(done)) / rate if rate and not self._halted else None),
        )  # fmt: skip

    def _named(self, outcome: str) -> str:
        """Return an outcome as its reader names it; of a run without a record, that there is none."""
        return translated(outcome or "no record", self._language, f"outcomes.{outcome}")

    def _left(self, seconds: float | None) -> str:
        """Return the time left; "" where it is not known, or nothing is left."""
        return say("fleet", "progress.left", self._language, left=duration(seconds, self._language)) if seconds else ""

    def _lay(self, lanes: Sequence[Lane]) -> None:
        """Take which waves there are."""
        self._lanes = [[set(wave) for wave in lane.waves] for lane in lanes]
        waves = ((at, place, wave) for at, lane in enumerate(self._lanes) for place, wave in enumerate(lane, 1))
        self._places = {number: (at, place) for at, place, wave in waves for number in wave}
        self._reach(*self._outcomes)

    def _reach(self, *numbers: int) -> None:
        """Note that a run began in the wave of each of these identities."""
        for at, place in (self._places.get(number, (0, 0)) for number in numbers):
            self._reached[at] = max(place, self._reached.get(at, 1))
