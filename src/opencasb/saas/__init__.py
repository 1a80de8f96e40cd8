"""SaaS management: reads discovered apps from a Graph API, Microsoft's or ours, as such a product does (saas §1)."""
