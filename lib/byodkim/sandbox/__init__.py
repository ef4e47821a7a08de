"""AWS and DNS on this machine's loopback, so that anybody can rehearse a rotation."""

from byodkim.sandbox.scenarios import SCENARIOS
from byodkim.sandbox.world import (
    World,
    attach,
    check_scenario,
    control,
    now,
    reset_standing,
    standing,
    start,
    start_standing,
    stop_standing,
)

__all__ = [
    "SCENARIOS",
    "World",
    "attach",
    "check_scenario",
    "control",
    "now",
    "reset_standing",
    "standing",
    "start",
    "start_standing",
    "stop_standing",
]
