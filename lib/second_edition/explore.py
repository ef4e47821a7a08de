"""Looking around: all that ``explore.ipynb`` imports. Identities, key records, what rotate would see, due dates.

Read-only by construction: the custodian that makes the AWS calls is started without any operation that writes, and its
clients make no call that is not a read. Nothing is journalled, locked or kept; private keys are fetched by ``rotation``
alone, into the custodian, and forgotten there.

    world = explore.open(target="sandbox")
    world.identities().frame            # a DataFrame, in the same English names for every reader
"""

from __future__ import annotations

import inspect
import time
import weakref
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from second_edition.display import exploration
from second_edition.display.blocks import Paragraph
from second_edition.display.dns import caption, matrix_picture, records_picture
from second_edition.display.notebook import Shown
from second_edition.display.words import Words
from second_edition.engine import exploring, kernel, survey
from second_edition.engine.inventory import InventoryRun
from second_edition.engine.zone_servers import ZoneServers
from second_edition.events.parts import Call
from second_edition.evidence.inventory_file import InventoryFile
from second_edition.messages import say
from second_edition.plain import from_plain
from second_edition.rotation.inventory import Row
from second_edition.settings import FIELDS, fields_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from second_edition.display.blocks import Block
    from second_edition.messages import Language

__all__ = ["Explorer", "explain", "open", "parameters"]

#: Identities that are listed by name where they are not read: a Region may have 10,000.
LISTED: Final = 300


def parameters() -> dict[str, Any]:
    """Return what the parameters cell and papermill's cell set, unknown names included, which ``open`` refuses.

    Example:
        ``world = explore.open(**explore.parameters())``
    """
    kernel.harden()
    return kernel.parameters(fields_of("explore"))


def open(**given: Any) -> Explorer:  # noqa: A001 - one opens a session, and writes explore.open
    """Open a session that can only read, as the profile, or the sandbox, has it.

    Args:
        given: parameters of ``explore.ipynb``, by name. ``profile``: section of ``byodkim.toml``, of which all is taken
            that is left out. ``target``: ``aws``, ``sandbox``, or ``sandbox:<scenario>``. ``domain``: identity to look
            at where none is named. ``selector``: that a rotation would be to; without it, the next one that the secret
            names. ``record``: a key record for ``explain``. ``region``, ``aws_profile``, ``endpoint_url``,
            ``nameservers``, ``secret_id``, ``key_bucket``: how AWS and DNS are reached, and where the keys are.
            ``archive``: folder of the records. ``language``: ``en`` or ``ja``.

    Raises:
        ParameterError: a parameter or the profile is wrong. Nothing was asked.
        AccessError: no session with AWS can be had: the Region, the sign-in.
        SandboxError: the sandbox can't be started or reached.

    Example:
        ``world = explore.open(profile="default", region="ap-northeast-1")``
    """
    return Explorer(exploring.begin(given))


# JupyterLab offers what the signature names.
open.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=FIELDS[name].default)
        for name in fields_of("explore")
    ]
)


def explain(text: str, language: Language = "en") -> Shown:
    """Explain a key record tag by tag: what RFC 6376 and RFC 8301 say, what is wrong and its correction, its key.

    Needs no session. ``text``: a TXT value, a line of a zone file, dig's answer or a row of a request sheet.

    Raises:
        ParameterError: it is no text, nothing in it looks like a key record, it holds several, or a private key.

    Example:
        ``explore.explain("v=DKIM1; k=rsa; p=MIIBIjANBgkq...")``
    """
    given = survey.text(text, language)
    return Shown(survey.explain(given, say("explore", "origin.given", language), Words(language, UTC)))


class Explorer:
    """An open session: each method looks anew, and its result shows itself.

    ``.frame`` of a result is a DataFrame of what it shows; of several tables, ``.frames`` has each by its name.

    It ends with ``close``, with its ``with`` block, or with the kernel.

    Example:
        ``with explore.open(target="sandbox") as world: print(world.due())``
    """

    def __init__(self, session: exploring.Exploration) -> None:
        self._opened: exploring.Exploration | None = session
        self._made: list[Call] = []
        self._place = session.place
        # Whoever opens another session in the same variable does not leave this one's children behind.
        self._end = weakref.finalize(self, session.close)

    @property
    def _session(self) -> exploring.Exploration:
        if self._opened is None or not self._opened.custodian.alive:
            raise exploring.closed(self._place)
        return self._opened

    def where(self) -> Shown:
        """Return who looks, in which account and Region, and whether that is the profile's.

        Example:
            ``world.where()``
        """
        rows, differs = survey.whereabouts(self._session)
        return self._shown(exploration.where(self._session.caller, rows, differs, self._session.words))

    def identities(self, most: int = 60) -> Shown:
        """Show the domains of account and Region: selector, DKIM status, origin, key record, size and age of the key.

        SES answers one call a second (``ses_requests_per_second``): how long it takes is said before it begins. The
        frame has ``rotate_by`` and ``days_left`` too, by the profile's ``rotate_after_days``.

        Args:
            most: how many of them are read, at most; the others are listed by name.

        Raises:
            ParameterError: ``most`` is no whole number.
            AccessError: they cannot be listed.

        Example:
            ``world.identities(most=500).frame.query("status != 'SUCCESS' and key_age_days > 300")``
        """
        session, now, most = self._session, self._session.clock(), max(survey.number(most, self._session.language), 0)
        found, servers = InventoryFile.unkept(now), ZoneServers(session.intent.nameservers, session.language)
        taking = InventoryRun(session, found, time.monotonic, servers, most=most)
        taking.list_names()
        said = self._shown(survey.how_long(session, len(found.names), min(most, len(found.names))))
        kernel.show(said) if kernel.present() else print(said)
        rows = {row.name: row for row in taking.rows()}
        known = [rows.get(name, Row(name)) for name in found.names]
        shown = known[: max(most, LISTED)]
        return self._shown(exploration.inventory(shown, len(known), found.addresses, now, session.words))

    def identity(self, domain: str = "") -> Shown:
        """Show one identity: every field that SES shows, what the secret names for it, and how old the key objects are.

        Args:
            domain: "" for the profile's.

        Raises:
            ParameterError: SES knows no such identity in this account and Region.
            AccessError: it cannot be read.

        Example:
            ``world.identity("example.jp")``
        """
        session, own = self._session, self._domain(domain)
        blocks = exploration.identity(survey.identity_of(session, own), session.words)
        if own == session.intent.domain:
            store = survey.key_store(session)
            blocks += exploration.key_store(store.versions, store.objects, session.clock(), session.words)
        return self._shown(blocks)

    def record(self, selector: str = "", domain: str = "") -> Shown:
        """Show a key record at every authoritative server, as a picture and a table: TTLs in seconds, latencies in ms.

        Args:
            selector: "" for the one that SES signs with.
            domain: "" for the profile's.

        Raises:
            ParameterError: the selector is none, or SES does not say which it signs with.
            AccessError: the name servers cannot be found.

        Example:
            ``world.record("mail-20261124-1")``
        """
        session = self._session
        seen = survey.record(session, self._domain(domain), survey.text(selector, session.language))
        legend = caption(seen, session.language)
        self._draw(records_picture(seen.records, seen.dns.followed, legend), legend)
        return self._shown(exploration.record(seen, None, session.words))

    def explain(self, text: str = "") -> Shown:
        """Explain a key record tag by tag: what RFC 6376 and RFC 8301 say, its defects with corrections, its key.

        Args:
            text: a TXT value, a line of a zone file, dig's answer or a row of a request sheet; "" for the parameter
                ``record``, else for the value that the secret holds for the next selector.

        Raises:
            ParameterError: nothing in it looks like a key record, it holds several, or a private key.

        Example:
            ``world.explain("v=DKIM1; k=rsa; p=MIIBIjANBgkq...")``
        """
        try:
            value, origin = survey.chosen(self._session, survey.text(text, self._session.language))
        except survey.Undecided as error:
            return self._shown([Paragraph(str(error))])
        return self._shown(survey.explain(value, origin, self._session.words))

    def rotation(self, selector: str = "") -> Shown:
        """Return what a plan run of rotate would see, find and plan now. It takes no lock and leaves no journal.

        The private keys are fetched for it, into the custodian, to prove the key pair; then they are forgotten.

        Args:
            selector: to switch to; "" for the one that the secret names beside the one in use.

        Raises:
            ParameterError: the selector is none.
            AccessError: the secret or the identity cannot be read.

        Example:
            ``world.rotation("mail-20261124-1")``
        """
        session = self._session
        try:
            named = survey.text(selector, session.language)
            record = survey.rotation(session, named or survey.chosen_selector(session))
        except survey.Undecided as error:
            return self._shown([Paragraph(str(error))])
        legend = caption(record.seen, session.language) if record.seen else ""
        self._draw(matrix_picture(record.seen, legend) if record.seen else None, legend)
        return self._shown(exploration.rotation(record, session.words))

    def due(self, domain: str = "") -> Shown:
        """Show when the key must be out of use (``rotate_after_days``), the days of warning, and when to ask DNS.

        How long DNS takes is measured by the archive's runs: the longest from a first request until every server was
        seen to serve its record; 14 days where no run has measured it.

        Args:
            domain: "" for the profile's.

        Raises:
            ParameterError: SES knows no such identity in this account and Region.

        Example:
            ``world.due("example.jp")``
        """
        session = self._session
        seen, term, needs = survey.due(session, self._domain(domain))
        days = session.intent.section.rotate_after_days
        return self._shown(exploration.due(seen, term, needs, days, session.clock(), session.words))

    def calls(self) -> Shown:
        """Show every AWS call of this session, with request ids and milliseconds: all of them are reads.

        Example:
            ``world.calls().frame.groupby("operation")["ms"].median()``
        """
        self._drain()
        return self._shown(exploration.calls(self._made, self._session.words))

    def close(self) -> None:
        """End the session's child processes. May be called twice.

        Example:
            ``world.close()``
        """
        self._end()
        self._opened = None

    def __enter__(self) -> Explorer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<explorer of {self._place}>"

    def _domain(self, domain: str) -> str:
        named = survey.text(domain, self._session.language).strip()
        return (named or self._session.intent.domain).removesuffix(".").lower()

    def _draw(self, picture: str | None, caption: str) -> None:
        if picture is not None and kernel.present():
            kernel.show_picture(picture, caption)

    def _drain(self) -> None:
        kept = self._session.custodian.drain()
        self._made += from_plain(list[Call], [{**call, "raw": {}} for call in kept])

    def _shown(self, blocks: Sequence[Block]) -> Shown:
        """Return a result that has passed the gate: nothing of a private key that was handled stands in it."""
        self._drain()
        shown = Shown(blocks)
        self._session.gate.check_bundle(shown.bundle())
        return shown
