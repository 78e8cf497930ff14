"""vegraph: one live GraphQL graph over ERP data that stays in the ERP."""

__version__ = "0.1.0"
