"""Define what a publisher does where the team may write DNS itself: look, write one planned change, see it settle.

Next to the request sheet, which is handed over where it may not. One file a backend: ``dns.dynamic_update`` (RFC 2136),
``aws.route53``; all of them in the custodian, which has what they sign in with.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from second_edition.rotation.record_set import Change, Standing


class ZoneRefused(Exception):
    """The zone could not be read. ``code`` and ``message`` hold no secret."""

    def __init__(self, code: str, message: str = "") -> None:
        self.code, self.message = code, message
        super().__init__(code)


class Written(Struct, frozen=True):
    """Hold what came of one attempt to write.

    Attributes:
        error: why it was not (or not clearly) taken, in the zone keeper's own word; "" where it was.
        message: more on the error, free of secrets.
        unclear: it may have been applied all the same: what stands has to be read.
        receipt: by which the change can be asked after until it has settled; "" where it has.
        request_id: of the call, where it was one to AWS.
    """

    error: str = ""
    message: str = ""
    unclear: bool = False
    receipt: str = ""
    request_id: str = ""


#: Errors of a record that somebody changed after it was read, so that nothing was written: a prerequisite that does not
#: hold (RFC 2136 section 2.2), and a change batch whose DELETE names what is not there.
MOVED = frozenset({"NXRRSET", "YXRRSET", "NXDOMAIN", "YXDOMAIN", "InvalidChangeBatch"})


class Publisher(Protocol):
    """A zone that may be written."""

    def read(self, name: str) -> Standing:
        """Return what stands at ``name``. Writes nothing.

        Raises:
            ZoneRefused: it could not be read.
        """

    def write(self, change: Change) -> Written:
        """Make one change in one attempt, if what it takes for granted still stands. Touches no other record."""

    def settled(self, receipt: str) -> bool:
        """Return whether the zone's servers have taken the change up.

        Raises:
            ZoneRefused: it could not be asked.
        """
