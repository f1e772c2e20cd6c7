"""`python -m claimflow.cli` is `claimflow`."""

from claimflow.cli.main import main

main(prog_name="claimflow")
