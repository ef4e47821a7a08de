"""Words of campaigns on Apache Airflow."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "table.line": "Line {line} of the table names a profile and a Region (profile {profile}, Region {region}) that no section of byodkim.toml joins. Nothing was started.",
    "table.line.todo": "Correct that line, or add the section: each account and Region there gets its tasks.",
    "table.domain": "Line {line} of the table has {domain}, which is in another account or Region too: those go one after another, and Airflow's accounts and Regions go side by side. Nothing was started.",
    "table.domain.todo": "Leave that line to a DAG run of its own after this one, or use byodkim fleet.",
    "no-rows": "The table has no identity of this account and Region.",
    "no-toml": "{file} is no TOML: {problem}.",
    "no-lane": "No section of {file} names an account and a Region.",
    "no-lane.todo": "Set account and region there: each such pair gets its tasks and a pool.",
    "pool": "One task of byodkim at a time in {account}, {region}",
    "dag": "Rotates the BYODKIM selectors of a table of identities: plans, a person's go-ahead, waves.",
    "approve": "Switch the identities that are ready?",
    "wrong-input": "byodkim refused its input; the lines above say why. Nothing was started.",
    "again": "The run was stopped before its end (exit code {code}); {record} has what it did. The next attempt goes on from there.",
    "no-plan": "No identity of this account and Region could be looked at ({outcome}); the plan's record says why.",
    "final": "The campaign ended {outcome}; {record} says what happened and what to do. Clear the tasks of these waves to go on.",
    "stopped": "Not begun: more identities have failed than may. SES was not touched.",
    "no-go-ahead": "Nobody has said that this campaign may go on. SES was not touched.",
    "go-ahead": "go-ahead given in Airflow by {who} at {at}, DAG run {run} (Airflow's word, not signed)",
    "nameless": "somebody whom Airflow does not name",
    "not-archived": "The run's outcome stands, but its records were not copied as the profile asks. Copy them: byodkim archive {records}",
    "not-all": "A task of this campaign has failed; the list above shows how each account and Region stands.",
}
