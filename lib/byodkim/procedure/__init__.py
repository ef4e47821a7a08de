"""The run: begun, looked around, checked, planned, carried out, closed.

``conduct`` holds what the runs of all procedures share: ``begin``, ``step``, ``shown`` and ``close``; the gate, the
lock and the seal with them. What is rotate's own stands in ``stepping`` and in what that calls. Another procedure needs

- ``procedure/<its steps>.py``: a ``Procedure``, ``begin``, one function a step by the verbs of ``byodkim.steps``, and
  ``close``; named in ``steps.MODULES``. Its stages are those verbs. Its events say ``procedure`` (the first one) and
  ``step`` (each one) by themselves; ``intent``, ``answer`` and ``resolved`` are writes to SES, any other write has
  events of another name, which ``evidence.journal.DURABLE`` lists.
- ``intent.CELLS``: the names in its parameters cell.
- ``rotation.checks.checks_of``: its checks; one that it shares with rotate is the same one.
- ``rotation.outcome``: its outcomes, and in ``display.opening.TONES`` how good each is.
- ``display/<its words>.py``: what ``display.procedures.Told`` asks for; named in ``display.procedures.MODULES``. What
  its steps show stands in ``display.sections.SECTIONS``.
- ``notebooks/<its name>.ipynb``, which imports ``steps`` and begins with
  ``steps.begin("<its name>", **steps.parameters())``; ``launch.command_line.COMMANDS``, for ``byodkim <its name>``.

Records of all procedures are one chain an identity. What an earlier run of rotate left open is told by ``preceding``.
"""
