"""The engine both emulators run on: any service that a CSDL document and a dialect describe, over SQLite."""
