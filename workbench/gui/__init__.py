"""What a person sees; never torch, never the engine, so that the window is painted before they are loaded."""
