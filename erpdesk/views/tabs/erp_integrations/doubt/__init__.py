"""The screens of doubt: what Sage does not simply hold as approved, and what a person does about it."""
