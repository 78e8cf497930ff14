"""Seed data of the demo and the tests: one business, told by both ERPs. Deterministic, no clock, no chance."""
