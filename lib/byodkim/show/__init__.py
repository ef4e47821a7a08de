"""Show records to people: sections for notebooks and pages, lines for the terminal.

What is shown is a ``section.Section``: a title, a status, and a body of parts. A part is a
sentence, a ``Strong`` caution, ``Facts`` (questions and answers), ``Code``, a ``Table`` (which
``section.table`` makes of titles and rows of values), or a folded ``Section``. ``notebook.bundle``
turns a section into a cell's output. ``page.render`` fills a template; the macros ``show`` (a part)
and ``whole`` (a section) are in ``templates/parts.html``. Both escape everything and spell out
what cannot be seen, so sections hold plain text. ``first_screen.placeholder`` and ``headline`` are
the first cell of a notebook, ``sections.SECTIONS`` the steps below it, and ``page.page`` is the
page of a record. DataFrames are for explore and review: ``frames.frame_of`` loads pandas, which no
run does.
"""
