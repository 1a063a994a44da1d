"""What each problem code means, with an example of what is wrong and of what is right: for `explain` and for the docs."""
