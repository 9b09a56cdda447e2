"""The command line: ``jupyter reactive``."""
