"""Work items into and out of the Kinesis streams."""
