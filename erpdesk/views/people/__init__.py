"""How people come in, what each may do, and how a window is locked."""
