"""Words that every layer uses: money, steps, errors, changes, clock."""
