"""What contributors can claim and what the pot pays them."""
