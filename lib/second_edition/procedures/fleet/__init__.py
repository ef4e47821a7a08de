"""Many identities rotated together: what their runs share."""

from second_edition.contributions import About

ABOUT = About(
    "run notebooks/fleet.ipynb: many identities, in waves, each with its own record",
    "fleet -p identities identities.csv",
    4,
    of_identity=False,
)
