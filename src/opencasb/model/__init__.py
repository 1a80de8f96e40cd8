"""Values of the domain: frozen, typed, without any knowledge of storage or HTTP."""
