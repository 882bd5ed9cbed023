"""Runs pytest on the Python that has vLLM, with our own packages behind its own: `python THIS SITE_PACKAGES WORDS...`.

vLLM's environment has most of what Maru needs in versions of its own; the rest, pytest too, is taken from ours.
"""

import sys

if __name__ == "__main__":  # vLLM's processes import this file again
    sys.path.append(sys.argv[1])
    import pytest

    sys.exit(pytest.main(sys.argv[2:]))
