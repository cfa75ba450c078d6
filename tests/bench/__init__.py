"""Benchmarks: every figure the documents name, measured. Each ends with one line `RESULT {json}`."""
