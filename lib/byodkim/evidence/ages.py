"""What an identity's archived runs tell of the age of its keys, and of how long its DNS takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from byodkim.evidence import past
from byodkim.evidence.past import Trace
from byodkim.rotation.due import Lead, Made, Source, lead


def made(traces: Sequence[Trace], selector: str) -> Iterator[Made]:
    """Yield when the selector's key was there already: its object's own time, and its first use, as runs saw them."""
    objects = [key.made for one in traces for key in one.keys if key.selector == selector and key.made]
    if objects:
        yield Made(min(map(datetime.fromisoformat, objects)), Source.ARCHIVED_OBJECT)
    used = [span.since for span in past.spans(traces) if span.selector == selector]
    if used:
        yield Made(min(used), Source.ARCHIVED_USE)


def lead_time(traces: Sequence[Trace]) -> Lead:
    """Return how long DNS took, by the requests of runs that saw their record everywhere later on, and not before."""
    counted = [one for one in past.publications(traces) if one.took is not None and not _served_before(traces, one)]
    selectors = {one.selector for one in counted}
    runs = sum(one.asked in selectors for one in traces)
    return lead([one.took for one in counted if one.took is not None], runs)


def _served_before(traces: Sequence[Trace], request: past.Publication) -> bool:
    """Return whether the record stood everywhere before it was asked for: then the request says nothing of DNS."""
    served = (one.served_at for one in traces if one.asked == request.selector and one.served_at)
    return any(at < request.requested_at for at in served)
