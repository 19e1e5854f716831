#include "broker/engine/parts.h"

#include "core/base/contexts.h"

namespace relais::broker {

bool fails_step(ErrorCode code) {
    switch (code) {
        case ErrorCode::io_failed:
        case ErrorCode::storage_full:
        case ErrorCode::corrupt:
        case ErrorCode::locked:
        case ErrorCode::wrong_permissions:
        case ErrorCode::already_exists:
        case ErrorCode::not_found: return true;
        default: return false;
    }
}

Result<std::shared_ptr<const workflow::Kind>> Kinds::get(const Digest& digest) {
    if (const auto known = loaded_.find(digest); known != loaded_.end()) return known->second;
    RELAIS_ASSIGN(const auto bundle, store_.bundle(digest));
    if (!bundle) return fail(ErrorCode::unknown_kind, "its bundle is not here");
    RELAIS_ASSIGN(workflow::Kind kind, workflow::Kind::load(*bundle));
    auto shared = std::make_shared<const workflow::Kind>(std::move(kind));
    loaded_.emplace(digest, shared);
    return shared;
}

Result<void> Parts::post(const Address& mailbox, Lane lane, Notice notice) {
    notice.time = time.wall();
    RELAIS_ASSIGN(Mailbox* const target, mailboxes.open(mailbox));
    const Statement statement =
        make_statement(contexts::kNotice, encode_notice(notice), broker_signer);
    RELAIS_TRY(mailboxes.append(*target, lane, NoticeEntry{encode_statement(statement)}));
    return {};
}

}  // namespace relais::broker
