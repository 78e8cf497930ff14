"""Batch requests in both formats: JSON (4.01 JSON format, section 19) and multipart (4.0 part 1, section 11.7)."""
