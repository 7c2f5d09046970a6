"""Numbers to pictures: figures compute nothing and return what they drew."""
