"""Our client side against servers that nobody here wrote, and against servers that mean harm."""
