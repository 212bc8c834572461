"""Whom a run asks, and the wire to it."""
