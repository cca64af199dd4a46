"""What is asserted on what was seen: pure functions that give judgements."""
