"""What people are told of, in the application and by mail, as each of them chooses."""
