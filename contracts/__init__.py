"""What the published page promises: its facts, the schemas and clauses derived from them, valid and faulty bodies."""

from __future__ import annotations

from contracts.store import ContractError, load, operations

__all__ = ["ContractError", "load", "operations"]
