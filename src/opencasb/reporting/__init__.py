"""Discovery data for report tools and spreadsheets: flat tables, one schema for every transport."""
