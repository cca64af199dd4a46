"""What the team claims: text of a Markdown ledger in, items with their references out."""
