// exchange.h: a case of any kind between posts, act by act, with the example forms of the kind's
// folder.
#pragma once

#include "tests/process/support/post.h"

namespace relais::test {

using Publics = std::map<std::string, std::string>;

// The folder of a kind that comes with Relais.
[[nodiscard]] std::filesystem::path kind_folder(const std::string& kind);
// The example form of an act.
[[nodiscard]] nlohmann::json example_of(const std::filesystem::path& folder,
                                        const std::string& act);
// The same where it is sent in that case: a slip is of a message of the case, as its author sees
// it.
[[nodiscard]] nlohmann::json example_in(const station::ThreadView& seen,
                                        const std::filesystem::path& folder,
                                        const std::string& act);
// An act of a thread that the post can see, with its example form, as a draft.
[[nodiscard]] station::Draft draft_of(
    Post& post, const ThreadId& thread, const Address& from, const std::string& act,
    std::vector<Address> to, const Publics& publics = {},
    const std::filesystem::path& folder = kind_folder("admission"));

class Exchange {
public:
    // Between `posts`, each of which has what it may have after every act.
    Exchange(std::filesystem::path folder, std::vector<Post*> posts)
        : folder_(std::move(folder)), posts_(std::move(posts)) {}

    // What opens a case from that mailbox, as a draft; and with its signature, accepted.
    station::Draft prepare(Post& post, const Address& from, const std::string& act,
                           std::vector<Address> to, const Publics& publics = {});
    void open(Post& post, const Address& from, const std::string& act, std::vector<Address> to,
              const Publics& publics = {});
    void open(Post& post, const station::Draft& draft);
    // A later act: a party's goes to the opener, the opener's to all parties or to those named.
    station::Draft prepare_next(Post& post, const Address& from, const std::string& act,
                                const Publics& publics = {}, std::vector<Address> to = {});
    void act(Post& post, const Address& from, const std::string& act, const Publics& publics = {},
             std::vector<Address> to = {});
    // Signs and sends; what the broker answered.
    ErrorCode send(Post& post, const station::Draft& draft);

    // The name of the state that the case is in, as the post sees it from that mailbox.
    [[nodiscard]] std::string state(Post& post, const Address& mailbox);
    // The act as the post opened it, the last where there are several; nothing: it cannot.
    [[nodiscard]] std::optional<station::TimelineItem> item(Post& post, const Address& mailbox,
                                                            const std::string& act);

    ThreadId id;

private:
    void accepted(Post& post, const station::Draft& draft);

    std::filesystem::path folder_;
    std::vector<Post*> posts_;
    std::optional<Address> opener_;
    std::vector<Address> parties_;
};

}  // namespace relais::test
