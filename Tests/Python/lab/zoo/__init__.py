"""The zoo: a domain for every value of the taxonomy, each with the record that it must give."""
