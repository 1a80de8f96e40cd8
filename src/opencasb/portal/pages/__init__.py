"""The pages: each file has its views, its forms, and nothing that decides anything."""
