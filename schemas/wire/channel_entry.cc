#include "schemas/wire/channel_entry.h"

#include "schemas/envelope/statements.h"

namespace relais {

namespace {

Digest digest_of(const EnvelopeEntry& entry) { return header_digest(entry.header.bytes); }
Digest digest_of(const NoticeEntry& entry) { return statement_digest(entry.statement); }
Digest digest_of(const MarkedEntry& entry) { return statement_digest(entry.statement); }
Digest digest_of(const Tombstone& entry) { return entry.digest; }

}  // namespace

Digest entry_digest(const ChannelEntry& entry) {
    return std::visit([](const auto& each) { return digest_of(each); }, entry);
}

}  // namespace relais
