#include "tests/process/support/admission.h"

#include "clients/station/api/attachments.h"

namespace relais::test {

Address Admission::ward(const std::string& unit) { return territory_.hospital.mailbox(unit); }

station::Draft Admission::draft(const std::vector<std::string>& wards) {
    Post& practice = territory_.practice;
    auto made =
        must(station::new_thread_draft(practice.station(), "admission", practice.mailbox()));
    for (const std::string& unit : wards) made.to.push_back(ward(unit));
    made.acts = {{"call", example("call"), {{"urgency", "stat"}}},
                 {"deposit", example("deposit"), {}}};
    return made;
}

void Admission::call(const std::vector<std::string>& wards,
                     const std::vector<std::filesystem::path>& files) {
    Post& practice = territory_.practice;
    practice.synchronise();
    auto made = draft(wards);
    for (const auto& file : files) {
        made.acts[1].attachments.push_back(must(station::examine_file(file)));
    }
    id = made.thread;
    auto signer = practice.signer();
    opening = must(station::send_draft(practice.station(), made, signer));
    territory_.synchronise_all();
}

station::Draft Admission::prepare(Post& post, const std::string& unit, const std::string& act,
                                  const std::vector<std::string>& to,
                                  const std::map<std::string, std::string>& publics) {
    std::vector<Address> recipients;
    for (const std::string& name : to) recipients.push_back(ward(name));
    // A ward answers who called; who called and names nobody records something for itself.
    const Address opener = territory_.practice.mailbox();
    if (to.empty() && post.mailbox(unit) != opener) recipients.push_back(opener);
    return draft_of(post, id, post.mailbox(unit), act, std::move(recipients), publics);
}

std::vector<MessageId> Admission::queue(Post& post, const std::string& unit, const std::string& act,
                                        const std::vector<std::string>& to,
                                        const std::map<std::string, std::string>& publics) {
    auto signer = post.signer();
    return must(station::send_draft(post.station(), prepare(post, unit, act, to, publics), signer));
}

void Admission::act(Post& post, const std::string& unit, const std::string& act,
                    const std::vector<std::string>& to,
                    const std::map<std::string, std::string>& publics) {
    const auto ids = queue(post, unit, act, to, publics);
    post.synchronise();
    territory_.synchronise_all();
    for (const MessageId& message : ids) {
        const auto sent = must(post.station().store().outgoing(message));
        if (!sent || sent->state != station::SendState::accepted) {
            fail_test(act + " was not accepted: " +
                      std::string(sent ? error_info(sent->code).name : "not there"));
        }
    }
}

bool Admission::reads(Post& post, const std::string& act) {
    for (const auto& item : view(post).items) {
        if (item.opened && item.opened->header.act == act) return true;
    }
    return false;
}

}  // namespace relais::test
