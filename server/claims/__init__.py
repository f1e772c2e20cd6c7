"""The claim rules: pure, standard library only; see workflow.py first."""
