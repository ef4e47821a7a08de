"""The procedures, a package each: all that is one procedure's own. ``contributions`` finds it by its name.

A package is named as its notebook is, and has

- ``ABOUT``, in its ``__init__``: its command, and which parameters it has (``contributions.About``).
- ``steps``: its ``PROCEDURE`` (``engine.stages.Procedure``): steps by the verbs of ``second_edition.steps``, what it looks
  at, its checks, its plan, and a ``Write`` for each change with how that is read back.
- ``checks``: ``BEFORE`` it writes and ``AFTER``; one that it shares with others is the same one.
- ``outcome``: what its runs come to (``evidence.decided.Deciding``).
- ``record``: the sections that its steps show, and its summary (``display.sections.Display``).
- ``words``: its catalogue (``messages``); ``untouched`` and ``written`` say what an early end means for mail.
- ``needs``: what it needs of IAM (``access.needs``).
- ``shipped.json``: the digests of its notebook, which ``make templates`` writes.

Its notebook imports ``steps`` and begins with ``steps.begin("NAME", **steps.parameters())``; ``make settings`` fills in
the parameters cell. A procedure with more than that says so where it stands: a parameter of its own is a row of
``settings`` that names the notebook, a new event a class of ``events``, a new outcome a member of ``rotation.outcome``,
with its tone in ``display.summary``.
"""
