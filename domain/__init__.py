"""What is true: rules, use cases, policies. Imports none of the other rooms."""
