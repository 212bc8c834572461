"""What came out of a run: the verdict document, its schema, and the pages made of it."""
