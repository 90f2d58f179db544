"""What the past says about the future: past orders replayed against other settings of the delivery promise."""
