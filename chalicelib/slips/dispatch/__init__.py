"""From a notification into a lane; dead letters and abandoned batches into the ErrorTable."""
