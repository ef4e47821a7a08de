"""The run: begun, observed, checked, planned, carried out, closed.

``lifecycle`` begins and closes the runs of all procedures and takes their steps; ``stages`` observes, checks, plans and
carries out; ``write_ahead`` makes every write. What sets a procedure apart is its ``Procedure``. Another one needs

- ``procedure/<its name>.py``: a ``Procedure`` under its name in capitals: its steps by the
  verbs of ``byodkim.steps``, what it looks at, its checks, its plan, and a ``Write`` for each change. Its events say
  ``procedure`` (the first one) and ``step`` (each one) by themselves; those of its writes are ``write_ahead.Events``,
  each a ``Durable`` event.
- ``settings.CELLS``: the names in its parameters cell.
- ``rotation.checks.checks_of``: its checks; one that it shares with rotate is the same one.
- ``rotation.outcome``: its outcomes, and in ``display.summary.TONES`` how good each is.
- ``display/<its words>.py``: what ``display.sections.Display`` needs. What its steps show stands in
  ``display.sections.SECTIONS``.
- ``notebooks/<its name>.ipynb``, which imports ``steps`` and begins with
  ``steps.begin("<its name>", **steps.parameters())``; ``launch.command_line.COMMANDS``, for ``byodkim <its name>``.

Records of all procedures are one chain an identity. What an earlier run of rotate left open: ``previous_runs``.
"""
