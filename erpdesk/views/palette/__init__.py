"""One box over everything: records by any of their words, and every act of the program."""
