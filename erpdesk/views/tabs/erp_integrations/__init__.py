"""ERP Integrations: what waits for accounting, and what became of it."""
