"""What the operator wrote: YAML in, a checked configuration out, every error with file:line."""
