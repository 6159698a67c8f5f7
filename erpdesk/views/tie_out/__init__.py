"""The window with the tie-out report: what was accepted for Sage beside what Sage holds."""
