"""What is kept in Redis, and what stands in for it while Redis is away."""
