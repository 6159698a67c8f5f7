"""One folder for each tool of the window; tools do not know each other."""
