"""The checker's reading of C++: comments and strings are not code, functions end where they end."""

import unittest

import clean_tree  # noqa: F401 (finds the checker)
from style import cxx


def functions(text):
    return [(f.name, f.first_line, f.last_line) for f in cxx.functions(cxx.split(text)[0])]


class Split(unittest.TestCase):
    def code(self, text):
        code, comments = cxx.split(text)
        self.assertEqual(len(code), len(text))
        self.assertEqual(len(comments), len(text))
        self.assertEqual(code.count("\n"), text.count("\n"))
        return " ".join(code.split())

    def test_comments_are_not_code(self):
        self.assertEqual(self.code("a; // b; \\\n c;\nd; /* e;\n f; */ g;"), "a; d; g;")

    def test_strings_are_blank_and_stay_operands(self):
        self.assertEqual(self.code(r'f("a \" // b", 1);'), 'f(" ", 1);')

    def test_a_raw_string_ends_at_its_mark(self):
        self.assertEqual(self.code('f(R"x(a)" {\n)x"); g();'), 'f(R "); g();')

    def test_a_digit_separator_is_no_character(self):
        self.assertEqual(self.code("a = 1'000 + '{' + 0xFF'FF + 1e-3;"),
                         "a = 1'000 + ' ' + 0xFF'FF + 1e-3;")

    def test_an_include_in_a_comment_is_none(self):
        text = '/*\n#include <a>\n*/\n#include "b/c.h"\n#  include <d>\n'
        self.assertEqual(cxx.includes(text, cxx.split(text)[0]),
                         [(4, "b/c.h", True), (5, "d", False)])


class Functions(unittest.TestCase):
    def test_a_function_goes_from_its_signature_to_its_brace(self):
        text = "namespace a {\n\n// b\nint f(int x,\n      int y) {\n  if (x) {\n  }\n}\n}\n"
        self.assertEqual(functions(text), [("f", 4, 8)])

    def test_members_of_a_type_are_functions_and_the_type_is_none(self):
        text = ("template <typename T>\nclass [[nodiscard]] A final : public B<T> {\npublic:\n"
                "  explicit operator bool() const { return true; }\n"
                "  int f() const noexcept override {\n    return 1;\n  }\n};\n")
        self.assertEqual([f[1:] for f in functions(text)], [(4, 4), (5, 7)])

    def test_a_constructor_includes_its_initialisers(self):
        text = "A::A(int a)\n    : a_{a},\n      b_(B{1}),\n      c_{} {\n  f();\n}\nint f() {\n}\n"
        self.assertEqual(functions(text), [("A::A", 1, 6), ("f", 7, 8)])

    def test_a_table_is_no_function(self):
        text = "constexpr Row kRows[] = {\n  {1, f(2)},\n};\nstd::vector<int> v{\n1};\n"
        self.assertEqual(functions(text), [])

    def test_a_lambda_in_a_namespace_is_a_function_and_one_in_a_function_is_part_of_it(self):
        text = "const auto f = [](int x) {\n  return x;\n};\nint g() {\n  return [] {\n  }();\n}\n"
        self.assertEqual([f[1:] for f in functions(text)], [(1, 3), (4, 7)])

    def test_a_test_is_a_function(self):
        self.assertEqual(functions("TEST(A, Holds) {\n  f();\n}\n"), [("A, Holds", 1, 3)])

    def test_default_arguments_and_return_types_open_no_scope(self):
        text = "struct tm f(Options o = {}) {\n}\nauto g() -> std::vector<int> {\n}\n"
        self.assertEqual(functions(text), [("f", 1, 2), ("g", 3, 4)])

    def test_operators_are_functions(self):
        text = "bool operator==(A a, A b) {\n}\nint A::operator()(int x) {\n}\n"
        self.assertEqual([f[1:] for f in functions(text)], [(1, 2), (3, 4)])

    def test_branches_of_the_preprocessor_each_pair(self):
        text = ("#if A\nint f() {\n#else\nint f(int x) {\n#endif\n}\n"
                "#define B { \\\n  {\nint g() {\n}\n")
        self.assertEqual([f[1:] for f in functions(text)], [(4, 6), (9, 10)])

    def test_braces_that_do_not_pair_are_an_error(self):
        for text in ("int f() {\n", "}\n"):
            with self.subTest(text=text), self.assertRaises(cxx.Unbalanced):
                functions(text)


if __name__ == "__main__":
    unittest.main()
