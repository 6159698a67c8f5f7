"""Small windows and bars that belong to no tab."""
