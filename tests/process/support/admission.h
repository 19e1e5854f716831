// admission.h: one case of the kind `admission`, step by step, by the example forms.
#pragma once

#include "tests/process/support/exchange.h"
#include "tests/process/support/running_territory.h"

namespace relais::test {

class Admission {
public:
    explicit Admission(RunningTerritory& territory) : territory_(territory) {}

    // The draft of the opening acts, to both wards unless told otherwise.
    station::Draft draft(const std::vector<std::string>& wards = {"geriatrie", "medecine"});
    // Sends it, with these files in the deposit, and waits until both sides have what they may
    // have.
    void call(const std::vector<std::string>& wards = {"geriatrie", "medecine"},
              const std::vector<std::filesystem::path>& files = {});
    // A later act with its example form, as a draft.
    station::Draft prepare(Post& post, const std::string& unit, const std::string& act,
                           const std::vector<std::string>& to = {},
                           const std::map<std::string, std::string>& publics = {});
    // One later act with its example form, signed by the post's person and accepted.
    std::vector<MessageId> queue(Post& post, const std::string& unit, const std::string& act,
                                 const std::vector<std::string>& to = {},
                                 const std::map<std::string, std::string>& publics = {});
    void act(Post& post, const std::string& unit, const std::string& act,
             const std::vector<std::string>& to = {},
             const std::map<std::string, std::string>& publics = {});
    // Whether the post can show the content of such an act.
    [[nodiscard]] bool reads(Post& post, const std::string& act);
    station::ThreadView view(Post& post) { return must(station::view_thread(post.station(), id)); }

    ThreadId id;
    std::vector<MessageId> opening;  // call, deposit

private:
    [[nodiscard]] Address ward(const std::string& unit);
    RunningTerritory& territory_;
};

}  // namespace relais::test
