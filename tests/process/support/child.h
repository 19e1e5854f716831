// child.h: a program under test as a process of its own: started with arguments, its standard error
// read line by line, ended by its id and by nothing else.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace relais::test {

// Where the programs of this build are.
[[nodiscard]] std::filesystem::path program(const std::string& name);

// A program run to its end: its exit code (-1: ended by a signal) and what it said on both outputs.
struct Said {
    int code = -1;
    std::string text;
    [[nodiscard]] bool says(const std::string& part) const {
        return text.find(part) != std::string::npos;
    }
};
// `input`: a file for its descriptor 3, where one is named.
Said run_program(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                 const std::filesystem::path& input = {},
                 const std::vector<std::string>& environment = {});

// A port of 127.0.0.1 that nothing listens on now, below those that the system gives out itself.
[[nodiscard]] int free_port();

class Child {
public:
    // `environment`: variables to add, "NAME=value" each.
    Child(const std::filesystem::path& program, const std::vector<std::string>& arguments,
          const std::vector<std::string>& environment = {});
    ~Child();  // kills it if it still runs
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    // Its standard error until a line that holds `text`; that line. Absent where it ended first, or
    // did not come within a minute, which is not how long anything takes.
    std::optional<std::string> wait_for_line(const std::string& text);
    // The rest of its standard error, once it has ended.
    [[nodiscard]] const std::string& said() const { return said_; }

    // Whether it runs no more, by itself or by a signal. Does not wait.
    [[nodiscard]] bool ended() const;
    void signal(int number) const;
    // The exit status as waitpid gives it. Reads its standard error to the end.
    int wait();
    int terminate();  // SIGTERM, then wait
    int kill();       // SIGKILL, then wait

private:
    bool read_some();

    pid_t pid_ = -1;
    int error_ = -1;
    std::optional<int> status_;
    std::string said_;
    std::size_t line_ = 0;
};

}  // namespace relais::test
