"""Withdraw a selector that SES no longer signs with: its key record, then its private key."""

from second_edition.contributions import About

ABOUT = About(
    "run notebooks/retire.ipynb: withdraw a selector that SES no longer signs with",
    "retire -r selector mail-20260912-1",
    3,
    names_selector=True,
)
