"""Paragraphs for a wrong parameter or profile. Each is followed by ``untouched``."""

from __future__ import annotations

from typing import Final

from byodkim.messages import Plural

TEXTS: Final[dict[str, str | Plural]] = {
    "untouched": "Nothing was read or written; SES signs as before.",
    "unknown": "There is no parameter named {name}.{hint} Known are: {known}.",
    "near": " Did you mean {near}?",
    "number": (
        "The parameter {name} came as the number {value}, not as text: papermill's -p turns what looks like a number into "
        "one. Give it with -r {name} ... instead, which keeps it as text."
    ),
    "truth": (
        "The parameter {name} came as the truth value {value}, not as text: papermill's -p turns true, false and their "
        "spellings into one. Give it with -r {name} ... instead, which keeps it as text."
    ),
    "wrong": "The parameter {name} {form}",
    "must.choice": "must be one of: {choices}.",
    "must.count": "must be a whole number from {least} to {most}.",
    "must.count-text": "must be a whole number from {least} to {most}, and came as text: -r gives text, -p a number.",
    "must.text": "must be text. {help}",
    "must.form": "has the wrong form. {help}",
    "open": "{help} Empty: the profile's.",
    "open-minutes": "{help} -1: the profile's.",
    "canary": 'The parameter canary must be a number of identities such as 5, or a share of them such as 1%, and not "{value}".',
    "fleet-sandbox": (
        "A sandbox of the run's own ends with it, and a campaign is carried out by many runs. Start one that stands (byodkim "
        "sandbox start --scenario fleet) and give its address with -r endpoint_url."
    ),
    "identities": (
        "The parameter identities names no table: give the path of a CSV file with the columns domain and selector, or of an "
        "inventory."
    ),
    "identities.unread": "The table of identities {path} cannot be read ({reason}).",
    "identities.columns": "The table of identities {path} has a column that is not known: {column}. Known are: {known}; domain must be there.",
    "identities.row": "{why} It stands in line {line} of the table of identities {path}.",
    "identities.cells": Plural(
        "Line {line} of the table of identities {path} does not have {count} cell, as its head has.",
        "Line {line} of the table of identities {path} does not have {count} cells, as its head has.",
    ),
    "identities.twice": "The table of identities {path} has {domain} twice in the same account and Region, in lines {first} and {line}.",
    "identities.none": "The table of identities {path} has no row.",
    "profile.same-key": (
        "In [{name}] of {file}, same_key_in must name other sections. Each of them, and this one, needs an account and a "
        "Region that no other one has."
    ),
    "waive.unknown": 'There is no check named "{entry}" to waive (the form is "ID: reason"). Known are: {known}.',
    "waive.never": "The check {entry} can't be waived: without it, mail would be signed wrongly or in the wrong place.",
    "waive.swallowed": (
        'The reason for waiving {entry} holds what looks like another waiver: "{other}". Write IDs in capitals, each with ": " '
        'after it, and "; " before the next one; or leave the colon out.'
    ),
    "waive.no-reason": 'The waiver of {entry} gives no reason. Write it as "{entry}: why".',
    "missing": (
        "The parameter {name} is not set, and the profile does not set it either. Give it with -r {name} ..., or write it "
        "into byodkim.toml."
    ),
    "selector": "The selector {value} is not one that SES takes: 1 to 63 letters, digits and inner hyphens, e.g. mail-20261124-1.",
    "selector-empty": "No selector was given. Say which one to switch to: -r selector mail-20261124-1.",
    "domain": "{value} is not a domain name such as example.jp.",
    "too-long": "The parameter {name} is longer than {most} characters.",
    "private-key": (
        "The parameter {name} holds what looks like a private key. Parameters are stored in plain text in the record: treat "
        "that key as disclosed, make a new pair, and destroy the output notebook."
    ),
    "mode-saved": (
        'mode = "apply" is saved in {name} and was not passed in. A mode counts only when it is '
        'passed in (-p mode apply), or set in JupyterLab: set it back to "plan" in that notebook.'
    ),
    "template-altered": (
        "The notebook ({name}) is not the {procedure}.ipynb of this version of byodkim: its code cell {number} differs. "
        "Such a notebook can explore and plan, not apply. Apply from notebooks/{procedure}.ipynb, in which only the values of "
        "parameters may be changed."
    ),
    "template-unknown": (
        "papermill was given a notebook that is no file of this machine (standard input, or an address), so its code cannot be "
        "compared with {procedure}.ipynb. Such a notebook can explore and plan, not apply. Apply from notebooks/{procedure}.ipynb."
    ),
    "output-unknown": (
        "papermill does not say into which notebook it writes, so the journal cannot be put beside it: papermill was called from "
        'Python, or its paths are relative and it has a --cwd. From Python, pass engine_name="byodkim" to execute_notebook; '
        "on the command line, give absolute paths."
    ),
    "foreign-cell": (
        "The cell that was executed as number {number} is none of {procedure}.ipynb, so this notebook can explore and plan, not "
        "apply. Restart the kernel, and run the cells of notebooks/{procedure}.ipynb alone."
    ),
    "rerun": (
        "This is the output of an earlier run ({path}), not the template: running it again would reuse that run's "
        "parameters in silence. Run notebooks/{procedure}.ipynb."
    ),
    "sandbox-endpoint": "The sandbox target goes to this machine only, and {value} is another host.",
    "standing-scenario": (
        "The standing sandbox is in the scenario {standing}, not {value}. Set it with byodkim sandbox reset --scenario "
        "{value}, or give target sandbox."
    ),
    "scenario": "The sandbox knows no scenario {value}. Known are: {known}.",
    "timezone": "The profile's timezone {value} is not known here; write it as in Asia/Tokyo.",
    "profile.no-file": "The profile {name} was asked for, but there is no {file} in this folder or above it.",
    "profile.unread": "{path} cannot be read: {problem}.",
    "profile.not-toml": "{file} is not valid TOML: {problem}.",
    "profile.no-section": "{file} has no section [{name}]. It has: {known}.",
    "profile.unknown": "{file} has a key in [{name}] that is not known: {key}. Perhaps: {known}.",
    "profile.wrong": "The key {key} in [{name}] of {file} {form}",
    "profile.sealing-keys": "{why} It stands under sealing_keys in [{name}] of {file}.",
    "profile.timestamp": (
        "The profile names only one of timestamp_url and timestamp_roots: a timestamp is worth what the certificates say that "
        "it is judged by."
    ),
    "profile.publisher": "The section [{name}] of {file} has the publisher {publisher}, and no {key}, by which it publishes.",
    "profile.update-server": "The key update_server in [{name}] of {file} names more than one server: an update goes to the zone's primary alone.",
    "profile.retention": "The profile has archive_retention_days, and no archive_s3 whose copies it could hold.",
}
