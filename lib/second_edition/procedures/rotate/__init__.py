"""Switch an identity to a selector whose key pair is stored and whose key record is served."""

from second_edition.contributions import About

ABOUT = About(
    "run notebooks/rotate.ipynb: plan the switch to a selector (mode plan), or make it (mode apply)",
    "rotate -r selector mail-20261124-1 -p mode apply",
    2,
    names_selector=True,
)
