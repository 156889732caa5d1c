"""What is imported late is imported once, and the garbage collector passes over it."""

import subprocess
import sys
from pathlib import Path

PROBE = """
import gc
import sys
from engine.model import imports

assert "torch" not in sys.modules
imports.prepare()
frozen, kept = gc.get_freeze_count(), len(gc.get_objects())
imports.prepare()
assert gc.isenabled() and "transformers" in sys.modules and gc.get_freeze_count() == frozen
assert frozen > 100_000 > 10 * kept, (frozen, kept)
"""


def test_the_collector_passes_over_what_was_imported():
    subprocess.run([sys.executable, "-c", PROBE], cwd=Path(__file__).parent.parent, check=True)
