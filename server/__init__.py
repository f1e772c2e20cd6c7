"""The programs behind claimflow: the rules, the write side, the read side and what they share."""
