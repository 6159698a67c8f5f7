"""Everything that talks to Sage: the worker, the mirror, the export protocol, the connector."""
