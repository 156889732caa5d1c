"""Models on the hub: what is there, what of it is here, and the way from there to here. No torch."""
