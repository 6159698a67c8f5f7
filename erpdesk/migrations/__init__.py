"""Alembic migrations of the decision store."""
