"""What AWS services write into buckets, log groups and streams."""
