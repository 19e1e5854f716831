#include "clients/station/api/case_file.h"

#include <algorithm>

namespace relais::station {

namespace {

// A head that covers the leaf is signed every few seconds.
Result<std::string> proof_of(Station& station, const MessageId& id, Milliseconds& patience) {
    RELAIS_ASSIGN(const auto message, provable_message(station, id));
    for (;;) {
        auto proof = fetch_proof(station, message);
        const bool early = proof.code() == ErrorCode::not_yet_proven;
        if (!early || patience <= Milliseconds(0)) return proof;
        RELAIS_TRY(station.turn(kAskAgain));
        patience -= kAskAgain;
    }
}

// Of one act: the notices that prove who has it.
Result<void> add_notices(Station& station, const Opened& opened,
                         const std::vector<StoredEntry>& entries, std::vector<Bytes>& notices) {
    for (const StoredEntry& entry : entries) {
        const auto* told = std::get_if<NoticeEntry>(&entry.delivery.entry);
        if (told == nullptr) continue;
        const auto notice = station.judge().open_notice(*told);
        const bool of_a_station = notice.ok() && !notice->statement.empty();
        if (!of_a_station) continue;
        const bool proves =
            station.judge().check_evidence(*notice, opened.header.id, opened.digest).ok();
        if (!proves || std::ranges::find(notices, told->statement) != notices.end()) continue;
        notices.push_back(told->statement);
    }
    return {};
}

}  // namespace

Result<CaseFile> case_file(Station& station, const ThreadId& thread,
                           const std::optional<Address>& mailbox,
                           std::chrono::milliseconds patience) {
    RELAIS_ASSIGN(const ThreadView view, view_thread(station, thread, mailbox));
    RELAIS_ASSIGN(const auto entries, station.store().entries_of_thread(thread));
    CaseFile file;
    for (const TimelineItem& item : view.items) {
        if (!item.opened) continue;
        const Header& header = item.opened->header;
        RELAIS_ASSIGN(std::string proof, proof_of(station, header.id, patience));
        file.acts.push_back({header.id, header.act, header.from, std::move(proof)});
        RELAIS_ASSIGN(const auto delivered, station.store().delivered_notices(header.id));
        RELAIS_TRY(add_notices(station, *item.opened, delivered, file.notices));
        RELAIS_TRY(add_notices(station, *item.opened, entries, file.notices));
    }
    if (file.acts.empty()) return fail(ErrorCode::unknown_object, "no act of the thread");
    RELAIS_ASSIGN(file.directory, station.store().directory_entries(0));
    return file;
}

}  // namespace relais::station
