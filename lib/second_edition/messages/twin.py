"""Hold what is said of a twin: what it copies, what it assumes, and what a run in it rehearsed."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "unfit": "The record {path} cannot have a twin: a twin copies what a whole plan run of production observed of an identity in SES.",
    "unfit.todo": "Make a plan run of production that reaches SES, and give its record.",
    "places": "The campaign of {path} has these domains in several accounts or Regions, and a twin has one of each: {domains}.",
    "places.todo": "Plan one row of each domain at a time, and make the twin of that plan.",
    "copied": "A twin of {account}, observed at {at} (run {run}): {domain}. Selectors in use: {selector}. Secrets: {secrets}; their versions: {versions}; key objects: {objects}; name servers: {servers}; record sets: {records}. Every key is new, and so is every other value of a secret.",
    "unknown.members": "The plan did not read {domains}: the twin lacks these identities.",
    "unknown.fleet": "A campaign's plan has no secret and no other key record: each secret of the twin has plain entries, the current selector's key object lies where the new one's does, its key record is at every server, and all identities share two new key pairs of 2048 bits. SES verifies in {seconds} s.",
    "unknown.account": "The record does not say which account it observed.",
    "unknown.verification": "No earlier run saw how long SES takes to verify: the twin takes {seconds} s.",
    "unknown.ses-key": "SES never shows which key it has: the twin's SES has the published or stored key of {selector}.",
    "unknown.secret": "The record has nothing of the secret: the twin has none.",
    "unknown.pending": "A version of the secret was pending: the twin has none.",
    "unknown.shape": "The record does not have the secret's shape: the twin's secret has its entries alone.",
    "unknown.objects": "The key objects of {selectors} were not read: the twin takes them for sound.",
    "unknown.servers": "No name server was asked: the twin has two that hold the zone without key records.",
    "unknown.serials": "A name server did not say its serial: the twin's has the newest of the others.",
    "unknown.outside": "The twin does not hold {name}, which is in another zone: a run whose key record leads there is refused by DNS-ANSWERS, and cannot be rehearsed.",
    "rehearsed": "Rehearsed on a twin of {account}, observed at {at} (run {run}): no real mail is affected, and no approval is needed.",
    "plan.other": "The twin was made from a plan of {procedure}.ipynb. This run is of {here}.ipynb, so there is no plan to compare it with.",
    "plan.each": "The run of each identity compares its plan with the one that the twin was made from, in its own record.",
    "plan.same": "The plan is that run's, with the twin's own keys.",
    "fact": "{name}: {there} in production, {here} on the twin.",
    "wait": "The wait for {what} took {world} by the twin's clock and {wall} s by this machine's.",
    "by.unsound": "Run {run} rehearsed it, but no trusted key has signed its record as it stands.",
    "by.edited": "Run {run} rehearsed it on a twin that is not what `byodkim twin` makes of its plan run.",
    "by.missing": "Run {run} rehearsed it, but the archive holds no plan run, signed by a trusted key, that its twin was made from.",
    "by.same": "It made the same writes, and its twin's plan relies on the same facts.",
    "by.apart": "Its twin showed otherwise. {facts}",
    "by.other": "It made other writes ({made}) than this plan has ({planned}).",
    "by.moved": "Production has changed since. {facts}",
    "moved": "{name}: {then} then, {now} now.",
    "missing": "What stands at {endpoint_url} is no twin.",
    "missing.todo": "Start one with `byodkim twin RECORD.ipynb`, or give its address as endpoint_url.",
}
