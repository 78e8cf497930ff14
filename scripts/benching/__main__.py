"""`scripts/bench SUBJECT`: one subject after the other, each in a module of its name."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from benching.report import Report

SUBJECTS = {
    "read": "queries by hand, through vegraph, and through strawberry with loaders, over the same emulators",
    "peers": "vegraph and GraphQL Mesh over one SAP CAP service, beside the OData request itself",
    "write": "an update with read-back beside the request written by hand",
    "identity": "what knowing who asks costs on a warm request, and on a cold one",
    "catalog": "start, memory, introspection and mistakes at 100 to 4,000 entity types",
    "emulator": "the emulators themselves, up to 1,000,000 orders",
}


def main() -> None:
    """Runs what the arguments name."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    subjects = parser.add_subparsers(dest="subject", required=True)
    wanted = next((a for a in sys.argv[1:] if not a.startswith("-")), None)
    for name, about in SUBJECTS.items():
        sub = subjects.add_parser(name, help=about, description=about)
        sub.add_argument("--json", action="store_true", help="print the results as JSON")
        if name == wanted:
            import_module(f"benching.{name}").add_arguments(sub)
    options = parser.parse_args()
    report = Report(options.subject, as_json=options.json)
    try:
        import_module(f"benching.{options.subject}").run(options, report)
    except RuntimeError as problem:
        sys.exit(f"scripts/bench {options.subject}: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)
    report.finish()


if __name__ == "__main__":
    main()
