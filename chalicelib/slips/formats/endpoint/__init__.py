"""What runs on hosts and watches them: protection suites and sensors."""
