"""The window about the audit trail: its entries, its check, and what it proves."""
