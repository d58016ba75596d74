"""Pacers in a world of nothing but calls and agents: how busy they keep agents, and whom nobody takes in time."""
