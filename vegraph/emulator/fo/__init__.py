"""Finance and operations with Human Resources, emulated (erp.md §4.1)."""
