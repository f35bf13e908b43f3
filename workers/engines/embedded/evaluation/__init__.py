"""How good an agent is, beside what needs no agent."""
