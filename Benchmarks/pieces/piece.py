class Piece:
    """One question that the bench asks: how it is measured, what is aimed at, and how the answer is shown."""

    name = ""

    def measure(self, bench):
        """What goes into the results under the piece's name: plain values, since they are kept as JSON."""
        raise NotImplementedError

    def goals(self, result, goal):
        """Tells `goal(what, value, limit, shown, limit_shown, least=False)` each thing that is aimed at."""

    def tables(self, result, table):
        """Tells `table(title, note, head, rows)` what is to be read in full."""
