"""The project's root, the files that git tracks, and the library's modules."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIB = ROOT / "lib"


def tracked(*patterns: str) -> list[Path]:
    """Return the tracked files that are there, relative to the root."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout.decode()
    return [Path(name) for name in listed.split("\0") if name and (ROOT / name).is_file()]


def modules() -> dict[str, Path]:
    """Return the modules of byodkim by their names."""
    paths = sorted((LIB / "byodkim").rglob("*.py"))
    names = [".".join(path.relative_to(LIB).with_suffix("").parts) for path in paths]
    return {name.removesuffix(".__init__"): path for name, path in zip(names, paths, strict=True)}
