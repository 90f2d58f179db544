"""Measurements, each printed beside a limit or a peer that ran in the same minutes on the same machine."""
