#include "tests/bench/notes.h"

#include <algorithm>
#include <set>

#include "core/base/system.h"
#include "schemas/envelope/envelope.h"

namespace relais::bench {

namespace {

WallTime now() {
    SystemClock clock;
    return clock.read().wall;
}

std::vector<KeyBox> boxes_for(std::size_t recipients, test::SeededRandom& random) {
    std::vector<KeyBox> boxes;
    for (std::size_t i = 0; i <= recipients; ++i) {
        boxes.push_back({static_cast<std::uint16_t>(i),
                         {1},
                         kSuiteP256,
                         random.bytes(kSuiteP256EncBytes),
                         random.bytes(kSuiteP256SealedKeyBytes),
                         Release::at_once});
    }
    return boxes;
}

std::uint64_t fresh_seed() {
    SystemRandom random;
    return read_u64(random.make<Salt>().view());  // ids must differ from one run to the next
}

}  // namespace

Correspondence::Correspondence(const Domain& domain, Producer& producer, std::vector<Address> to,
                               Lane lane)
    : domain_(domain),
      producer_(producer),
      to_(std::move(to)),
      lane_(lane),
      random_(fresh_seed()),
      thread_(make_uuid_v7<ThreadId>(random_, now())),
      content_(random_.bytes(kPaddedBytes + kContentTagBytes)) {}

Header Correspondence::make_header(const Digest& kind, const ThreadId& thread,
                                   const std::string& act) {
    const WallTime time = now();
    Header header{.id = make_uuid_v7<MessageId>(random_, time),
                  .thread = thread,
                  .follows = std::nullopt,
                  .kind = kind,
                  .act = act,
                  .answers = std::nullopt,
                  .by = producer_.doctor,
                  .on_behalf_of = std::nullopt,
                  .station = producer_.seat.station,
                  .from = producer_.seat.mailbox,
                  .to = {},
                  .lane = lane_,
                  .respond_within = std::chrono::seconds(0),
                  .expires_after = std::chrono::seconds(0),
                  .time = time,
                  .head = domain_.head(),
                  .publics = {},
                  .content_digest = random_.make<Digest>(),
                  .content_bytes = kPaddedBytes};
    for (const Address& mailbox : to_) {
        header.to.push_back({mailbox, ++producer_.counters[{mailbox, lane_}]});
    }
    return header;
}

std::vector<Bytes> Correspondence::seal(const std::vector<Bytes>& headers,
                                        std::size_t signed_at_once) {
    const auto boxes = boxes_for(to_.size(), random_);
    const std::size_t group = std::max<std::size_t>(signed_at_once, 1);
    std::vector<Bytes> envelopes;
    for (std::size_t from = 0; from < headers.size(); from += group) {
        const std::size_t end = std::min(from + group, headers.size());
        std::vector<Digest> digests;
        for (std::size_t i = from; i < end; ++i) digests.push_back(header_digest(headers[i]));
        const auto signatures = signed_at_once == 0 ? std::vector<HeaderSignature>(1)
                                                    : sign_headers(digests, *producer_.doctor_key);
        for (std::size_t i = from; i < end; ++i) {
            envelopes.push_back(
                encode_envelope({headers[i], signatures[i - from]}, content_, boxes));
        }
    }
    return envelopes;
}

Bytes Correspondence::opening() {
    const Header header = make_header(domain_.note_kind(), thread_, "open");
    return seal(std::vector<Bytes>{encode_header(header)}, 1)[0];
}

std::vector<Bytes> Correspondence::notes(std::size_t count, std::size_t signed_at_once) {
    std::vector<Bytes> headers;
    for (std::size_t i = 0; i < count; ++i) {
        headers.push_back(encode_header(make_header(domain_.note_kind(), thread_, "note")));
    }
    return seal(headers, signed_at_once);
}

Bytes Correspondence::post() {
    std::set<Address> readers;
    for (const Seat& seat : domain_.posts) readers.insert(seat.mailbox);
    std::vector<KeyBox> boxes = boxes_for(readers.size(), random_);
    for (std::size_t position = 1; const Address& reader : readers) {
        boxes[position++].mailbox = reader;
    }
    const auto thread = make_uuid_v7<ThreadId>(random_, now());
    const Bytes header = encode_header(make_header(domain_.note_kind(), thread, "post"));
    const Digest digest = header_digest(header);
    const auto signature = sign_headers({&digest, 1}, *producer_.doctor_key)[0];
    return encode_envelope({header, signature}, content_, boxes);
}

std::vector<Bytes> Correspondence::cases(std::size_t count) {
    std::vector<Bytes> headers;
    for (std::size_t i = 0; i < count; ++i) {
        const auto thread = make_uuid_v7<ThreadId>(random_, now());
        Header header = make_header(domain_.admission_kind(), thread, "call");
        header.publics = {{1, 1}};  // urgency: stat
        headers.push_back(encode_header(header));
    }
    return seal(headers, 1);
}

}  // namespace relais::bench
