"""Make and store the next key pair, and write the request to the DNS team."""

from second_edition.contributions import About

ABOUT = About(
    "run notebooks/prepare.ipynb: make and store the next key pair",
    "prepare -p mode apply",
    1,
)
