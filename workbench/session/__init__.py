"""Runs, the threads they run on and the folders they live in; knows the engine, never Qt."""
