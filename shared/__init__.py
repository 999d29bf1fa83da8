"""What things mean: the domain structs and rules. Pure, and importing nothing else of ours."""
