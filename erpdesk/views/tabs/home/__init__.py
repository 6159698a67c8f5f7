"""Home: what waits for the person, what went wrong, how fresh Sage's data is."""
