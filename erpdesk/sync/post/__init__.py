"""Mail: how notices leave for the company's mail server, one at a time, and never twice."""
