"""What is kept: records of changed standings with their proof, spans of runs, and the store."""
