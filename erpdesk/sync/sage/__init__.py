"""The connector to Sage 300 CRE: reads over DB-API, writes import files."""
