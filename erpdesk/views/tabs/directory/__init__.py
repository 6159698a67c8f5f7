"""Directory: the vendors as Sage holds them, with the companies linked to them."""
