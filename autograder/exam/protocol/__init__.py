"""What crosses between the two sides of an exam: bytes, values, references, validation."""
