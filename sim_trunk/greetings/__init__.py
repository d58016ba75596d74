"""Labelled greetings: what people and machines say when a call is answered, as a telephone line carries it.

Synthetic, from espeak-ng's voices, and to be called so wherever a figure comes from them. The same seed gives the
same samples with the same espeak-ng. `split` keeps what trains the detector apart from what scores it.
"""
