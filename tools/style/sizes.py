"""Sizes: columns, functions, files; and the comment a file begins with."""

import ast

from style import cxx
from style.rule import rule

COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
HEADER_LINES_MAX = 300
SOURCE_LINES_MAX = 600
NESTING_MAX = 3


def _is_measured(file):
    kinds = (file.is_cxx, file.is_cmake, file.is_python, file.is_shell, file.suffix == ".fbs")
    return any(kinds) and not file.is_generated


@rule("columns", f"at most {COLUMNS_MAX} characters a line: C++, CMake, Python, shell, schemas")
def columns(tree, options):
    for file in filter(_is_measured, tree.files):
        for number, line in enumerate(file.lines, 1):
            if len(line) > COLUMNS_MAX:
                yield file.path, number, f"{len(line)} columns, {COLUMNS_MAX} at most"


@rule("file-length", f"headers of at most {HEADER_LINES_MAX} lines, others of {SOURCE_LINES_MAX}")
def file_length(tree, options):
    for file in filter(_is_measured, tree.files):
        allowed = HEADER_LINES_MAX if file.is_header else SOURCE_LINES_MAX
        if len(file.lines) > allowed:
            yield file.path, allowed + 1, f"{len(file.lines)} lines, {allowed} at most"


@rule("function-length", f"functions of at most {FUNCTION_LINES_MAX} lines: C++ and Python")
def function_length(tree, options):
    for file in filter(_is_measured, tree.files):
        if file.is_cxx and file.unbalanced:
            yield file.path, file.unbalanced.line, "cannot tell functions apart: braces do not pair"
        for function in _functions(file):
            if function.lines > FUNCTION_LINES_MAX:
                text = f"{function.name}: {function.lines} lines, {FUNCTION_LINES_MAX} at most"
                yield file.path, function.first_line, text


def _functions(file):
    if file.is_cxx:
        return file.functions
    nodes = ast.walk(file.syntax) if file.is_python else ()
    return [cxx.Function(node.name, node.lineno, node.end_lineno) for node in nodes
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


@rule("nesting", f"at most {NESTING_MAX} control blocks within each other: C++")
def nesting(tree, options):
    for file in tree.cxx_files:
        for offset in cxx.deep_blocks(file.code, NESTING_MAX):
            yield file.path, file.line_of(offset), f"nested deeper than {NESTING_MAX} levels"


@rule("head-comment", "a file begins with a comment; name.cc may leave it to its name.h")
def head_comment(tree, options):
    for file in tree.cxx_files:
        if not file.head_comment and not _has_it_in_its_header(file):
            yield file.path, 1, "begins with no comment that says what it is and why it exists"


def _has_it_in_its_header(file):
    headers = {f"{file.path.rpartition('.')[0]}{suffix}" for suffix in (".h", ".hpp")}
    return file.is_source and any(path in headers for _, path, _ in file.includes)
