"""A run in several processes by pytest-xdist: who asks what, what they share, and how it becomes one verdict."""
