// relais_line.h: `relais` on a post, as a process of its own, which has the post's passphrase as a
// credential.
#pragma once

#include "core/files/files.h"
#include "tests/process/support/child.h"
#include "tests/process/support/must.h"
#include "tests/process/support/post.h"

namespace relais::test {

class RelaisLine {
public:
    // The folder is made where it lacks.
    explicit RelaisLine(const std::filesystem::path& credentials)
        : environment_("CREDENTIALS_DIRECTORY=" + credentials.string()) {
        std::filesystem::create_directory(credentials);
        must(write_file(credentials / "relais-passphrase", as_bytes(kPostPassphrase), 0600,
                        Replace::yes));
    }

    // Closes the post's own library first.
    Said operator()(Post& post, std::vector<std::string> arguments) const {
        post.close();
        arguments.insert(arguments.begin(), {"--station", post.folder().path.string()});
        return run_program(program("relais"), arguments, {}, {environment_});
    }
    [[nodiscard]] const std::string& environment() const { return environment_; }

private:
    std::string environment_;
};

}  // namespace relais::test
