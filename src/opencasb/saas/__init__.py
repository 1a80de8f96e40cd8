"""SaaS management: reads discovered apps out of a Graph, Microsoft's or ours, as a product for it does (saas §1)."""
