"""The pages about the connection with Sage."""
