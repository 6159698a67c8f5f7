"""Looks at everything between erpdesk and Sage, and says of each part "pass" or what to do."""
