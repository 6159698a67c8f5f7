"""What the export knows of each kind of item: its mailbox place, its evidence, and how it is read back."""
