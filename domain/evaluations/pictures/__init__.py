"""Pictures of evaluations: which ones make sense, what they are drawn from, and where to fetch them."""
