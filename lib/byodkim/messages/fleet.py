"""Words of fleet: of its record."""

from __future__ import annotations

from typing import Final

from byodkim.messages import Plural

TEXTS: Final[dict[str, str | Plural]] = {
    "campaign": "campaign",
    # what it came to
    "came.PLANNED": "Plan only: nothing was written. Of {all} in the table {count} can be switched",
    "came.PLANNED.early": (
        "Plan only: nothing was written. Of {all} in the table {count} can be switched, {early} of them not yet, the last not before {until}"
    ),
    "came.REFUSED": "No identity was switched; nothing was written",
    "came.UNCHANGED": "Every identity of the table ({all}) signs with the selector asked for already",
    "came.SWITCHED": Plural(
        "The {count} identity of the plan signs with its next selector",
        "All {count} identities of the plan sign with their next selectors",
    ),
    "came.SWITCHED.part": Plural(
        "The {count} identity that this run was for signs with its next selector; the plan has more",
        "All {count} identities that this run was for sign with their next selectors; the plan has more",
    ),
    "came.SWITCHED-PENDING": Plural(
        "{switched} of {count} identity is switched, and SES has yet to verify {pending}",
        "{switched} of {count} identities are switched, and SES has yet to verify {pending}",
    ),
    "came.STOPPED": Plural(
        "The campaign stopped: {switched} of {count} identity is switched, {pending} wait for SES, {failed} failed",
        "The campaign stopped: {switched} of {count} identities are switched, {pending} wait for SES, {failed} failed",
    ),
    "came.FAILED": Plural(
        "{switched} of {count} identity is switched, {pending} wait for SES, {failed} failed",
        "{switched} of {count} identities are switched, {pending} wait for SES, {failed} failed",
    ),
    # where identities stand, and who has to act
    "group.ready": "ready",
    "group.ready.who": "nobody: the campaign switches them",
    "group.there": "already there",
    "group.there.who": "nobody: they sign with that selector",
    "group.ses": "waits for SES",
    "group.ses.who": "nobody: SES was given the selector and has yet to verify it",
    "group.dns": "waits for the DNS team",
    "group.dns.who": "the DNS team: the key record is to be published at every server",
    "group.generator": "waits for the key pair",
    "group.generator.who": "whoever makes key pairs: the secret and the key object",
    "group.wrong": "wrong",
    "group.wrong.who": "whoever runs the campaign: the checks below say what is wrong",
    "group.unread": "could not be looked at",
    "group.unread.who": "whoever runs the campaign: sign-in, permissions, network",
    "column.group": "identities",
    "column.count": "count",
    "column.who": "who has to act",
    "column.check": "what stands against them",
    "column.place": "account and Region",
    "column.wave": "wave",
    "column.switched": "switched",
    "column.pending": "SES has yet to verify",
    "column.failed": "failed",
    "column.began": "first ended",
    "column.ended": "last ended",
    "column.rate": "a second",
    "column.domain": "identity",
    "column.outcome": "outcome",
    "column.why": "why",
    "column.record": "record",
    "column.what": "table",
    "column.file": "file",
    "against": "What stands against those that are not ready",
    "twice": "it stands in the table twice",
    "earlier": "an earlier row of its domain is not ready",
    "surveyed": "Identities looked at, each as its own run would: {rows} (full reads of SES: {reads}; calls of AWS in all: {calls}).",
    "continued": (
        Plural(
            "{count} of them was planned by run {of}, which was stopped before it knew all, and is taken over from it. "
            "It is looked at again before it is written.",
            "{count} of them were planned by run {of}, which was stopped before it knew all, and are taken over from it. "
            "Each is looked at again before it is written.",
        )
    ),
    "looked": "Looked at: {known} of {all}; about {left} left",
    "left.unknown": "an unknown time",
    "recalled": (
        "The plan of run {of} is carried out. Switched by now: {switched}; failed: {failed}; begun by an interrupted run, and looked at first: {left}."
    ),
    "recalled.none": "There is no plan that could be carried out ({of}).",
    "early": (
        "{early} of those that are ready are not yet to be written: TIME-ACTIVATE refuses their runs, the last of them until "
        "{until}. Carry the plan out after that; column ready_at of the table has the time of each."
    ),
    "waived": "Waived for {count} ({domain} first): {text}",
    "waived.rest": "Waived for {count} more: column waive of the table says what.",
    # the plan
    "plan": Plural(
        "{count} identity would be switched. One digest stands for its plan and for the pace:",
        "{count} identities would be switched. One digest stands for all of their plans, and for the pace:",
    ),
    "plan.none": "There is no plan.",
    "plan.nothing": "No identity is ready: there is nothing to write.",
    "plan.root": "tree hash of all plans",
    "plan.tree": (
        "The tree hash is that of RFC 9162 over the digests of the plans, by account, Region and domain. Each identity's own "
        "record holds the proof that its plan is among them."
    ),
    "pace.canary": "canary: first wave of each account and Region",
    "pace.wave": "identities in each later wave",
    "pace.pause_minutes": "minutes of pause after each wave",
    "pace.stop_after": "failures that the plan allows",
    "pace.at_once": "runs at once in each account and Region (0: as many as SES's pace needs)",
    # the waves
    "plan-only": "Plan only: no run was begun. Apply it with -p mode apply and -r approved.",
    "canary": "canary",
    "counted": (
        "Identities: {all}. Switched: {switched}; waiting for SES: {pending}; failed: {failed}; not begun or not ended: {left}."
    ),
    "counted.earlier": "{count} of them ended in earlier runs of this campaign.",
    "read-for": (
        "{place}: {batch} calls of GetIdentityDkimAttributes, each for up to 100 identities, were made for the runs; "
        "{refused} were refused as one call too many."
    ),
    "failures": "Not switched",
    "lost": "no record",
    "more": "{count} more stand in the table beside the record.",
    "file.plan": "every identity as it was planned",
    "file.table": "every identity, for people",
    "file.back": "the rollback for all that were switched",
    "file.none": "No table was written.",
    # why it ended
    "halted.failures": "Identities that failed: {failed}; the plan allows {most}. No further run was begun.",
    "halted.failures.todo": (
        "Look at the records of those that failed, and mend what they name. The same command then tries again those for "
        "which nothing was written, and begins the rest."
    ),
    "halted.asked": "The campaign was asked to stop; what was under way was finished.",
    "halted.asked.todo": "The same command goes on where it stopped.",
    "halted.pending": "Identities that SES has yet to verify: {pending}. The next wave waits for them.",
    "halted.pending.todo": "Run the same command again: it looks at those first, and goes on when SES has verified them.",
    "halted.earlier": "Identities not begun, because an earlier row of their domain is not switched: {left}.",
    "halted.earlier.todo": (
        "Look at the earlier row of each. Where it failed, mend what its record names and plan anew; where it belongs to "
        "another lane or a later wave, run that first, then the same command again."
    ),
    "halted.done": "Every identity of the plan was run, and {failed} failed.",
    "halted.done.todo": (
        "Look at the records of those that failed, and mend what they name. The same command then tries again those for "
        "which nothing was written."
    ),
    # where those that it is for stand when it ends
    "stand.switched": "Switched, each with a record of its own: {switched} of {all}.",
    "stand.pending": "Written, and SES has yet to verify: {count}. Until then that mail may go out unsigned ({names}).",
    "stand.unclear": Plural(
        "The run of {count} may have written, and did not end verified: its record says what SES has ({names}).",
        "The runs of {count} may have written, and did not end verified: their records say what SES has ({names}).",
    ),
    "stand.refused": Plural(
        "Begun, and nothing was written: {count}. Its record says why ({names}).",
        "Begun, and nothing was written: {count}. Each record says why ({names}).",
    ),
    "stand.left": "Not begun, and nothing was written: {left}.",
    "stand.left.earlier": "Not begun by this run: {left}. The records of the campaign's earlier runs say whether they began any.",
    "names.more": "{names} and {count} more",
    "anew": (
        Plural(
            "{count} of them needs a new plan and its approval all the same: mended, a secret or key object has another version "
            "than the one that was planned.",
            "{count} of them need a new plan and its approval all the same: mended, a secret or key object has another version "
            "than the one that was planned.",
        )
    ),
    "unwritable": "The file {path} cannot be written ({reason}).",
    "unwritable.todo": "Make room or give write access there, and run the same command again.",
    "unfinished.begun": "Runs were begun. What each came to stands in its own record; the same command takes those over and does the rest.",
    "unfinished.untouched": "No run was begun.",
    # how far it is
    "progress.plan": "Looked at: {known} of {all}{left}",
    "progress": "Wave {wave}: {done} of {all} ended ({counts}), {running} under way{rate}{left}",
    "progress.rate": ", {rate} a second",
    "progress.left": ", about {left} left",
    # what comes next
    "next.approve": "Have the plan approved ({count}); one approval covers every identity in it:",
    "next.apply": "Carry it out in waves:",
    "next.sandbox": (
        "This sandbox ended with the run. To rehearse the waves, start one that stands (byodkim sandbox start --scenario fleet) "
        "and give its address with -r endpoint_url."
    ),
    "halted.stuck.todo": (
        "Look at the records of those that failed, and mend what they name. Then plan anew, which leaves out what is done: "
        "the same command would stop again."
    ),
    "again.not": "It does not try {names} again: for those, do what their own records say.",
    "next.again": "Go on:",
    "next.part": "The next wave:",
    "next.rest": "All that is left of the plan, in every lane:",
    "next.plan": "When the causes are mended, plan anew:",
    "back": "This plans the rollback of every identity that was switched. Apply it: each has a run of its own.",
    # answers
    "changed": Plural("the selector of {count} identity", "the selector of {count} identities"),
    "changed.perhaps": "perhaps of {count} whose runs did not end verified: their own records say",
    "changed.nothing": "nothing: no identity was written",
    "safe": "each by its own run, which proved its key and made every check just before its write; its record says so",
    "safe.untouched": "yes: SES was not touched",
    "finished.PLANNED": "a plan only: nothing was carried out",
    "finished.REFUSED": "no: no identity was switched",
    "finished.UNCHANGED": "yes: there was nothing to do",
    "finished.SWITCHED": "yes: SES has verified every selector",
    "finished.SWITCHED.part": "for the lane and waves that it was asked for: SES has verified every selector",
    "finished.SWITCHED-PENDING": "no: SES has not verified every selector yet",
    "finished.STOPPED": "no: some identities were not begun",
    "finished.FAILED": "not for all: some failed",
    "finished.none": "no: the campaign never closed",
    "back.table": "with the table beside the record: it has the earlier selector of each identity that was written",
    "back.stays": "The table leaves out those whose selector before was never seen verified: there is nothing to go back to ({names}).",
    "back.unclear": "those whose runs did not end verified ({names}): as their own records say",
    "back.nothing": "nothing to roll back",
    # events
    "event.looked": "identities were looked at",
    "event.surveyed": "every identity was looked at",
    "event.recalled": "the plan was read back",
    "event.continued": "what a plan run that was stopped had planned was taken over",
    "event.laid": "the waves were laid out",
    "event.resumed": "earlier runs of the campaign were taken up",
    "event.read-for": "what was read for the runs, many at a time",
    "event.started": "an identity's run was begun",
    "event.ended": "an identity's run ended",
    "event.halted": "no further run is begun",
    "event.filed": "a table was written",
}
