"""The chain from manuscript to page.

python -m publish editions   make the notebooks from the manuscript; --check says what is not current
python -m publish site       fetch the scripts that the pages serve themselves, then build; a warning is an error
python -m publish serve      show the built site on this machine only; --port 8000
python -m publish assets     only fetch the scripts
python -m publish clean      remove what was built and fetched
"""

from __future__ import annotations

import argparse
import sys

from publish import editions, site


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["editions"]:
        return editions.main(argv[1:])
    parser = argparse.ArgumentParser(prog="python -m publish", description="From manuscript to page.")
    parser.add_argument("what", choices=["editions", "site", "serve", "assets", "clean"])
    parser.add_argument("--port", type=int, default=8000, help="where to serve; 8000 unless told")
    args = parser.parse_args(argv)
    if args.what == "serve":
        return site.serve(args.port)
    return {"site": site.site, "assets": lambda: 0 if site.assets() else 1, "clean": site.clean}[args.what]()


if __name__ == "__main__":
    raise SystemExit(main())
