"""What people do: one file for each workflow, its step table on top."""
