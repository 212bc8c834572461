"""What came out of a run: the verdict document, its schema, and the pages made of it."""

NAME = "restoration-contract-suite"
VERSION = "0.1.0"
"""What the suite calls itself in files that name the tool that wrote them; as in ``pyproject.toml``."""
