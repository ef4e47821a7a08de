"""Write a key record where you write DNS yourself, and prove that it is served."""

from second_edition.contributions import About

ABOUT = About(
    "run notebooks/publish.ipynb: write a key record where you write DNS yourself, and prove that it is served",
    "publish outputs/CHG-1042-plan.ipynb -p mode apply",
    1,
    group="DNS",
    of_identity=False,
)
