"""Software as a service: what people work with, build with and store data in."""
