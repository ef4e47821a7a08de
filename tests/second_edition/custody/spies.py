"""A library and modules that say in a file which process has loaded them."""

from __future__ import annotations

import subprocess
from pathlib import Path

LIBRARY = """
#include <stdio.h>
__attribute__((constructor)) static void spy(void) {
    char line[4096]; FILE *from = fopen("/proc/self/cmdline", "r"), *to = fopen("%s", "a");
    if (!from || !to) return;
    size_t size = fread(line, 1, sizeof line, from);
    for (size_t place = 0; place < size; place++) if (!line[place]) line[place] = ' ';
    fprintf(to, "library %%.*s\\n", (int) size, line);
    fclose(to); fclose(from);
}
"""
MODULE = """
import sys
with open({seen!r}, "a") as file:
    file.write(f"{name} {{' '.join(sys.orig_argv)}}\\n")
"""


def library(folder: Path, seen: Path) -> Path:
    """Makes a library whose constructor, which the dynamic loader calls, adds the process's command to ``seen``."""
    source, made = folder / "spy.c", folder / "spy.so"
    source.write_text(LIBRARY % seen)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(made), str(source)], check=True)
    return made


def modules(folder: Path, seen: Path, *names: str) -> None:
    """Puts modules there that do the same when they are imported, and a path file."""
    for name in names:
        (folder / f"{name}.py").write_text(MODULE.format(seen=str(seen), name=name))
    (folder / "spy.pth").write_text(f"import sys; exec({MODULE.format(seen=str(seen), name='path')!r})\n")
