"""The house style, checked by a program: tools/tidy is the command, each module holds rules."""
