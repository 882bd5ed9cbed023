"""`python -m maru` is `maru`."""

from maru.cli import main

main()
