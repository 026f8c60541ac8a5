//! What is stored is found, and what is damaged is refused.
