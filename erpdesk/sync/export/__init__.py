"""The export protocol: intent first, one file, one rename, evidence last."""
