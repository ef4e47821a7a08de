"""papermill's entry point: the engine ``byodkim``.

papermill loads this module whenever it is imported, whatever it is about to run, and in the middle of its own import:
nothing of papermill is imported here until a run has asked for the engine. What plain papermill shows when it ends is
prepared here, as nothing else of this project is loaded in its process.
"""

from __future__ import annotations

import os
from typing import Any

import click

from second_edition.errors import ParameterError
from second_edition.launch import ending


class InputRefused(ParameterError, click.ClickException):
    """A parameter or the profile is wrong. Nothing was started; papermill's command line shows the paragraph alone."""

    exit_code = 2

    def format_message(self) -> str:
        """Return what click shows."""
        return str(self)


class Engine:
    """Hold what papermill asks of an engine (``papermill.engines.Engine``)."""

    @classmethod
    def execute_notebook(cls, nb: Any, _: str, **options: Any) -> Any:
        """Execute ``nb``, a notebook whose parameters are in it already; return it with what came of it.

        Raises:
            InputRefused: a parameter or the profile is wrong. No kernel was started, no file written.
        """
        from papermill.iorw import papermill_io

        from second_edition.launch.execution import execute
        from second_edition.launch.progress import is_file

        files = papermill_io.get_handler("local")
        folder = files.cwd(None)  # from which papermill's paths lead; the process stands where its cwd= says
        files.cwd(folder)
        paths = {name: options.get(name) for name in ("input_path", "output_path")}
        options |= {name: os.path.join(folder or "", path) for name, path in paths.items() if path and is_file(path)}  # noqa: PTH118
        try:
            return execute(nb, **options)
        except ParameterError as error:
            raise InputRefused(error.what, error.means, error.todo) from None

    @staticmethod
    def nb_kernel_name(nb: Any, name: str | None = None) -> str:
        """Return the kernel that the notebook asks for."""
        from papermill.utils import nb_kernel_name

        return str(nb_kernel_name(nb, name))

    @staticmethod
    def nb_language(nb: Any, language: str | None = None) -> str:
        """Return the notebook's language."""
        from papermill.utils import nb_language

        return str(nb_language(nb, language))


ending.register()
