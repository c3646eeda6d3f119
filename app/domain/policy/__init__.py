"""Who may do what on which cluster, by an operator's file."""
