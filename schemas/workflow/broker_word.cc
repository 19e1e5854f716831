#include "schemas/workflow/broker_word.h"

#include <algorithm>
#include <ranges>

#include "core/base/contexts.h"

namespace relais::workflow {

Result<WallTime> check_broker_signature(const directory::DirectoryState& directory,
                                        const Verifier& verifier, ByteView message,
                                        const Signature& signature) {
    Result<WallTime> verdict = fail(ErrorCode::ahead_of_directory, "no domain entry");
    std::vector<P256Public> tried;
    for (const auto& [validity, domain] :
         directory.domain_history().versions() | std::views::reverse) {
        // An older entry's end of the same key is not the one that was given last.
        if (std::ranges::find(tried, domain.broker_key) != tried.end()) continue;
        tried.push_back(domain.broker_key);
        const auto genuine = verifier.verify(domain.broker_key, message, signature);
        if (genuine.ok()) return domain.broker_key_until;
        verdict = genuine.error();
    }
    return verdict;
}

Result<WallTime> check_broker_word(const directory::DirectoryState& directory,
                                   const Verifier& verifier, const Statement& statement) {
    return check_broker_signature(directory, verifier,
                                  signed_message(contexts::kNotice, statement.body),
                                  statement.signature);
}

Result<BrokerWord> open_broker_word(const directory::DirectoryState& directory,
                                    const Verifier& verifier, ByteView bytes) {
    RELAIS_ASSIGN(const Statement statement, parse_statement(bytes));
    RELAIS_ASSIGN(const WallTime until, check_broker_word(directory, verifier, statement));
    RELAIS_ASSIGN(Notice notice, parse_notice(statement.body));
    if (notice.time > until) return fail(ErrorCode::revoked, "the broker's key is over");
    return BrokerWord{std::move(notice), until};
}

}  // namespace relais::workflow
