"""The pages: each file has its views and forms, and no business rules."""
