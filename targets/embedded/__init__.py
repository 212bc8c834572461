"""The service that the suite asks by default, written by hand from the page.

It shares no schema, no derivation and no check with the suite, so that a mistake of the one shows in the other.
"""
