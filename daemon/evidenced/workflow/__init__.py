"""What follows for the team from what is known and kept."""
