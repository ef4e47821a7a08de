"""AWS and DNS on loopback, with SES's own DKIM life cycle. ``world.World`` is all of it."""

__version__ = "0.1.0"
