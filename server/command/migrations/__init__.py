"""Alembic migrations of schema `claimflow`, run by `python -m server.command migrate`."""
