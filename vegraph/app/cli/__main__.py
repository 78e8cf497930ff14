"""`python -m vegraph.app.cli`, where there is no `vegraph` on the path."""

from vegraph.app.cli.main import main

if __name__ == "__main__":  # a worker process imports this again
    main()
