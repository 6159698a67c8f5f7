"""What Sage holds, kept in a local file that can be rebuilt at any time."""
