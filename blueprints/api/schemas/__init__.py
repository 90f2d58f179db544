"""What is asked and answered, as marshmallow schemas; the document is made from them."""
