"""Error bars, and where a measured rate crosses one half. Knows no model."""
