"""How patterns become weights."""
