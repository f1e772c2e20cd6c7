"""The command line: one word for each thing that can be done to a claim or asked about it."""
