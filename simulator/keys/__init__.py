"""Keys and certificates of the simulated world, all of them made from the seed.

Nothing here is secret: whoever knows the seed knows every key. Live mode uses none of it but `live_authority`.
"""
