"""The shop window: home, listings, product pages."""
