"""Services with one flaw each, by family: a few lines that change one stage, and the clauses that they break."""
