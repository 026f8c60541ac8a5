//! A frozen model is what it was, and says of two records what it says without all others.
