"""The process of a run's kernel: start the custodian, then become IPython's kernel.

The custodian loads its libraries while the kernel loads its own.
"""

import runpy

from byodkim import launch
from byodkim.custody import start

if __name__ == "__main__":
    run = launch.received()
    if run is not None and run.settings is not None:
        start.start_ahead(writes=run.settings.text("mode") == "apply")
    runpy.run_module("ipykernel_launcher", run_name="__main__")
