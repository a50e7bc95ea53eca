"""The pages on which the operator sees how the job stands. They show, and change nothing: that is what commands are for."""
