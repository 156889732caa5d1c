"""The run that is on screen: made on the engine thread, recorded, played."""
