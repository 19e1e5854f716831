#include "schemas/workflow/receipt.h"

#include <algorithm>

#include "core/base/contexts.h"
#include "core/merkle/tree.h"

namespace relais::workflow {

namespace {

struct Origin {
    StationId station;
    Address mailbox;
};

Result<Origin> origin_of(const Notice& notice, const Statement& statement, const MessageId& message,
                         const Digest& header) {
    if (notice.kind != NoticeKind::delivered) {
        RELAIS_ASSIGN(const OpenedStatement body, parse_opened(statement.body));
        if (body.message != message || body.header != header) {
            return fail(ErrorCode::proof_invalid, "message");
        }
        return Origin{body.station, body.mailbox};
    }
    RELAIS_ASSIGN(const DeliveredStatement body, parse_delivered(statement.body));
    const auto item = std::ranges::find(notice.delivered, message, &DeliveredItem::message);
    if (item == notice.delivered.end()) return fail(ErrorCode::proof_invalid, "message");
    const std::uint64_t size = body.last.value - body.first.value + 1;
    RELAIS_TRY(merkle::verify_inclusion(header, item->index, size, item->path, body.root));
    return Origin{body.station, body.mailbox};
}

}  // namespace

Result<void> check_receipt(const directory::DirectoryState& directory, const Verifier& verifier,
                           const Notice& notice, const MessageId& message, const Digest& header) {
    RELAIS_ASSIGN(const Statement statement, parse_statement(notice.statement));
    RELAIS_ASSIGN(const Origin origin, origin_of(notice, statement, message, header));
    const auto* record = directory.station_ever(origin.station);
    const bool of_mailbox = record != nullptr && origin.mailbox.text() == notice.mailbox &&
                            origin.mailbox.organisation() == record->organisation &&
                            std::ranges::find(record->station.units, origin.mailbox.unit()) !=
                                record->station.units.end();
    if (!of_mailbox) return fail(ErrorCode::proof_invalid, "station of " + notice.mailbox);
    const auto context =
        notice.kind == NoticeKind::delivered ? contexts::kDelivered : contexts::kOpened;
    return verify_statement(context, statement, record->station.signing, verifier);
}

}  // namespace relais::workflow
