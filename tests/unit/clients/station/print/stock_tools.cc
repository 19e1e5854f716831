#include "tests/unit/clients/station/print/stock_tools.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

#include "core/files/files.h"
#include "tests/support/folder.h"

namespace relais::print::test {

namespace {

constexpr std::size_t kBytesMax = 64 << 20;

// Runs it to its end; what it says goes to a file.
void run(std::vector<std::string> line, const std::string& said) {
    std::vector<char*> arguments;
    for (std::string& word : line) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ASSERT_EQ(::posix_spawn_file_actions_init(&actions), 0);
    ASSERT_EQ(::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, said.c_str(),
                                                 O_WRONLY | O_CREAT | O_TRUNC, 0600),
              0);
    pid_t child = 0;
    const int begun =
        ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ASSERT_EQ(begun, 0) << line[0] << " is not installed: tools/setup";
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0) << line[0];
}

std::string text_of(const std::string& path) {
    const auto bytes = read_file(path, kBytesMax);
    return bytes.ok() ? std::string(as_text(*bytes)) : std::string();
}

}  // namespace

std::vector<std::string> pages_of(ByteView pdf) {
    const relais::test::TestFolder folder;
    EXPECT_TRUE(write_file(folder.file("a.pdf"), pdf, 0600, Replace::no).ok());
    run({"pdftotext", "-layout", "-enc", "UTF-8", folder.file("a.pdf"), folder.file("a.txt")},
        folder.file("said"));
    std::vector<std::string> pages;
    std::istringstream text(text_of(folder.file("a.txt")));
    for (std::string page; std::getline(text, page, '\f');) pages.push_back(page);
    return pages;
}

std::string codes_of(ByteView pdf) {
    const relais::test::TestFolder folder;
    EXPECT_TRUE(write_file(folder.file("a.pdf"), pdf, 0600, Replace::no).ok());
    run({"pdftoppm", "-r", "150", "-png", folder.file("a.pdf"), folder.file("page")},
        folder.file("said"));
    std::vector<std::string> pictures;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        if (entry.path().extension() == ".png") pictures.push_back(entry.path().string());
    }
    std::ranges::sort(pictures);
    std::string codes;
    // The last page has it; zbarimg ends with an error where a page has none.
    if (pictures.empty()) return codes;
    run({"zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", pictures.back()},
        folder.file("codes"));
    return text_of(folder.file("codes"));
}

std::string packed(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c != ' ' && c != '\n' && c != '\f') out += c;
    }
    return out;
}

std::string spaced(const std::string& text) {
    std::istringstream words(text);
    std::string out;
    for (std::string word; words >> word;) out += (out.empty() ? "" : " ") + word;
    return out;
}

}  // namespace relais::print::test
