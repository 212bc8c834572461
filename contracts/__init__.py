"""What the published page promises: its facts, the schemas and clauses derived from them, valid and faulty bodies."""

from __future__ import annotations

from contracts.lifecycle import askable, load
from contracts.store import ContractError, operations

__all__ = ["ContractError", "askable", "load", "operations"]
