"""A monkey at the phone: chance, by a seed, touches what the glass offers and does to the machine what life does to phones."""
