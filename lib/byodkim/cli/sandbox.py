"""``byodkim sandbox``: AWS and DNS on this machine, to rehearse with -p target sandbox."""

from typing import Final

import click

from byodkim.engine.wanted import clock
from byodkim.sandbox import world
from byodkim.sandbox.world import SCENARIOS
from byodkim.words import _


@click.group()
def sandbox() -> None:
    """Rehearse on this machine: start a sandbox, then pass -p target sandbox to a run."""


@sandbox.command()
@click.argument("scenario", default="ready")
@click.option(
    "--identities",
    type=click.IntRange(1, 9999),
    default=60,
    show_default=True,
    help="How many a fleet has.",
)
@click.option(
    "--faulty",
    type=click.IntRange(0),
    default=0,
    help="How many of them, at its end, are not ready.",
)
@click.option("--throttled", is_flag=True, help="SES takes one call a second, as AWS does.")
def start(scenario: str, identities: int, faulty: int, throttled: bool) -> None:
    """Start a sandbox that runs until it is stopped. SCENARIO: see `byodkim sandbox scenarios`."""
    options = {"identities": identities, "faulty": faulty, "throttled": throttled}
    _tell(world.start_standing(scenario, **options))


@sandbox.command()
@click.argument("scenario", default="")
def reset(scenario: str) -> None:
    """Begin the sandbox anew, at the same ports. Its records stay where they are."""
    _tell(world.reset_standing(scenario))


@sandbox.command()
def status() -> None:
    """Say which sandbox runs, and where."""
    _tell(world.running())


@sandbox.command()
def stop() -> None:
    """Stop the sandbox."""
    was_running = world.stop_standing()
    click.echo(str(_("Stopped.") if was_running else _("No sandbox was running.")))


@sandbox.command()
@click.argument("hours", type=click.FloatRange(0, 24 * 366))
def advance(hours: float) -> None:
    """Move the sandbox's clock forward by HOURS."""
    world.control(world.running(), "ses", advance_h=hours)
    click.echo(f"{clock(world.running()):%Y-%m-%d %H:%M:%S} UTC")


@sandbox.group()
def dns() -> None:
    """Do what the DNS team does, at every name server that takes changes."""


@dns.command()
@click.argument("name")
@click.argument("value")
@click.option(
    "--ttl", type=click.IntRange(0, 2**31 - 1), default=300, show_default=True, help="In seconds."
)
def publish(name: str, value: str, ttl: int) -> None:
    """Publish VALUE as the only TXT record of NAME."""
    world.control(world.running(), "dns", name=name, texts=[value], ttl=ttl)


@dns.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove the TXT records of NAME."""
    world.control(world.running(), "dns", name=name, texts=[])


@sandbox.command()
def table() -> None:
    """Print a table of the sandbox's identities for `byodkim fleet`, in CSV."""
    click.echo(world.table(world.running()))


@sandbox.command()
def scenarios() -> None:
    """List the scenarios."""
    width = max(map(len, SCENARIOS))
    for name, sentence in SCENARIOS.items():
        click.echo(f"{name:{width}}  {sentence}")


def _tell(running: world.World) -> None:
    click.echo(str(_("Sandbox, scenario {name}", name=running.scenario)))
    click.echo(f"AWS  {running.endpoint_url}  {running.account}  {running.region}")
    click.echo(f"DNS  {' '.join(running.nameservers)}")
    command = "byodkim rotate -r selector mail-20261124-1 -p target sandbox"
    if running.scenario.startswith("fleet"):
        command = (
            "byodkim sandbox table > fleet.csv; byodkim fleet -r table fleet.csv -p target sandbox"
        )
    click.echo(str(_("Use it: {command}", command=command)))


COMMANDS: Final = (sandbox,)
