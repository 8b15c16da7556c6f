"""JSON documents and sequences of JSON values, cut into records."""
