"""Every mutant is noticed by its proof, and the code as it is by none.

Works in a copy, build/mutants (or BWGW_MUTANTS), which is kept for the next run. It is laid out as the original, so that the
compiler's cache knows it.
"""

import os
import pathlib
import shutil
import subprocess
import sys

import pytest

from mutants import MUTANTS

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = pathlib.Path(os.environ.get("BWGW_MUTANTS", ROOT / "build/mutants"))
BUILD = COPY / "build/release"
SEEDS = 10_000  # a mutant that survives so many worlds is not noticed
MINUTE = 60
SKIPPED = {".git", "build", "run", "__pycache__"}


def run(*command, minutes=10, **more):
    return subprocess.run([str(part) for part in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=minutes * MINUTE, **more)


def copy_tree():
    """Only what has changed, so that only that is built again."""
    kept = set()
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in SKIPPED]
        for name in files:
            source = pathlib.Path(folder, name)
            target = COPY / source.relative_to(ROOT)
            kept.add(target)
            if not target.exists() or target.read_bytes() != source.read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, target)
    for folder, folders, files in os.walk(COPY):
        folders[:] = [name for name in folders if name not in SKIPPED]
        for stale in {pathlib.Path(folder, name) for name in files} - kept:
            stale.unlink()


def build():
    built = run("cmake", "--build", BUILD, "--target", "simulation", "bandwidth-gateway", "bandwidth-sandbox", "chaos_shim",
                minutes=30)
    assert built.returncode == 0, built.stdout[-4000:]


def simulation():
    return run(BUILD / "tests/simulation/simulation", "--seeds", SEEDS)


def durability():
    return run(sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider",
               ROOT / "tests/chaos/test_durability.py", env=os.environ | {"BWGW_BUILD": str(BUILD)})


PROOFS = {"simulation": (simulation, "\nseed "), "durability": (durability, "\nFAILED ")}  # how each accuses


@pytest.fixture(scope="module", autouse=True)
def copy():
    copy_tree()
    configured = run("cmake", "--preset", "release", cwd=COPY)
    assert configured.returncode == 0, configured.stdout
    build()


@pytest.mark.parametrize("proof", PROOFS)
def test_the_code_as_it_is_stands(proof):
    done = PROOFS[proof][0]()
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "-"))
def test_a_broken_protocol_is_noticed(mutant):
    file = COPY / mutant.file
    whole = file.read_text()
    assert whole.count(mutant.old) == 1, f"{mutant.file} has moved on: think of {mutant.name} anew"
    file.write_text(whole.replace(mutant.old, mutant.new))
    try:
        build()
        prove, accusation = PROOFS[mutant.proof]
        done = prove()
        assert done.returncode != 0 and accusation in done.stdout, done.stdout[-4000:]
    finally:
        file.write_text(whole)
