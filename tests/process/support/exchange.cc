#include "tests/process/support/exchange.h"

#include "core/codecs/codecs.h"
#include "core/files/files.h"

namespace relais::test {

std::filesystem::path kind_folder(const std::string& kind) {
    return std::filesystem::path(RELAIS_SOURCE_DIR) / "schemas/kinds" / kind;
}

nlohmann::json example_of(const std::filesystem::path& folder, const std::string& act) {
    const Bytes text = must(read_file(folder / "examples" / (act + ".json"), 1 << 20));
    return nlohmann::json::parse(as_text(text));
}

nlohmann::json example_in(const station::ThreadView& seen, const std::filesystem::path& folder,
                          const std::string& act) {
    nlohmann::json values = example_of(folder, act);
    const auto* form = seen.kind->form_of(seen.kind->kind.acts[*seen.kind->kind.act(act)]);
    for (const forms::Field& field : form->root().fields) {
        if (!field.fingerprint) continue;
        const auto opened = [](const station::TimelineItem& item) {
            return item.opened.has_value();
        };
        const auto first = std::ranges::find_if(seen.items, opened);
        values[field.name] = hex(first->opened->header.content_digest.view());
    }
    return values;
}

station::Draft draft_of(Post& post, const ThreadId& thread, const Address& from,
                        const std::string& act, std::vector<Address> to, const Publics& publics,
                        const std::filesystem::path& folder) {
    const auto seen = must(station::view_thread(post.station(), thread, from));
    station::Draft made{
        .id = make_uuid_v7<MessageId>(post.station().random(), post.station().now()),
        .kind = seen.kind->kind.name,
        .kind_digest = seen.kind->kind.digest,
        .thread = thread,
        .answers = seen.last_act(),
        .from = from,
        .to = std::move(to)};
    const auto index = seen.kind->kind.act(act);
    if (!index) fail_test("no act " + act);
    const auto& declared = seen.kind->kind.acts[*index];
    const bool filled = seen.kind->form_of(declared) != nullptr;
    made.acts = {{act, filled ? example_in(seen, folder, act) : nlohmann::json(), publics}};
    return made;
}

station::Draft Exchange::prepare(Post& post, const Address& from, const std::string& act,
                                 std::vector<Address> to, const Publics& publics) {
    post.synchronise();
    auto draft =
        must(station::new_thread_draft(post.station(), folder_.filename().string(), from, act));
    draft.to = std::move(to);
    draft.acts = {{act, example_of(folder_, act), publics}};
    return draft;
}

void Exchange::open(Post& post, const Address& from, const std::string& act,
                    std::vector<Address> to, const Publics& publics) {
    open(post, prepare(post, from, act, std::move(to), publics));
}

void Exchange::open(Post& post, const station::Draft& draft) {
    accepted(post, draft);
    id = draft.thread;
    opener_ = draft.from;
    parties_ = draft.to;
}

station::Draft Exchange::prepare_next(Post& post, const Address& from, const std::string& act,
                                      const Publics& publics, std::vector<Address> to) {
    if (to.empty()) to = from == opener_ ? parties_ : std::vector<Address>{*opener_};
    return draft_of(post, id, from, act, std::move(to), publics, folder_);
}

void Exchange::act(Post& post, const Address& from, const std::string& act, const Publics& publics,
                   std::vector<Address> to) {
    accepted(post, prepare_next(post, from, act, publics, std::move(to)));
}

ErrorCode Exchange::send(Post& post, const station::Draft& draft) {
    auto signer = post.signer();
    const auto ids = must(station::send_draft(post.station(), draft, signer));
    post.synchronise();
    for (Post* each : posts_) each->synchronise();
    for (const MessageId& message : ids) {
        const auto sent = must(post.station().store().outgoing(message));
        if (!sent) fail_test("what was sent is not there");
        if (sent->state != station::SendState::accepted) return sent->code;
    }
    return ErrorCode::ok;
}

void Exchange::accepted(Post& post, const station::Draft& draft) {
    const ErrorCode code = send(post, draft);
    if (code == ErrorCode::ok) return;
    fail_test(draft.acts.front().act + " was not accepted: " + std::string(error_info(code).name));
}

std::string Exchange::state(Post& post, const Address& mailbox) {
    const auto seen = must(station::view_thread(post.station(), id, mailbox));
    if (!seen.state) fail_test("the post knows no state of it");
    return seen.kind->kind.thread_states[seen.state->state].name;
}

std::optional<station::TimelineItem> Exchange::item(Post& post, const Address& mailbox,
                                                    const std::string& act) {
    auto seen = must(station::view_thread(post.station(), id, mailbox));
    for (auto item = seen.items.rbegin(); item != seen.items.rend(); ++item) {
        if (item->opened && item->opened->header.act == act) return *item;
    }
    return std::nullopt;
}

}  // namespace relais::test
