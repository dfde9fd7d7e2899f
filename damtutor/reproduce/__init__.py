"""The tables and figures of papers, made again: source's value, ours, its interval. One folder a paper."""
